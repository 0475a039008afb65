// Attack (login CSRF, state replay): the sign-in of one browser is finished in another, twice, or with a forged answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateKeyPair } from 'jose';
import { createBrowser } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { IdentityHouse } from '../support/identity-house.ts';
import { authorizationRequest, register } from '../support/oauth-client.ts';

/** A browser that has come as far as being sent back to our callback, without following. */
async function untilCallback(house: IdentityHouse) {
  const browser = createBrowser();
  const registered = await register(house.publicUrl);
  const asked = await authorizationRequest(registered, { resource: `${house.publicUrl}/mcp/files` });
  const { url } = await browser.follow(asked.url, (location) => location.pathname === '/auth/callback');
  return { browser, callback: url };
}

const consented = (page: string | undefined): boolean => page?.includes('name="decision"') ?? false;
const stays = () => false;

test('a callback of the attacker does not sign the victim in, and the other way round', async () => {
  await using house = await startIdentityHouse();
  const [attacker, victim] = [await untilCallback(house), await untilCallback(house)];
  const swapped = await victim.browser.follow(attacker.callback, stays);
  assert.equal(swapped.response!.status, 400);
  assert.ok(!consented(swapped.page));
  assert.ok(!house.records.some(({ action, result }) => action === 'identity.signIn' && result === 'allowed'));
  assert.equal((await createBrowser().follow(attacker.callback, stays)).response!.status, 400, 'spent, in any browser');
  const own = await victim.browser.follow(victim.callback, stays);
  assert.ok(consented(own.page), 'control: the browser that began the sign-in can finish it');
});

test('a state is good once, for ten minutes, and only if we gave it', async () => {
  await using house = await startIdentityHouse();
  const { browser, callback } = await untilCallback(house);
  const forged = new URL(callback);
  forged.searchParams.set('state', 'a'.repeat(32));
  assert.equal((await browser.follow(forged, stays)).response!.status, 400);
  assert.ok(consented((await browser.follow(callback, stays)).page), 'control');
  assert.equal((await browser.follow(callback, stays)).response!.status, 400, 'replayed');

  const late = await untilCallback(house);
  house.advance(600_001);
  assert.equal((await late.browser.follow(late.callback, stays)).response!.status, 400, 'late');
});

test('an ID token for another sign-in, another application or by another issuer is refused', async () => {
  await using house = await startIdentityHouse();
  const tampered: Record<string, Record<string, unknown>> = {
    'another nonce': { nonce: 'injected' },
    'no nonce': { nonce: undefined },
    'another audience': { aud: 'another-application' },
    'another issuer': { iss: 'https://evil.example' },
    expired: { exp: 1 },
  };
  for (const [name, changes] of Object.entries(tampered)) {
    house.provider.tamper = (claims) => ({ ...claims, ...changes });
    const { browser, callback } = await untilCallback(house);
    const arrival = await browser.follow(callback, stays);
    assert.equal(arrival.response!.status, 400, name);
    assert.ok(!consented(arrival.page), name);
  }
  assert.equal(
    house.records.filter(({ action, result }) => action === 'identity.signIn' && result === 'failed').length,
    5,
  );
  house.provider.tamper = (claims) => claims;
  const { browser, callback } = await untilCallback(house);
  assert.ok(consented((await browser.follow(callback, stays)).page), 'control: untouched it is accepted');
});

test('an ID token that the provider did not sign is refused, even if it came from its address', async () => {
  await using house = await startIdentityHouse();
  const { signingKey } = house.provider;
  house.provider.signingKey = (await generateKeyPair('ES256')).privateKey;
  const forged = await untilCallback(house);
  const arrival = await forged.browser.follow(forged.callback, stays);
  assert.equal(arrival.response!.status, 400);
  assert.ok(!consented(arrival.page));
  house.provider.signingKey = signingKey;
  const real = await untilCallback(house);
  assert.ok(consented((await real.browser.follow(real.callback, stays)).page), 'control: its own key is accepted');
});

test('a provider that falls silent in the middle of a sign-in is named as the reason, and the person gets nothing', async () => {
  await using house = await startIdentityHouse();
  const { browser, callback } = await untilCallback(house);
  await house.provider.close();
  const arrival = await browser.follow(callback, stays);
  assert.equal(arrival.response!.status, 502);
  assert.match(arrival.page!, /identity_provider_unavailable/);
  assert.equal(house.records.at(-1)!.result, 'failed');
});

test('a planted second cookie does not help: neither of the two is believed', async () => {
  await using house = await startIdentityHouse();
  const { browser, callback } = await untilCallback(house);
  const cookie = Object.entries(browser.cookies(callback)).map(([name, value]) => `${name}=${value}`);
  const response = await fetch(callback, {
    headers: { accept: 'text/html', cookie: [...cookie, 'genkan_browser=planted'].join('; ') },
  });
  assert.equal(response.status, 400);
  assert.equal(new URL(response.url).search, '?failed=identity_sign_in_expired');
});

test('a flood of answers that we never asked for leaves a bounded number of records', async () => {
  await using house = await startIdentityHouse();
  const forge = () => fetch(`${house.publicUrl}/auth/callback?state=${'a'.repeat(32)}&code=x`);
  for (let time = 0; time < 50; time += 1) assert.equal((await forge()).status, 400);
  assert.equal(house.records.length, 10);
  house.advance(60_001);
  await forge();
  assert.equal(house.records[10]!.details.notRecordedBefore, 40);
});

test('control: where all browsers had one secret, or a state were not forgotten, the sign-in of the attacker would be finished', async () => {
  await using house = await startIdentityHouse();
  const { database } = house;
  const pending = () => database.selectFrom('oidc_record').selectAll().where('kind', '=', 'FederatedSignIn').execute();
  const attacker = await untilCallback(house);
  const [own] = await pending();
  const victim = await untilCallback(house);
  const theirs = (await pending()).find(({ id }) => id !== own!.id)!;
  const hashIn = ({ payload }: { payload: string }) => (JSON.parse(payload) as { browserHash: string }).browserHash;
  const payload = own!.payload.replace(hashIn(own!), hashIn(theirs));
  await database.updateTable('oidc_record').set({ payload }).where('id', '=', own!.id).execute();
  const finish = () => victim.browser.send(attacker.callback);
  const signedIn = () =>
    house.records.filter(({ action, result }) => action === 'identity.signIn' && result === 'allowed');
  assert.equal((await finish()).status, 303);
  assert.equal(signedIn().length, 1);
  const refusal = async () => new URL((await finish()).headers.get('location')!, house.publicUrl).search;
  assert.equal(await refusal(), '?failed=identity_sign_in_expired');
  await database
    .insertInto('oidc_record')
    .values({ ...own!, payload })
    .execute();
  assert.equal(await refusal(), '?failed=identity_sign_in_failed', 'only the provider, whose code is spent, objects');
});
