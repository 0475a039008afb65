// Attack: another program on this machine, or a page in a browser on it, asks for the tokens that a person's process may have.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { CallerToken } from '../../src/base/caller-tokens.ts';
import { systemClock } from '../../src/base/clock.ts';
import { GenkanError } from '../../src/base/errors.ts';
import { createChildIdentity } from '../../src/upstream/caller-identity/child-identity.ts';
import { createTokenEndpoint } from '../../src/upstream/caller-identity/token-endpoint.ts';

const resource = 'https://management.azure.com';
const warnings: string[] = [];
const endpoint = createTokenEndpoint((reason) => warnings.push(reason));
after(() => endpoint.close());
await endpoint.open();
const passOf = (person: string) =>
  endpoint.admit(() => Promise.resolve({ token: `token of ${person}`, expiresAtMs: Date.now() + 60_000 }));
const [danas, omars] = [passOf('dana'), passOf('omar')];

interface Ask {
  readonly secret?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly query?: string;
}

function ask(
  address: string,
  { secret, headers, method = 'GET', query }: Ask,
): Promise<{ status: number; body: string }> {
  const url = `${address}?${query ?? `api-version=2019-08-01&resource=${encodeURIComponent(resource)}`}`;
  const sent = { ...(secret !== undefined && { 'x-identity-header': secret }), ...headers };
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers: sent, agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () => resolve({ status: answer.statusCode!, body }));
    });
    asking.on('error', reject).end();
  });
}

const danasEndpoint = danas.environment['IDENTITY_ENDPOINT']!;

test('control: whoever shows the secret of the process gets the token', async () => {
  const { status, body } = await ask(danasEndpoint, { secret: danas.secret });
  assert.equal(status, 200);
  assert.equal((JSON.parse(body) as { access_token: string }).access_token, 'token of dana');
});

test('without the secret, with a wrong one or with that of another process there is none', async () => {
  const wrong = [undefined, '', 'x', danas.secret.slice(1), `${danas.secret}x`, omars.secret];
  for (const secret of wrong) {
    const { status, body } = await ask(danasEndpoint, secret === undefined ? {} : { secret });
    assert.equal(status, 401, secret);
    assert.doesNotMatch(body, /token of/);
  }
  const base = new URL(danasEndpoint).origin;
  for (const path of ['/', '/x', '/__proto__', `${new URL(danasEndpoint).pathname}/x`, '//x'])
    assert.equal((await ask(base + path, { secret: danas.secret })).status, 401, path);
});

test('that somebody tries is said once, however often they do', () => {
  assert.deepEqual(warnings, ['X-IDENTITY-HEADER is missing or wrong']);
});

test('a page that knows even the secret gets none through a browser or through a proxy', async () => {
  const { secret } = danas;
  for (const headers of [
    { host: 'genkan.example' },
    { host: `localhost:${new URL(danasEndpoint).port}` },
    { origin: 'https://evil.example' },
    { 'x-forwarded-for': '10.0.0.1' },
  ] as Record<string, string>[])
    assert.equal((await ask(danasEndpoint, { secret, headers })).status, 400, JSON.stringify(headers));
});

test('nothing but the one question is answered', async () => {
  const { secret } = danas;
  const plain = `api-version=2019-08-01&resource=${encodeURIComponent(resource)}`;
  for (const query of [
    '',
    'api-version=2017-09-01&resource=x',
    `${plain}&resource=x`,
    `${plain}&client_id=x`,
    'resource=x',
  ])
    assert.equal((await ask(danasEndpoint, { secret, query })).status, 400, query);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
    assert.equal((await ask(danasEndpoint, { secret, method })).status, 405, method);
});

/** Sockets that say nothing, and when the other side has closed how many of them. */
async function silent(port: number, count: number): Promise<{ end(): void; closed(many: number): Promise<unknown> }> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(sockets.map((socket) => once(socket, 'connect').catch(() => undefined)));
  const gone = sockets.map((socket) => (socket.closed ? Promise.resolve([]) : once(socket.resume(), 'close')));
  const closed = (many: number): Promise<unknown> => {
    let left = many;
    return new Promise<void>((resolve) => gone.forEach((one) => void one.then(() => --left || resolve())));
  };
  return { closed, end: () => sockets.forEach((socket) => socket.destroy()) };
}

test('a process that opens connections without end starves nobody, and soon has none of them', async () => {
  const most = 256;
  const unguarded = createServer((_, answer) => void answer.end());
  unguarded.maxConnections = most;
  await once(unguarded.listen(0, '127.0.0.1'), 'listening');
  const { port } = unguarded.address() as AddressInfo;
  const held = await silent(port, most);
  await assert.rejects(ask(`http://127.0.0.1:${port}/`, {}), 'control: a mere limit shuts everybody else out');
  held.end();
  unguarded.close();

  const beganMs = performance.now();
  const flood = await silent(Number(new URL(danasEndpoint).port), most);
  assert.equal((await ask(danasEndpoint, { secret: danas.secret })).status, 200);
  await flood.closed(most / 2);
  assert.ok(performance.now() - beganMs < 1900, 'the oldest go at once, and not only when their time is over');
  await flood.closed(most);
});

test('a process that asks without end gets no more than its part', async () => {
  const answers = Promise.withResolvers<void>();
  const busy = endpoint.admit(async () => {
    await answers.promise;
    return { token: 'late', expiresAtMs: Date.now() + 60_000 };
  });
  const address = busy.environment['IDENTITY_ENDPOINT']!;
  const asked = Array.from({ length: 40 }, () => ask(address, { secret: busy.secret }));
  const first = await Promise.race(asked);
  assert.equal(first.status, 429);
  assert.equal((await ask(danasEndpoint, { secret: danas.secret })).status, 200);
  answers.resolve();
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 16);
  assert.equal((await ask(address, { secret: busy.secret })).status, 200, 'and its part again afterwards');
  busy.end();
});

test('what a process asked before its person was turned away is not answered afterwards, nor what the next one asks', async () => {
  const callers: PromiseWithResolvers<CallerToken>[] = [];
  const tokenFor = (): Promise<CallerToken> => {
    callers.push(Promise.withResolvers<CallerToken>());
    return callers.at(-1)!.promise;
  };
  const desk = { signInRequired: () => Promise.resolve(new GenkanError('upstream_sign_in_required')) };
  const neighbours = { callers: { tokenFor }, desk, endpoint, clock: systemClock };
  const identity = createChildIdentity({ person: 'dana', resources: [resource], ...neighbours });
  const issued = () => {
    const { environment, secret } = identity.issue();
    return ask(environment['IDENTITY_ENDPOINT']!, { secret });
  };
  after(() => identity.close());
  await identity.prepare();
  const token = { token: 'token of dana', expiresAtMs: Date.now() + 60_000 };
  const asking = async (many: number, before: () => void): Promise<{ status: number; body: string }> => {
    const answer = issued();
    while (callers.length < many) await turn();
    before();
    callers.at(-1)!.resolve(token);
    return answer;
  };
  assert.match((await asking(1, () => undefined)).body, /token of dana/, 'control');
  assert.doesNotMatch((await asking(2, () => identity.revoke())).body, /token of/);
  assert.equal((await issued()).status, 400, 'a process that was just being started');
  assert.equal(callers.length, 2);
});

test('the secret dies with its process', async () => {
  omars.end();
  assert.equal((await ask(omars.environment['IDENTITY_ENDPOINT']!, { secret: omars.secret })).status, 401);
  assert.equal((await ask(danasEndpoint, { secret: danas.secret })).status, 200);
});
