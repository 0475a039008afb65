// The command line in one's own name, at a Genkan elsewhere: signing in, approving with a second factor, renewing, and the end of it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock as clock } from '../src/base/clock.ts';
import { createLog } from '../src/base/log.ts';
import { openPersonStore } from '../src/local/person-store.ts';
import { createLogins } from '../src/remote/logins.ts';
import type { Login, Logins } from '../src/remote/logins.ts';
import { proofsBy } from '../src/remote/authorization.ts';
import { createBrowser } from './support/browser.ts';
import { deleter, devWeb } from './support/elevation-house.ts';
import { outputOf, spawnGenkan } from './support/genkan-process.ts';
import type { TestHouse } from './support/house.ts';
import { post } from './support/mcp-post.ts';
import { openRemoteHouse, personMachine } from './support/remote-house.ts';
import type { PersonMachine, RemoteHouse } from './support/remote-house.ts';
import { freePort } from './support/free-port.ts';

let there: RemoteHouse;
before(async () => void (there = await openRemoteHouse()));
after(() => there[Symbol.asyncDispose]());

const wish = ['--role', deleter, '--scope', devWeb, '--duration', '10m', '--justification', 'web-1 does not answer'];

async function withLogins<Value>({ root }: PersonMachine, work: (logins: Logins) => Promise<Value>): Promise<Value> {
  const machine = { platform: process.platform, home: root, env: {} };
  const store = await openPersonStore(root, { machine, clock, log: createLog('silent') });
  return work(createLogins(store.sealed, store.leases)).finally(() => store.close());
}

/** What a machine has kept of a sign-in. */
const kept = (machine: PersonMachine, url: string): Promise<Login | undefined> =>
  withLogins(machine, (logins) => logins.read(url));

const change = (machine: PersonMachine, url: string, how: (login: Login) => Login): Promise<void> =>
  withLogins(machine, async (logins) => logins.write(url, how((await logins.read(url))!)));

/** As the command line on the machine of the house does it. */
function order({ dataDirectory, url }: TestHouse, operation: string, input: object) {
  const key = readFileSync(path.join(dataDirectory, 'keys', 'operator.key'), 'utf8').trim();
  return post(`${url}/api/${operation}`, input, { headers: { authorization: `Operator ${key}` } });
}

/** What the REST door says to somebody who has all that a machine has kept. */
async function answerTo({ clientId, key, tokens }: Login, url: string): Promise<number> {
  const headers = new Headers({ authorization: `DPoP ${tokens.access}`, 'content-type': 'application/json' });
  const address = new URL(`${url}/api/me/show`);
  const proofs = (await proofsBy(key, { client_id: clientId })) as unknown as {
    addProof(url: URL, headers: Headers, method: string, token: string): Promise<void>;
  };
  await proofs.addProof(address, headers, 'POST', tokens.access);
  return (await fetch(address, { method: 'POST', headers, body: '{}' })).status;
}

test('an approver says yes at the command line in their own name, and is asked for the second factor on the way', async () => {
  const { url, house, provider, signsIn } = there;
  using dana = personMachine();
  using sena = personMachine();
  const before = await dana.run('approval', 'list', '--at', url);
  assert.equal(before.code, 3);
  assert.match(before.error, new RegExp(`genkan login ${url}`));

  signsIn('dana');
  const login = await dana.run('login', url);
  assert.equal(login.out, `signed in at ${url} as dana@example.com\n`, login.error);
  const asked = await dana.run('--at', url, 'elevation', 'request', ...wish, '--json');
  assert.equal(asked.code, 0, asked.error);
  assert.match(asked.error, /proves more: admin .*auth:c1/);
  assert.equal(provider.requests.at(-1)!.get('acr_values'), 'c1');
  const { id } = JSON.parse(asked.out).elevation;
  const own = await dana.run('approval', 'approve', id, '--at', url);
  assert.equal(own.code, 3);
  assert.match(own.error, /Nobody approves their own request/);
  assert.equal(dana.opened().length, 2, 'a refusal that no sign-in mends opens no browser');

  signsIn('sena');
  assert.equal((await sena.json('login', url)).name, 'sena@example.com');
  const waiting = await sena.run('approval', 'list', '--at', url);
  assert.match(waiting.out, new RegExp(id));
  const yes = await sena.run('approval', 'approve', id, '--comment', 'INC-8', `--at=${url}`);
  assert.equal(yes.code, 0, yes.error);
  assert.match(yes.out, /^approved: Virtual Machine Contributor at .*, for dana@example.com$/m);
  const { approval } = await sena.json('approval', 'show', id, '--at', url);
  assert.deepEqual([approval.state, approval.decidedBy], ['approved', 'sena@example.com']);
  const entries = await house.house.audit.list({ limit: 1000, action: 'approval.approve', result: 'allowed' });
  assert.deepEqual(
    entries.map(({ user }) => user),
    [`${provider.issuer}#sena`],
  );
  assert.match((await sena.run('whoami', '--at', url)).out, /^sena@example\.com \(.*#sena\), proved: c1$/m);
  assert.equal((await sena.run('whoami')).out, `${url}: sena@example.com (${provider.issuer}#sena)\n`);
});

test('nothing goes on in the name of whoever else is at the browser when the second factor is asked for', async () => {
  const { url, house, signsIn } = there;
  using dana = personMachine();
  signsIn('dana');
  await dana.json('login', url);
  const was = await kept(dana, url);
  signsIn('sena');
  const { code, error } = await dana.run('elevation', 'request', ...wish, '--at', url);
  assert.equal(code, 3);
  assert.match(
    error,
    /signed in at .* as dana@example\.com, and sena@example\.com signed in just now\. Nothing was done/,
  );
  assert.deepEqual(await kept(dana, url), was);
  const tried = await house.house.audit.list({ limit: 100, action: 'elevation.request', result: 'allowed' });
  assert.ok(!tried.some(({ user }) => user.endsWith('#sena')));
  const grants = await house.house.audit.list({ limit: 100, action: 'identity.grantRevoked' });
  assert.ok(grants.length > 0, 'what sena was granted has ended');
});

test('what is kept is sealed for this account alone, bound to a key, and dead after signing out', async () => {
  const { url, signsIn } = there;
  using omar = personMachine();
  signsIn('omar');
  await omar.json('login', url);
  const login = (await kept(omar, url))!;
  const files = readdirSync(omar.root, { recursive: true, encoding: 'utf8' }).map((file) => path.join(omar.root, file));
  for (const file of files.filter((each) => statSync(each).isFile())) {
    assert.ok(file.endsWith('.lock') || (statSync(file).mode & 0o077) === 0, file);
    for (const secret of [login.tokens.access, login.tokens.refresh!, String(login.key['d'])])
      assert.ok(!readFileSync(file).includes(secret), file);
  }
  assert.equal(await answerTo(login, url), 200);
  const headers = { authorization: `Bearer ${login.tokens.access}`, 'content-type': 'application/json' };
  const stolen = await fetch(`${url}/api/me/show`, { method: 'POST', headers, body: '{}' });
  assert.equal(stolen.status, 401, 'without the key');

  const out = await omar.run('logout');
  assert.equal(out.out, `signed out at ${url}: omar@example.com\n`, out.error);
  assert.equal(await answerTo(login, url), 401);
  const form = { grant_type: 'refresh_token', client_id: login.clientId, refresh_token: login.tokens.refresh! };
  assert.equal(
    (await fetch(login.server.token_endpoint, { method: 'POST', body: new URLSearchParams(form) })).status,
    400,
  );
  assert.equal((await omar.run('me', 'show', '--at', url)).code, 3);
  assert.equal((await omar.run('whoami')).out, 'you are signed in nowhere\n');
});

test('a token that ends is renewed by one command at a time, and by none once the sign-in is over', async () => {
  await using short = await openRemoteHouse({ accessTokenSeconds: 5, dpop: 'required' });
  const { url, house, signsIn } = short;
  using dana = personMachine();
  signsIn('dana');
  await dana.json('login', url);
  const first = (await kept(dana, url))!;
  const answers = await Promise.all([1, 2, 3].map(() => dana.json('me', 'show', '--at', url)));
  for (const { name } of answers) assert.equal(name, 'dana@example.com');
  const renewed = (await kept(dana, url))!;
  assert.notEqual(renewed.tokens.refresh, first.tokens.refresh);
  assert.equal(dana.opened().length, 1);

  assert.equal((await order(house, 'session/revoke', { user: 'dana@example.com' })).status, 200);
  const late = await dana.run('me', 'show', '--at', url);
  assert.equal(late.code, 3);
  assert.match(late.error, /not any more[^]*genkan login/);
  assert.equal(dana.opened().length, 1, 'whoever is signed out is told so, and not led to a page unasked');
});

test('where nobody would see a browser the address is printed, and whoever opens it on this machine is signed in', async () => {
  const { url, signsIn } = there;
  using dana = personMachine();
  signsIn('dana');
  const child = spawnGenkan(['login', url, '--data', dana.root], { SSH_CONNECTION: 'here there', BROWSER: '' });
  const ended = once(child, 'close');
  const address = /Sign in at (\S+)/.exec(await outputOf(child, /Sign in at \S+\n/))![1]!;
  const browser = createBrowser();
  const page = await browser.follow(address, () => false);
  assert.match(page.page!, /Genkan command line/);
  const back = await browser.submit(page.url, page.page!, { decision: 'approve' }, () => false);
  assert.match(back.page!, /You are signed in/);
  assert.deepEqual(await ended, [0, null]);
  assert.equal((await kept(dana, url))?.person.name, 'dana@example.com');
});

test('whoever says no in the browser is signed in nowhere, and a client that is not known any more registers again', async () => {
  const { url, provider, signsIn } = there;
  using dana = personMachine();
  provider.person = undefined;
  const no = await dana.run('login', url);
  assert.equal(no.code, 3);
  assert.match(no.error, /Nobody was signed in at .*access_denied/);
  assert.equal(await kept(dana, url), undefined);

  signsIn('dana');
  await dana.json('login', url);
  const { clientId } = (await kept(dana, url))!;
  await dana.json('login', url);
  assert.equal((await kept(dana, url))!.clientId, clientId, 'known there, it is used again');
  await change(dana, url, (login) => ({ ...login, clientId: 'long-gone' }));
  await dana.json('login', url);
  assert.notEqual((await kept(dana, url))!.clientId, 'long-gone');
});

test('whoever is kept out is told so by the house itself', async () => {
  const { url, house, signsIn } = there;
  using omar = personMachine();
  signsIn('omar');
  await omar.json('login', url);
  await order(house, 'principal/disable', { user: 'omar@example.com', reason: 'a lost laptop' });
  const { code, error } = await omar.run('me', 'show', '--at', url);
  assert.equal(code, 3);
  assert.match(error, /disabled/);
});

test('where no Genkan answers, the command says so', async () => {
  using omar = personMachine();
  const { code, error } = await omar.run('login', `http://127.0.0.1:${await freePort()}`);
  assert.equal(code, 1);
  assert.match(error, /http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/);
});
