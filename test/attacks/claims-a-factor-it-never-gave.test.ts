// Attack: a token that says more about the sign-in than the identity provider did: a context that was not proven, or one of another person.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createStepUp } from '../../src/identity/step-up.ts';
import { createBrowser } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { IdentityHouse } from '../support/identity-house.ts';
import {
  answer,
  authorizationRequest,
  authorize,
  exchange,
  open,
  postToken,
  refresh,
  register,
} from '../support/oauth-client.ts';
import type { Registered } from '../support/oauth-client.ts';
import type { Browser } from '../support/browser.ts';

const seed = path.join(import.meta.dirname, '../golden/conditional-access/seed.json');
const settings = {
  verdictSeconds: 1,
  conditionalAccess: { policies: [seed], contexts: { mfa: 'c1', compliantDevice: 'c2' } },
};
const person = (sub: string) => ({ sub, preferred_username: `${sub}@example.com`, groups: ['azure-mcp-admins'] });

async function openHouse(more: Record<string, unknown> = {}): Promise<IdentityHouse> {
  const house = await startIdentityHouse({ settings: { ...settings, ...more } });
  house.provider.person = person('dana');
  return house;
}

/** The provider proves these, whatever it is asked. */
const proves = (house: IdentityHouse, ...acrs: string[]): void => {
  house.provider.tamper = (claims) => ({ ...claims, acrs });
};

const wanted = 'mcp auth:c1 auth:c2';
const resourceOf = (house: IdentityHouse): string => `${house.publicUrl}/mcp/files`;

async function tokens(house: IdentityHouse, registered: Registered, scope?: string, browser?: Browser) {
  return exchange(await authorize(registered, { resource: resourceOf(house), scope }, browser));
}

const verdictOf = async (house: IdentityHouse, token: string): Promise<string> => {
  const verdict = await house.identity.verify(`Bearer ${token}`, resourceOf(house));
  return verdict.outcome === 'allow' ? 'allow' : verdict.code;
};

test('control: what the provider proves is believed, and lasts through a refresh', async () => {
  await using house = await openHouse();
  proves(house, 'c1', 'c2');
  const registered = await register(house.publicUrl);
  const { access_token: token, refresh_token: next } = await tokens(house, registered, wanted);
  assert.equal(await verdictOf(house, token), 'allow');
  const renewed = (await (await refresh(registered, next!)).json()) as { access_token: string };
  assert.equal(await verdictOf(house, renewed.access_token), 'allow');
});

test('a scope that names a factor gives nobody a token when the provider proved another, none, or only one of two', async () => {
  await using house = await openHouse();
  const registered = await register(house.publicUrl);
  for (const proven of [[], ['c1'], ['c3', 'c4'], ['c1 c2'], ['c1\tc2'], ['urn:c1', 'xc2']]) {
    proves(house, ...proven);
    const arrival = await open(
      createBrowser(),
      await authorizationRequest(registered, { resource: resourceOf(house), scope: wanted }),
    );
    assert.equal(arrival.url.searchParams.get('error'), 'unmet_authentication_requirements', proven.join('+'));
    assert.equal(arrival.url.searchParams.get('code'), null);
  }
  const refused = house.records.filter(({ action }) => action === 'identity.stepUp');
  assert.equal(refused.length, 6);
  assert.deepEqual(refused[1]!.details['missing'], ['c2']);
});

test('the client can neither bring a proof along nor ask for one under another name', async () => {
  await using house = await openHouse();
  const registered = await register(house.publicUrl);
  const resource = resourceOf(house);
  const tricks = [
    { acr_values: 'c1 c2', claims: JSON.stringify({ id_token: { acr: { values: ['c1', 'c2'] } } }) },
    { scope: 'mcp AUTH:C1 auth:c1,c2 auth:c1;auth:c2' },
    { scope: 'mcp auth:c9 auth:' },
    { acrs: 'c1 c2', scope: 'mcp' },
  ];
  for (const parameters of tricks) {
    const asked = await authorizationRequest(registered, { resource, ...parameters });
    const browser = createBrowser();
    let arrival = await open(browser, asked);
    if (arrival.page !== undefined && arrival.page.includes('name="decision"'))
      arrival = await answer(browser, arrival, 'approve');
    if (!arrival.url.searchParams.has('code')) continue; // refused altogether
    const redirectUri = asked.url.searchParams.get('redirect_uri')!;
    const issued = await exchange({ ...registered, browser, redirectUri, callback: arrival.url, asked });
    assert.equal(await verdictOf(house, issued.access_token), 'identity_step_up_required', JSON.stringify(parameters));
    assert.doesNotMatch(issued.scope ?? '', /auth:/);
  }
});

test('a refresh cannot widen the scope to a factor, and one that would be refused again is refused at once', async () => {
  await using house = await openHouse();
  const registered = await register(house.publicUrl);
  const { refresh_token: kept } = await tokens(house, registered);
  const asked = { grant_type: 'refresh_token', client_id: registered.client.client_id, refresh_token: kept! };
  const widened = await postToken(registered.server, { ...asked, scope: wanted });
  assert.equal(((await widened.json()) as { error: string }).error, 'invalid_scope');
  const again = await postToken(registered.server, asked);
  assert.equal(((await again.json()) as { error: string }).error, 'invalid_grant');
  // Control: the same refresh of somebody whom no policy concerns.
  house.provider.person = { ...person('omar'), groups: [] };
  const other = await tokens(house, registered);
  assert.equal((await refresh(registered, other.refresh_token!)).status, 200);
});

test('the next person in a browser has nothing of the sign-in before', async () => {
  await using house = await openHouse();
  const registered = await register(house.publicUrl);
  const browser = createBrowser();
  proves(house, 'c1', 'c2');
  assert.equal(await verdictOf(house, (await tokens(house, registered, wanted, browser)).access_token), 'allow');
  // Control: in the same browser, the same person needs to prove nothing anew.
  const asked = house.provider.requests.length;
  assert.equal(await verdictOf(house, (await tokens(house, registered, wanted, browser)).access_token), 'allow');
  assert.equal(house.provider.requests.length, asked, 'the session knew it');

  house.provider.person = person('erin');
  house.provider.tamper = (claims) => claims;
  const resource = resourceOf(house);
  const next = await exchange(await authorize(registered, { resource, scope: 'mcp', prompt: 'login' }, browser));
  assert.equal(await verdictOf(house, next.access_token), 'identity_step_up_required');
  const arrival = await open(browser, await authorizationRequest(registered, { resource, scope: wanted }));
  assert.equal(arrival.url.searchParams.get('error'), 'unmet_authentication_requirements');
});

test('after a new sign-in without it the factor is gone, also for its own person', async () => {
  await using house = await openHouse();
  const registered = await register(house.publicUrl);
  const browser = createBrowser();
  proves(house, 'c1', 'c2');
  await tokens(house, registered, wanted, browser);
  house.provider.tamper = (claims) => claims;
  const resource = resourceOf(house);
  const next = await exchange(await authorize(registered, { resource, scope: 'mcp', prompt: 'login' }, browser));
  assert.equal(await verdictOf(house, next.access_token), 'identity_step_up_required');
});

test('a proof that has become too old is none, until the person signs in anew', async () => {
  const policy = {
    ...(JSON.parse(readFileSync(seed, 'utf8')) as object),
    sessionControls: { signInFrequency: { isEnabled: true, type: 'days', value: 30, frequencyInterval: 'timeBased' } },
  };
  const access = { policies: [policy], contexts: settings.conditionalAccess.contexts };
  await using house = await openHouse({ conditionalAccess: access, accessTokenSeconds: 86_400 });
  proves(house, 'c1', 'c2');
  const registered = await register(house.publicUrl);
  const browser = createBrowser();
  const first = await tokens(house, registered, wanted, browser);
  assert.equal(await verdictOf(house, first.access_token), 'allow');
  house.advance(30 * 86_400_000 + 60_000);
  assert.notEqual((await refresh(registered, first.refresh_token!)).status, 200);
  const resource = resourceOf(house);
  const before = house.provider.requests.length;
  await tokens(house, registered, wanted, browser);
  const asked = house.provider.requests.slice(before);
  assert.equal(asked[0]!.get('max_age'), String(30 * 86_400));
  // It did not say when the person gave their credentials, so it is asked to have them given.
  assert.deepEqual(
    asked.map((query) => query.get('prompt')),
    [null, 'login'],
  );

  // One that answers from an old session of its own, whatever it is asked, gets nobody in.
  house.provider.tamper = (claims) => ({ ...claims, acrs: ['c1', 'c2'], auth_time: 1 });
  const arrival = await open(createBrowser(), await authorizationRequest(registered, { resource, scope: wanted }));
  assert.equal(arrival.url.searchParams.get('error'), 'unmet_authentication_requirements');
  // Control: one that says it was just now.
  house.provider.tamper = (claims) => ({
    ...claims,
    acrs: ['c1', 'c2'],
    auth_time: Math.floor(Date.now() / 1000) + 30 * 86_400,
  });
  const last = await tokens(house, registered, wanted);
  assert.equal(house.provider.requests.at(-1)!.get('prompt'), null, 'asked once, quietly');
  assert.ok(last.access_token);
});

test('a factor of hours ago is not taken for a new one where nobody says when it was given, or says a time to come', async () => {
  const policy = {
    ...(JSON.parse(readFileSync(seed, 'utf8')) as object),
    sessionControls: { signInFrequency: { isEnabled: true, type: 'hours', value: 1, frequencyInterval: 'timeBased' } },
  };
  const access = { policies: [policy], contexts: settings.conditionalAccess.contexts };
  await using house = await openHouse({ conditionalAccess: access });
  const registered = await register(house.publicUrl);
  // Whoever asks for no factor asks for no age either, so a provider may answer from an old session without a word of it.
  proves(house, 'c1', 'c2');
  const quiet = await tokens(house, registered);
  assert.equal(house.provider.requests.at(-1)!.get('max_age'), null);
  assert.equal(await verdictOf(house, quiet.access_token), 'identity_step_up_required');

  const nowSeconds = Math.floor(Date.now() / 1000);
  const states = (time: number) => {
    house.provider.tamper = (claims) => ({ ...claims, acrs: ['c1', 'c2'], auth_time: time });
  };
  states(nowSeconds - 8 * 3600);
  assert.equal(await verdictOf(house, (await tokens(house, registered)).access_token), 'identity_step_up_required');
  // Control: one that was given just now, and says so, is as good as one that was asked for.
  states(nowSeconds);
  assert.equal(await verdictOf(house, (await tokens(house, registered)).access_token), 'allow');
  // A time to come would stay new for as long as it pleases; it counts as now.
  states(nowSeconds + 10 * 365 * 86_400);
  const ahead = await tokens(house, registered);
  assert.equal(await verdictOf(house, ahead.access_token), 'allow');
  const claims = JSON.parse(Buffer.from(ahead.access_token.split('.')[1]!, 'base64url').toString()) as object;
  assert.ok((claims as { auth_time: number }).auth_time <= Math.floor(Date.now() / 1000));
});

test('control: a house that took the word of the scope would let everybody pass', async () => {
  await using house = await openHouse();
  const registered = await register(house.publicUrl);
  const { access_token: token } = await tokens(house, registered);
  const verdict = await house.identity.verify(`Bearer ${token}`, resourceOf(house));
  assert.ok(verdict.outcome === 'challenge');
  // The same request with conditional access taken out of step-up.
  const without = createStepUp({
    access: undefined,
    offer: { least: false, contexts: ['c1', 'c2'] },
    accounts: { find: () => Promise.resolve(undefined) },
    record: { write: () => Promise.resolve() },
    clock: { now: Date.now },
    log: { error: () => undefined },
  });
  const principal = { id: 'dana', kind: 'user', name: 'dana', groups: ['azure-mcp-admins'] } as const;
  const admitted = without.admit({ outcome: 'allow', principal, expiresAtMs: Infinity }, resourceOf(house), {
    sourceIP: '',
    userAgent: '',
  });
  assert.equal(admitted.outcome, 'allow');
});
