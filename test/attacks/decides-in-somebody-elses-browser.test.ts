// An approver is lured to a page of the attacker's, which sends the form of ours; or a session is made up, kept, or taken from elsewhere.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { createHmac } from 'node:crypto';
import { createLog } from '../../src/base/log.ts';
import { errorTable, GenkanError, refuse } from '../../src/base/errors.ts';
import { createActionPages } from '../../src/identity/action-pages/action-pages.ts';
import { createPageSessions } from '../../src/identity/action-pages/page-session.ts';
import { endedAtMs } from '../../src/identity/kill-switch/ending.ts';
import { createKillSwitch } from '../../src/identity/kill-switch/kill-switch.ts';
import type { KillSwitch } from '../../src/identity/kill-switch/kill-switch.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createRevocations } from '../../src/state/revocations.ts';

const secrets = ['a-secret-of-the-identity-room'];
const clock = { nowMs: 1_700_000_000_000, now: () => clock.nowMs };
const path = '/approvals/abc';
const acts: string[] = [];
const disabled = new Set<string>();
/** Whom a policy blocks where they are. */
const barred = new Set<string>();
/** Whether pages ask when somebody's sessions were ended. */
let asksForEnds = true;
let killSwitch: KillSwitch;
let url: string;
let close: () => void;

before(async () => {
  const database = await openDatabase(':memory:');
  const revocations = await createRevocations({ database, log: createLog('silent'), bell: () => () => undefined });
  killSwitch = createKillSwitch({ database, revocations, clock, forget: () => Promise.resolve() });
  const server = createServer((request, response) => {
    pages.handle(request, response).catch((error: unknown) => {
      const code = error instanceof GenkanError ? error.code : 'gateway_fault';
      response.writeHead(errorTable[code].http, { 'x-code': code }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => void server.close().closeAllConnections();
  const approval = {
    id: 'abc',
    kind: 'call',
    state: 'pending',
    subject: 'destroy on notes',
    requester: { id: 'dana', name: 'dana' },
    justification: '',
    approvers: ['user sena'],
    expiresAt: '',
    mayDecide: true,
    details: {},
  };
  const pages = createActionPages({
    federation: { begin: () => Promise.resolve(new URL('https://login.example.com/')) },
    accounts: {
      find: (id) => Promise.resolve(disabled.has(id) ? undefined : { id, name: id, displayName: id, groups: [] }),
    },
    endedAtMs: (person) => (asksForEnds ? endedAtMs(database, person) : Promise.resolve(undefined)),
    admit: (verified) => (barred.has(verified.principal.id) ? refuse('identity_access_blocked') : verified),
    act(operation, _input, { principal }) {
      if (operation !== 'approval.show') acts.push(`${principal.id} ${operation}`);
      return Promise.resolve({ outcome: 'allow', output: { approval } } as const);
    },
    issuer: url,
    secrets,
    mfa: 'c1',
    originOf: () => ({ sourceIP: '', userAgent: '' }),
    clock,
  });
});
after(() => close());
beforeEach(() => {
  acts.length = 0;
  disabled.clear();
  barred.clear();
});

/** The cookie that a browser has after its person has signed in. */
function cookieOf(person: string, secret = secrets[0]!): string {
  let cookie = '';
  const response = { appendHeader: (_name: string, value: string) => (cookie = value) };
  createPageSessions(url, [secret], clock).begin(response as never, { person, contexts: ['c1'] });
  return cookie.split(';', 1)[0]!;
}

const tokenIn = async (cookie: string): Promise<string> => {
  const page = await (await fetch(`${url}${path}`, { headers: { cookie } })).text();
  return /name="token" value="([^"]+)"/.exec(page)![1]!;
};

interface Form {
  readonly cookie?: string;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

async function send({ cookie = cookieOf('sena'), token = '', headers = { origin: url } }: Form): Promise<string> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ decision: 'approve', token }),
  });
  return answer.headers.get('x-code') ?? answer.headers.get('location') ?? '';
}

test('control: the form of our own page, sent by the browser of the approver, decides', async () => {
  const cookie = cookieOf('sena');
  assert.equal(await send({ cookie, token: await tokenIn(cookie) }), path);
  assert.deepEqual(acts, ['sena approval.approve']);
});

test('a form on another page is refused by where it comes from, even with the right token', async () => {
  const cookie = cookieOf('sena');
  const token = await tokenIn(cookie);
  const elsewhere: Record<string, string>[] = [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }];
  for (const headers of elsewhere) assert.equal(await send({ cookie, token, headers }), 'identity_request_forged');
  assert.deepEqual(acts, []);
});

test('a form without the token of that page and person is refused, even where the browser says nothing of its origin', async () => {
  const theirs = await tokenIn(cookieOf('mallory'));
  for (const token of ['', theirs]) assert.equal(await send({ token, headers: {} }), 'identity_request_forged');
  assert.deepEqual(acts, []);
});

test('a session that was made up, sealed by others, changed, or is over leads to the sign-in and nothing else', async () => {
  const [payload, seal] = cookieOf('sena').split('=')[1]!.split('.');
  const name = cookieOf('sena').split('=', 1)[0]!;
  const raised = Buffer.from(JSON.stringify({ person: 'sena', contexts: ['c1', 'c2'], untilMs: 9e15 })).toString(
    'base64url',
  );
  const guessed = createHmac('sha256', '')
    .update(JSON.stringify(['page', payload]))
    .digest('base64url');
  for (const cookie of [
    '',
    `${name}=`,
    `${name}=${payload}`,
    `${name}=${payload}.`,
    `${name}=${raised}.${seal}`,
    `${name}=${payload}.${guessed}`,
    cookieOf('sena', 'a-secret-of-somebody-else'),
    `${cookieOf('sena')}; ${cookieOf('mallory')}`,
  ])
    assert.equal(await send({ cookie }), 'https://login.example.com/', cookie);
  const old = cookieOf('sena');
  const token = await tokenIn(old);
  clock.nowMs += 901_000;
  assert.equal(await send({ cookie: old, token }), 'https://login.example.com/');
  clock.nowMs -= 901_000;
  assert.deepEqual(acts, []);
});

test('whoever was disabled meanwhile decides nothing', async () => {
  const cookie = cookieOf('sena');
  const token = await tokenIn(cookie);
  disabled.add('sena');
  assert.equal(await send({ cookie, token }), 'https://login.example.com/');
  assert.deepEqual(acts, []);
});

const cause = { by: 'admin', reason: 'a laptop was stolen' };
const ends: Readonly<Record<string, (person: string) => Promise<unknown>>> = {
  'their sessions were ended': (person) => killSwitch.endSessionsOf(person, cause),
  'they were disabled, and enabled again': async (person) => {
    await killSwitch.disablePerson(person, cause);
    assert.equal(await killSwitch.enablePerson(person, cause), true);
  },
};
for (const [what, end] of Object.entries(ends))
  test(`a session from before ${what} is none, and one from after it is`, async () => {
    const person = `sena, when ${what}`;
    const stolen = cookieOf(person);
    const token = await tokenIn(stolen);
    await end('somebody else');
    clock.nowMs += 1000;
    await end(person);
    for (let minutes = 0; minutes < 15; minutes += 1, clock.nowMs += 60_000)
      assert.equal(await send({ cookie: stolen, token }), 'https://login.example.com/');
    assert.deepEqual(acts, []);
    const own = cookieOf(person);
    assert.equal(await send({ cookie: own, token: await tokenIn(own) }), path);
  });

test('control: where nobody asks when sessions were ended, a stolen one decides after its end', async () => {
  const stolen = cookieOf('sena');
  const token = await tokenIn(stolen);
  await killSwitch.endSessionsOf('sena', cause);
  asksForEnds = false;
  assert.equal(await send({ cookie: stolen, token }), path);
  asksForEnds = true;
  assert.deepEqual(acts, ['sena approval.approve']);
  clock.nowMs += 1000;
});

test('whom conditional access blocks reads nothing and decides nothing', async () => {
  const cookie = cookieOf('sena');
  const token = await tokenIn(cookie);
  barred.add('sena');
  const shown = await fetch(`${url}${path}`, { headers: { cookie } });
  assert.deepEqual([shown.headers.get('x-code'), await shown.text()], ['identity_access_blocked', '']);
  assert.equal(await send({ cookie, token }), 'identity_access_blocked');
  assert.deepEqual(acts, []);
});

test('opening the page, by whichever method that changes nothing, decides nothing', async () => {
  const cookie = cookieOf('sena');
  for (const method of ['GET', 'HEAD']) {
    const answer = await fetch(`${url}${path}?decision=approve&token=${await tokenIn(cookie)}`, {
      method,
      headers: { cookie },
    });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-security-policy')!, /frame-ancestors 'none'/);
  }
  assert.deepEqual(acts, []);
});
