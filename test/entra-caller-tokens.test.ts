// Tokens in people's names: kept fresh, fetched once, demanded anew by resources, and over when the sign-in is.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import { SignInAgain } from '../src/base/caller-tokens.ts';
import type { Leases } from '../src/state/leases.ts';
import { clientSecret, idOf, startEntraHouse } from './support/entra-house.ts';
import type { EntraHouse } from './support/entra-house.ts';

const again = { code: 'identity_sign_in_again' };
const grantsOf = (house: EntraHouse, type: string): number =>
  house.entra.requests.filter(({ path: at, params }) => at.endsWith('/token') && params.get('grant_type') === type)
    .length;
/** Another process, in which something happens while the first answer of Entra ID is on its way. */
function startSlow(house: EntraHouse, meanwhile: () => Promise<void>): ReturnType<EntraHouse['beside']> {
  let first = true;
  return house.beside(undefined, undefined, async (url, init) => {
    const answer = await fetch(url, init);
    if (isToken(url) && first) {
      first = false;
      await meanwhile();
    }
    return answer;
  });
}
const isToken = (url: Parameters<typeof fetch>[0]): boolean => new URL(url as string).pathname.endsWith('/token');
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn += 1) {
    assert.ok(turn < 500, 'it did not come to that');
    await passed(10);
  }
}
const onBehalfOf = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

test('a token is fetched once for many calls at once, and kept until shortly before its end', async () => {
  await using house = await startEntraHouse();
  house.entra.accessTokenSeconds = 3600;
  await house.signIn(house.dana);
  await Promise.all(Array.from({ length: 8 }, () => house.tokenFor(house.dana)));
  await house.tokenFor(house.dana);
  assert.equal(grantsOf(house, onBehalfOf), 1);
  house.advance(3_290_000);
  await house.tokenFor(house.dana);
  assert.equal(grantsOf(house, onBehalfOf), 1);
  house.advance(20_000);
  await Promise.all([house.tokenFor(house.dana), house.tokenFor(house.dana)]);
  await until(() => house.records.filter(({ action }) => action === 'identity.tokenOnBehalf').length === 2);
  assert.equal(grantsOf(house, onBehalfOf), 2);
  assert.equal(grantsOf(house, 'refresh_token'), 1, 'the person’s own token was refreshed ahead of its end, too');
});

test('each fetched token is recorded with person, resource and the credential used, and without the token', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  const { token } = await house.identity.callers.tokenFor(idOf(house.dana), [house.notes.scope('Notes.Read')]);
  const { user, resource, result, details } = house.records.at(-1)!;
  assert.deepEqual([user, resource, result], [idOf(house.dana), house.notes.scope('Notes.Read'), 'allowed']);
  assert.deepEqual(details['credential'], { kind: 'secret', id: 'env GENKAN_SECRET' });
  assert.ok(!JSON.stringify(house.records).includes(token.slice(-40)));
});

test('no token of anybody can be read in the data of Genkan', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  await house.tokenFor(house.dana);
  const secrets = [
    ...house.entra.state.refreshTokens.keys(),
    'eyJ0eXAiOiJKV1Qi',
    house.entra.requests.at(-1)!.params.get('assertion')!,
  ];
  const files = readdirSync(house.directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  assert.ok(files.length > 0 && secrets.length > 2);
  for (const file of files) {
    const text = readFileSync(path.join(file.parentPath, file.name), 'latin1');
    for (const secret of secrets) assert.ok(!text.includes(secret.slice(0, 40)), file.name);
  }
});

test('tokens outlive a restart: the next process asks nobody to sign in', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  const { token } = await house.beside().callerTokens.tokenFor(idOf(house.dana), [house.notes.scope('Notes.Read')]);
  assert.ok(token);
});

test('of two processes that need a fresh token at once, one refreshes and the other finds it done', async () => {
  await using house = await startEntraHouse();
  house.entra.accessTokenSeconds = 200; // so little that it is refreshed before use
  await house.signIn(house.dana);
  house.entra.accessTokenSeconds = 3600;
  const file = path.join(import.meta.dirname, 'support', 'entra-worker.ts');
  const data = [path.join(house.directory, 'genkan.db'), path.join(house.directory, 'keys', 'ring.json')];
  const words = [...data, JSON.stringify(house.settings), clientSecret];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: house.entra.caFile };
  const workers = [0, 1].map(() => fork(file, words, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const order = { person: idOf(house.dana), scopes: [house.notes.scope('Notes.Read')] };
    const answers = workers.map((worker) => once(worker, 'message'));
    for (const worker of workers) worker.send(order);
    for (const [answer] of await Promise.all(answers))
      assert.ok((answer as { token?: string }).token, JSON.stringify(answer));
    assert.equal(grantsOf(house, 'refresh_token'), 1);
    assert.equal(grantsOf(house, onBehalfOf), 2);
  } finally {
    for (const worker of workers) worker.kill();
  }
});

test('control: without a lease both would refresh, and where refresh tokens are good once, one of them would end the sign-in', async () => {
  await using house = await startEntraHouse();
  house.entra.accessTokenSeconds = 200;
  await house.signIn(house.dana);
  house.entra.accessTokenSeconds = 3600;
  const leases: Leases = { hold: (_name, work) => work({ signal: new AbortController().signal }) };
  const processes = [house.beside(undefined, leases), house.beside(undefined, leases)];
  const scopes = [house.notes.scope('Notes.Read')];
  await Promise.allSettled(processes.map(({ callerTokens }) => callerTokens.tokenFor(idOf(house.dana), scopes)));
  assert.equal(grantsOf(house, 'refresh_token'), 2);
});

test('a revoked sign-in asks for a new one, once: Entra ID is not asked again before it', async () => {
  await using house = await startEntraHouse();
  house.entra.accessTokenSeconds = 200;
  await house.signIn(house.dana);
  house.entra.accessTokenSeconds = 3600;
  house.entra.revokeSessions(house.dana.oid);
  await assert.rejects(house.tokenFor(house.dana), again);
  const { token } = house.entra.counts;
  for (let time = 0; time < 5; time += 1) await assert.rejects(house.tokenFor(house.dana), again);
  await assert.rejects(house.tokenFor(house.dana, true), again);
  await assert.rejects(
    house.beside().callerTokens.tokenFor(idOf(house.dana), [house.notes.scope('Notes.Read')]),
    again,
  );
  assert.equal(house.entra.counts.token, token);
  assert.equal(await house.beside().callerTokens.needsSignIn(idOf(house.dana)), true);
  await house.signIn(house.dana);
  assert.equal((await house.tokenFor(house.dana))['oid'], house.dana.oid);
  assert.equal(await house.beside().callerTokens.needsSignIn(idOf(house.dana)), false);
});

test('new tokens are durable before they are used: where they cannot be kept nobody gets one, and nothing is lost', async () => {
  await using house = await startEntraHouse();
  house.entra.accessTokenSeconds = 200;
  await house.signIn(house.dana);
  house.entra.accessTokenSeconds = 3600;
  const before = await house.sealed.get(idOf(house.dana), 'entra');
  const { replace } = house.sealed;
  Object.assign(house.sealed, { replace: () => Promise.reject(new Error('no space left on device')) });
  await assert.rejects(house.tokenFor(house.dana), { message: /no space left/ });
  assert.equal(grantsOf(house, onBehalfOf), 0);
  Object.assign(house.sealed, { replace });
  assert.equal(await house.sealed.get(idOf(house.dana), 'entra'), before);
  house.advance(10_000);
  assert.equal((await house.tokenFor(house.dana))['oid'], house.dana.oid);
});

test('what Entra ID wants refreshed early is durable too, or nobody gets a token', async () => {
  await using house = await startEntraHouse();
  house.entra.refreshInSeconds = 1800;
  await house.signIn(house.dana);
  const person = idOf(house.dana);
  const overdue = (await house.sealed.get(person, 'entra'))!.replace(/refresh_on\\":\\"\d+/, 'refresh_on\\":\\"1000');
  assert.match(overdue, /refresh_on\\":\\"1000/);
  await house.sealed.put(person, 'entra', overdue);
  const { replace } = house.sealed;
  Object.assign(house.sealed, { replace: () => Promise.reject(new Error('no space left on device')) });
  await assert.rejects(house.tokenFor(house.dana), { message: /no space left/ });
  assert.equal(grantsOf(house, 'refresh_token'), 1);
  Object.assign(house.sealed, { replace });
  house.advance(11_000);
  assert.equal((await house.tokenFor(house.dana))['oid'], house.dana.oid);
  assert.equal(grantsOf(house, 'refresh_token'), 2);
  assert.doesNotMatch((await house.sealed.get(person, 'entra'))!, /refresh_on\\":\\"1000/);
});

test('a policy of the resource is passed on: its claims go into the next sign-in, and after it the call is made', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  house.entra.requireContext(house.notes.clientId, 'c1');
  const refused = await house.tokenFor(house.dana).catch((error: unknown) => error);
  assert.ok(refused instanceof SignInAgain);
  assert.match(refused.claims!, /"c1"/);
  const { token } = house.entra.counts;
  await assert.rejects(house.tokenFor(house.dana), { ...again, claims: refused.claims });
  const scopes = [house.notes.scope('Notes.Read')];
  const beside = house.beside().callerTokens.tokenFor(idOf(house.dana), scopes);
  await assert.rejects(beside, { ...again, claims: refused.claims }, 'nor by another process');
  assert.equal(house.entra.counts.token, token, 'what was refused is not asked for again');
  const { contexts } = await house.signInBy(house.beside().leg, house.dana, { claims: refused.claims! });
  assert.deepEqual(contexts, ['c1']);
  assert.equal((await house.tokenFor(house.dana))['aud'], house.notes.clientId);
});

test('what one resource demands does not keep the person from another', async () => {
  await using house = await startEntraHouse();
  const other = house.entra.addApp({ displayName: 'Calendar', scopes: ['Read'] });
  await house.signIn(house.dana);
  house.entra.requireContext(house.notes.clientId, 'c1');
  await assert.rejects(house.tokenFor(house.dana), again);
  assert.ok((await house.identity.callers.tokenFor(idOf(house.dana), [other.scope('Read')])).token);
});

test('a policy that forbids one resource is said, and takes neither the sign-in nor other resources away', async () => {
  await using house = await startEntraHouse();
  const person = idOf(house.dana);
  const other = house.entra.addApp({ displayName: 'Calendar', scopes: ['Read'] });
  await house.signIn(house.dana);
  for (const [number, code] of [
    [53003, 'identity_policy_forbids'],
    [530003, 'identity_policy_forbids'],
    [50076, 'identity_sign_in_again'],
    [50158, 'identity_sign_in_again'],
  ] as const) {
    house.entra.failTokens(number, 'Access has been blocked by Conditional Access policies.', {
      error: 'invalid_grant',
    });
    await assert.rejects(house.tokenFor(house.dana), { code }, `${number}`);
    assert.ok((await house.identity.callers.tokenFor(person, [other.scope('Read')], true)).token, `${number}`);
    if (code === 'identity_sign_in_again') await house.signIn(house.dana);
    house.advance(11_000);
  }
  house.entra.failTokens(50173, 'The provided grant has expired due to it being revoked.', { error: 'invalid_grant' });
  await assert.rejects(house.tokenFor(house.dana), again);
  await assert.rejects(house.beside().callerTokens.tokenFor(person, [other.scope('Read')]), again, 'control: over');
});

test('a token that the resource turned away is fetched anew with what it demanded (continuous access evaluation)', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  await house.tokenFor(house.dana);
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: '1700000000' } } });
  await house.tokenFor(house.dana, claims);
  const { params } = house.entra.requests.at(-1)!;
  assert.match(params.get('claims')!, /1700000000/);
});

test('what a server demands and nobody can bring counts for that server alone: others keep their tokens, of the same resource too', async () => {
  await using house = await startEntraHouse();
  const other = house.entra.addApp({ displayName: 'Calendar', scopes: ['Read'] });
  const person = idOf(house.dana);
  await house.signIn(house.dana);
  const stepUp = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c99' } } });
  const refused = await house.tokenFor(house.dana, stepUp).catch((error: unknown) => error);
  assert.ok(refused instanceof SignInAgain);
  assert.match(refused.claims!, /"c99"/);
  const { token } = house.entra.counts;
  await assert.rejects(house.tokenFor(house.dana, stepUp), again);
  assert.equal(house.entra.counts.token, token, 'Entra ID is not asked again at once');

  for (const scope of [house.notes.scope('Notes.Read'), other.scope('Read')]) {
    assert.ok((await house.identity.callers.tokenFor(person, [scope], true)).token);
    assert.doesNotMatch(house.entra.requests.at(-1)!.params.get('claims') ?? '', /c99/);
  }
  assert.equal(await house.beside().callerTokens.needsSignIn(person), false);
});

test('who has signed in since is not refused what another process remembers of before', async () => {
  await using house = await startEntraHouse();
  const person = idOf(house.dana);
  const scopes = [house.notes.scope('Notes.Read')];
  const stepUp = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c4' } } });
  await house.signIn(house.dana);
  const there = house.beside().callerTokens;
  await assert.rejects(there.tokenFor(person, scopes, true, stepUp), again);
  house.advance(1000);
  await house.signInBy(house.beside().leg, house.dana, { claims: stepUp });
  assert.ok((await there.tokenFor(person, scopes, true, stepUp)).token);
});

test('a demand that is no claims request is refused', async () => {
  await using house = await startEntraHouse();
  for (const claims of [
    '',
    '[]',
    '{"userinfo":{}}',
    '{"access_token":1}',
    `{"access_token":{"a":"${'a'.repeat(9000)}"}}`,
  ])
    await assert.rejects(house.tokenFor(house.dana, claims), { code: 'identity_request_invalid' });
});

test('consent that is missing is told with the address where an administrator gives it, and not asked for in a loop', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  house.entra.withdrawConsent(house.app, house.notes);
  await assert.rejects(house.tokenFor(house.dana), (error: { code: string; data: { adminConsent: string } }) => {
    assert.equal(error.code, 'identity_consent_missing');
    const { origin, tenant } = house.entra;
    assert.equal(error.data.adminConsent, `${origin}/${tenant}/adminconsent?client_id=${house.app.clientId}`);
    return true;
  });
  const { token } = house.entra.counts;
  await assert.rejects(house.tokenFor(house.dana), { code: 'identity_consent_missing' });
  assert.equal(house.entra.counts.token, token);
});

test('applications, operators and people of other providers have nobody on whose behalf to act', async () => {
  await using house = await startEntraHouse();
  for (const principal of ['agent-1', 'operator', 'https://idp.example#dana', `${house.dana.oid}`])
    await assert.rejects(house.identity.callers.tokenFor(principal, [house.notes.scope('Notes.Read')]), {
      code: 'identity_caller_not_person',
    });
  assert.equal(house.entra.counts.token, 0);
});

test('scopes that Entra ID would misread or refuse are refused before it is asked', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  const { token } = house.entra.counts;
  const notes = house.notes.scope('Notes.Read');
  for (const scopes of [
    [],
    ['User.Read'],
    [notes, house.notes.scope('.default')],
    [notes, 'https://graph.microsoft.com/User.Read'],
  ])
    await assert.rejects(house.identity.callers.tokenFor(idOf(house.dana), scopes), {
      code: 'identity_on_behalf_impossible',
    });
  assert.equal(house.entra.counts.token, token);
});

test('without a scope of our own API nobody can be acted for, and no token is kept', async () => {
  await using house = await startEntraHouse({ provider: { apiScope: undefined } });
  await house.signIn(house.dana);
  await assert.rejects(house.tokenFor(house.dana), { code: 'identity_on_behalf_impossible' });
  assert.equal(await house.sealed.get(idOf(house.dana), 'entra'), undefined);
});

test('while Entra ID is down a token that is still good is still used', async () => {
  await using house = await startEntraHouse();
  house.entra.accessTokenSeconds = 3600;
  await house.signIn(house.dana);
  await house.tokenFor(house.dana);
  house.advance(3_400_000);
  house.entra.down = true;
  await house.tokenFor(house.dana);
  house.advance(300_000);
  await assert.rejects(house.tokenFor(house.dana), { code: 'identity_provider_unavailable' });
});

test('while Entra ID gives no answer nobody waits for what they have, and one waits for what nobody has', async () => {
  let silence: 'none' | 'hangs' | 'over' = 'none';
  let asked = 0;
  const waiting = Promise.withResolvers<Response>();
  await using house = await startEntraHouse({
    fetch(url, init) {
      if (silence === 'none' || !isToken(url)) return fetch(url, init);
      asked += 1;
      if (silence === 'hangs') return waiting.promise;
      return Promise.reject(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    },
  });
  const down = { code: 'identity_provider_unavailable' };
  const failures = () => house.records.filter(({ result }) => result === 'failed').length;
  const other = house.entra.addApp({ displayName: 'Calendar', scopes: ['Read'] });
  house.entra.accessTokenSeconds = 3600;
  await house.signIn(house.dana);
  await house.signIn(house.omar);
  await house.tokenFor(house.dana);
  house.advance(3_400_000);
  silence = 'hangs';
  for (let time = 0; time < 3; time += 1) {
    assert.equal((await house.tokenFor(house.dana))['oid'], house.dana.oid);
    await until(() => asked === 1);
  }
  silence = 'over';
  waiting.reject(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  await until(() => failures() === 1);
  const before = asked;
  assert.equal((await house.tokenFor(house.dana))['oid'], house.dana.oid);
  await assert.rejects(house.tokenFor(house.omar), down);
  await assert.rejects(house.identity.callers.tokenFor(idOf(house.omar), [other.scope('Read')]), down);
  assert.equal(asked, before, 'what one has waited for in vain the others do not wait for as well');
  silence = 'none';
  house.advance(11_000);
  assert.equal((await house.tokenFor(house.omar))['oid'], house.omar.oid);
});

test('Entra ID is left alone for as long as it asks, but for sign-ins', async () => {
  let busy = false;
  let asked = 0;
  await using house = await startEntraHouse({
    fetch: (url, init) => {
      if (!busy || !isToken(url)) return fetch(url, init);
      asked += 1;
      const said = { error: 'temporarily_unavailable', error_description: 'AADSTS90055: throttled' };
      return Promise.resolve(Response.json(said, { status: 429, headers: { 'retry-after': '120' } }));
    },
  });
  await house.signIn(house.dana);
  busy = true;
  const down = { code: 'identity_provider_unavailable' };
  for (let time = 0; time < 9; time += 1) {
    await assert.rejects(house.tokenFor(house.dana), down);
    house.advance(11_000);
  }
  assert.ok(asked <= 2, `it was asked ${asked} times`);
  busy = false;
  await house.signIn(house.omar);
  assert.equal((await house.tokenFor(house.omar))['oid'], house.omar.oid);
});

test('who is disabled or forgotten leaves no token behind in the memory of any process', async () => {
  await using house = await startEntraHouse();
  await house.signIn(house.dana);
  await house.tokenFor(house.dana);
  await house.sealed.remove(idOf(house.dana));
  await house.tokenFor(house.dana); // control: remembered
  await house.identity.killSwitch.disablePerson(idOf(house.dana), { by: 'test', reason: 'has left' });
  await assert.rejects(house.tokenFor(house.dana), again);
});

for (const disabled of [true, false])
  test(
    disabled
      ? 'who may not come in leaves no tokens here by knocking'
      : 'control: who may come in again is kept, and called for',
    async () => {
      await using house = await startEntraHouse();
      const { killSwitch } = house.identity;
      const person = idOf(house.dana);
      const cause = { by: 'test', reason: 'has left' };
      await house.signIn(house.dana);
      await killSwitch.erasePerson(person, cause);
      await house.sealed.remove(person);
      if (!disabled) await killSwitch.enablePerson(person, cause);
      const { page = '' } = await house.signIn(house.dana);
      assert.equal(page.includes('name="decision"'), !disabled, page);
      assert.equal((await house.sealed.get(person, 'entra')) === undefined, disabled);
      const asked = house.beside().callerTokens.tokenFor(person, [house.notes.scope('Notes.Read')]);
      await (disabled ? assert.rejects(asked, again) : asked);
    },
  );

test('a token that lies here of somebody who is disabled is used by nobody', async () => {
  await using house = await startEntraHouse();
  const person = idOf(house.dana);
  await house.signIn(house.dana);
  const held = (await house.sealed.get(person, 'entra'))!;
  await house.identity.killSwitch.disablePerson(person, { by: 'test', reason: 'has left' });
  await house.sealed.put(person, 'entra', held);
  const asked = house.beside().callerTokens.tokenFor(person, [house.notes.scope('Notes.Read')]);
  await assert.rejects(asked, again);
});

for (const removed of [true, false])
  test(
    removed
      ? 'what is still under way for somebody who is removed does not bring them back'
      : 'control: what is under way for somebody who stays is kept',
    async () => {
      await using house = await startEntraHouse();
      const person = idOf(house.dana);
      house.entra.accessTokenSeconds = 200;
      await house.signIn(house.dana);
      const before = await house.sealed.get(person, 'entra');
      let meanwhile: Promise<unknown> | undefined;
      let gone = !removed;
      const slow = startSlow(house, async () => {
        if (gone) return;
        gone = true; // once: removed a second time, nothing could come back between
        await (meanwhile = house.sealed.remove(person));
      });
      const asked = slow.callerTokens.tokenFor(person, [house.notes.scope('Notes.Read')]);
      await asked.catch(() => undefined);
      await meanwhile;
      const kept = await house.sealed.get(person, 'entra');
      assert.equal(kept === undefined, removed);
      assert.notEqual(kept, before);
    },
  );

for (const forgotten of [true, false])
  test(
    forgotten
      ? 'a token that comes for somebody who was forgotten meanwhile is given to nobody'
      : 'control: it is given to who was not forgotten',
    async () => {
      await using house = await startEntraHouse();
      const person = idOf(house.dana);
      await house.signIn(house.dana);
      const slow = startSlow(house, () => {
        if (forgotten) slow.callerTokens.forget(person);
        return Promise.resolve();
      });
      const asked = slow.callerTokens.tokenFor(person, [house.notes.scope('Notes.Read')]);
      await (forgotten ? assert.rejects(asked, { ...again, message: /forgotten meanwhile/ }) : asked);
    },
  );
