// Tests of who looks at a page, under conditional access: sent once to prove what a policy demands, and told where that did not help.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { isRefusal } from '../../base/errors.ts';
import { createLog } from '../../base/log.ts';
import { openDatabase } from '../../state/database.ts';
import { createConditionalAccess } from '../conditional-access/conditional-access.ts';
import { conditionalAccessSettings } from '../conditional-access/settings.ts';
import type { SignInWish } from '../sign-in-leg.ts';
import { createStepUp } from '../step-up.ts';
import { createVisitors } from './visitors.ts';
import type { Arrival } from './visitors.ts';

const policy = {
  displayName: 'daily',
  state: 'enabled',
  conditions: { users: { includeUsers: ['All'] }, applications: { includeApplications: ['All'] } },
};
const frequency = { isEnabled: true, type: 'days', value: 1, frequencyInterval: 'timeBased' };
const daily = { ...policy, sessionControls: { signInFrequency: frequency } };
const device = { ...policy, grantControls: { operator: 'OR', builtInControls: ['compliantDevice'] } };
const blocked = { ...policy, grantControls: { operator: 'OR', builtInControls: ['block'] } };
const hourMs = 3_600_000;

async function openPages(...policies: object[]) {
  const clock = { nowMs: 1_700_000_000_000, now: () => clock.nowMs };
  const log = createLog('silent');
  const contexts = { mfa: 'c1', compliantDevice: 'c2' };
  const access = await createConditionalAccess(conditionalAccessSettings.parse({ policies, contexts }), {
    entra: false,
    clientId: 'genkan',
    database: await openDatabase(':memory:'),
    readFile: () => '',
    clock,
    log,
  });
  const stepUp = createStepUp({
    access,
    offer: { least: false, contexts: ['c1', 'c2'] },
    accounts: { find: () => Promise.resolve(undefined) },
    record: { write: () => Promise.resolve() },
    clock,
    log,
  });
  const begun: { readonly page: string; readonly wish: SignInWish | undefined }[] = [];
  const visitors = createVisitors({
    federation: {
      begin(page, _browser, wish) {
        begun.push({ page, wish });
        return Promise.resolve(new URL('https://login.example/'));
      },
    },
    accounts: { find: (id) => Promise.resolve({ id, name: id, displayName: id, groups: [] }) },
    endedAtMs: () => Promise.resolve(undefined),
    admit: stepUp.admit,
    issuer: 'http://127.0.0.1',
    secrets: ['secret'],
    mfa: 'c1',
    originOf: () => ({ sourceIP: '127.0.0.1', userAgent: '' }),
    clock,
  });
  const server = createServer((request, response) => {
    if (request.url === '/auth/callback') return visitors.resume(response, begun.at(-1)!.page, next);
    void visitors.of(request, response, new URL(request.url!, 'http://127.0.0.1')).then((visitor) => {
      if (visitor !== undefined) response.end(isRefusal(visitor) ? visitor.code : `welcome ${visitor.principal.id}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let [next, cookie]: [Arrival, string] = [{ person: 'dana', contexts: [] }, ''];

  /** @returns what the page says, or where the browser is sent */
  const open = async (at: string): Promise<string> => {
    const answer = await fetch(url + at, { redirect: 'manual', headers: { cookie } });
    return answer.headers.get('location') ?? (await answer.text());
  };
  return {
    clock,
    begun,
    open,
    /** The browser comes back from the provider. @returns where it is sent */
    async signedIn(contexts: readonly string[], authenticatedAtMs?: number): Promise<string | null> {
      next = { person: 'dana', contexts, authenticatedAtMs };
      const answer = await fetch(`${url}/auth/callback`, { redirect: 'manual' });
      cookie = answer.headers.getSetCookie()[0]!.split(';', 1)[0]!;
      return answer.headers.get('location');
    },
    [Symbol.dispose]: () => void server.close().closeAllConnections(),
  };
}

const provider = 'https://login.example/';
const page = '/elevation?scope=%2Fservers%2Fa%3Ab';

test('who has signed in lately opens a page under a sign-in frequency, as far as the provider says when that was', async () => {
  using pages = await openPages(daily);
  assert.equal(await pages.open(page), provider);
  assert.equal(await pages.signedIn(['c1'], pages.clock.nowMs - hourMs), page);
  assert.equal(await pages.open(page), 'welcome dana');
  assert.equal(pages.begun.length, 1);
});

test('a sign-in that is too old, or whose time nobody knows, is asked for anew: once, with how old it may be', async () => {
  for (const ageMs of [undefined, 25 * hourMs]) {
    using pages = await openPages(daily);
    await pages.open(page);
    await pages.signedIn(['c1'], ageMs && pages.clock.nowMs - ageMs);
    assert.equal(await pages.open(page), provider);
    assert.deepEqual(pages.begun[1]!.wish, { fresh: true, contexts: ['c1'], maxAgeSeconds: 86_400 });
    // The provider was to ask for credentials; where it says nothing of when, that was now.
    assert.equal(await pages.signedIn(['c1']), page);
    assert.equal(await pages.open(page), 'welcome dana');
  }
});

test('a context that a policy demands is asked for besides what was proved, and where it does not come the refusal is told', async () => {
  using pages = await openPages(device);
  await pages.open(page);
  await pages.signedIn(['c1'], pages.clock.nowMs);
  assert.equal(await pages.open(page), provider);
  assert.deepEqual(pages.begun[1]!.wish, { fresh: false, contexts: ['c1', 'c2'] });
  await pages.signedIn(['c1'], pages.clock.nowMs);
  assert.equal(await pages.open(page), 'identity_step_up_required');
  assert.equal(await pages.open(page), 'identity_step_up_required', 'no second round on its own');
  assert.equal(pages.begun.length, 2);
  pages.clock.nowMs += 60_000;
  assert.equal(await pages.open(page), provider, 'but whoever comes back later may have another device');
  await pages.signedIn(['c1', 'c2'], pages.clock.nowMs);
  assert.equal(await pages.open(page), 'welcome dana');
});

test('whom a policy blocks is told so, and sent nowhere', async () => {
  using pages = await openPages(blocked);
  await pages.open(page);
  await pages.signedIn(['c1'], pages.clock.nowMs);
  assert.equal(await pages.open(page), 'identity_access_blocked');
  assert.equal(pages.begun.length, 1);
});

test('an address that asks for a sign-in says nothing of what came of it', async () => {
  using pages = await openPages(device);
  assert.equal(await pages.open('/approvals/abc?signin=c2&lang=ja'), provider);
  assert.deepEqual(pages.begun[0]!.wish, { fresh: true, contexts: ['c2'] });
  assert.equal(await pages.signedIn(['c1'], pages.clock.nowMs), '/approvals/abc?lang=ja');
  assert.equal(await pages.open('/approvals/abc'), provider, 'what a policy demands is still asked for');
});
