// Attack (SSRF, mix-up): a server says where people sign in for it, and names inner addresses, other servers, or itself as another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGuardedFetch } from '../../src/upstream/authorization/guarded-fetch.ts';
import { openAddress, openConnectedHouse } from '../support/connected-house.ts';
import type { ConnectedHouse } from '../support/connected-house.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';

type Tampering = (connected: ConnectedHouse) => void;
const says =
  (more: object): Tampering =>
  ({ notes }) => {
    notes.authority.metadata = (document) => ({ ...document, ...more });
  };

const beforeTheBrowserLeaves: Readonly<Record<string, Tampering>> = {
  'metadata of another server': ({ notes }) => {
    notes.metadata = (document) => ({ ...document, resource: 'https://bank.example/mcp' });
  },
  'a sibling of its own address': ({ notes }) => {
    notes.metadata = (document) => ({ ...document, resource: `${notes.url}-two` });
  },
  'an authorization server at an inner address': ({ notes }) => {
    notes.metadata = (document) => ({ ...document, authorization_servers: ['https://169.254.169.254'] });
  },
  'an authorization server over plain http': ({ notes }) => {
    notes.metadata = (document) => ({ ...document, authorization_servers: ['http://login.example'] });
  },
  'another issuer in the metadata': says({ issuer: 'https://honest.example' }),
  'no PKCE': says({ code_challenge_methods_supported: undefined }),
  'PKCE without a hash': says({ code_challenge_methods_supported: ['plain'] }),
  'a token endpoint over plain http': says({ token_endpoint: 'http://login.example/token' }),
  'a script for an authorization endpoint': says({ authorization_endpoint: 'javascript:alert(1)' }),
  'an authorization endpoint with a password in it': says({ authorization_endpoint: 'https://a:b@login.example/' }),
  'a registration endpoint at an inner address': says({ registration_endpoint: 'https://10.0.0.1/register' }),
};

for (const [what, tamper] of Object.entries(beforeTheBrowserLeaves)) {
  test(`${what}: nobody is sent there`, async () => {
    await using connected = await openConnectedHouse();
    const { url } = await connected.call('dana');
    tamper(connected);
    const arrival = await openAddress(url!);
    assert.equal(arrival.response!.status, 502);
    assert.equal(arrival.url.origin, connected.house.url);
    assert.equal(connected.notes.authority.requests.length, 0);
  });
}

const beforeTheCodeIsRedeemed: Readonly<Record<string, (back: URL) => void>> = {
  'an answer in the name of another issuer': (back) => back.searchParams.set('iss', 'https://honest.example'),
  'an answer whose issuer is only alike': (back) => back.searchParams.set('iss', `${back.searchParams.get('iss')}/`),
  'an answer without the announced issuer': (back) => back.searchParams.delete('iss'),
  'an answer with a parameter twice': (back) => back.searchParams.append('iss', back.searchParams.get('iss')!),
};

for (const [what, answer] of Object.entries(beforeTheCodeIsRedeemed)) {
  test(`${what}: the code goes nowhere`, async () => {
    await using connected = await openConnectedHouse();
    connected.notes.authority.answer = answer;
    const arrival = await openAddress((await connected.call('dana')).url!);
    assert.equal(arrival.response!.status, 502);
    assert.equal(connected.notes.authority.tokenRequests.length, 0);
    assert.equal((await connected.call('dana')).account, undefined);
  });
}

test('control: untouched, the same sign-in comes to its end', async () => {
  await using connected = await openConnectedHouse();
  assert.equal((await openAddress((await connected.call('dana')).url!)).response!.status, 200);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
});

test('credentials that were made out for one issuer are shown to no other', async () => {
  const clientSecret = { source: 'env', name: 'PATH' };
  const authorization = { clientId: 'by-hand', clientSecret, issuer: 'https://login.example' };
  await using connected = await openConnectedHouse({ authorization });
  assert.equal((await openAddress((await connected.call('dana')).url!)).response!.status, 502);
  assert.equal(connected.notes.authority.requests.length, 0);
});

test('for a server elsewhere nothing on this machine or in an inner network is fetched, by whatever name', async (context) => {
  await using inner = await startHttpUpstream((_seen, response) => answerJson(response, { secret: 'of the inside' }));
  const { port } = new URL(inner.url);
  const guard = createGuardedFetch({ home: 'https://8.8.8.8/mcp', insecureHttp: false });
  context.after(() => guard.close());
  for (const url of [
    `http://127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}/`,
    `https://localhost:${port}/`,
    `https://[::1]:${port}/`,
    `https://[::ffff:127.0.0.1]:${port}/`,
    `https://2130706433:${port}/`,
    `https://0x7f.1:${port}/`,
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/',
    'file:///etc/passwd',
  ])
    await assert.rejects(
      guard.fetch(url),
      (error: Error) => /AddressRefused|inner address|is not https/.test(chainOf(error)),
      url,
    );
  assert.equal(inner.connections(), 0);

  const local = createGuardedFetch({ home: 'http://127.0.0.1:1/mcp', insecureHttp: false });
  context.after(() => local.close());
  const answer = await local.fetch(`http://localhost:${port}/`);
  assert.deepEqual(await answer.json(), { secret: 'of the inside' }, 'control: it is there to be had');
});

test('a server in the world does not count as an inner one because its name has an inner address as well', async (context) => {
  await using inner = await startHttpUpstream((_seen, response) => answerJson(response, {}));
  const askFor = async (...found: string[]): Promise<string> => {
    const addresses = found.map((address) => ({ address, family: 4 }));
    const guard = createGuardedFetch({
      home: 'https://mcp.evil.example/mcp',
      insecureHttp: false,
      resolve: (_host, _options, callback) => callback(null, addresses),
    });
    context.after(() => guard.close());
    return guard.fetch(inner.url.replace('http:', 'https:')).then(() => 'answered', chainOf);
  };
  for (const found of [
    ['127.0.0.1', '8.8.8.8'],
    ['8.8.8.8', '127.0.0.1'],
    ['127.0.0.1', '10.0.0.5'],
  ])
    assert.match(await askFor(...found), /AddressRefused/, found.join());
  assert.equal(inner.connections(), 0);
  assert.doesNotMatch(await askFor('127.0.0.1'), /AddressRefused/);
  assert.equal(inner.connections(), 1, 'control: a server that is only here may have its authorization server here');
});

test('a redirect is not followed, and an answer without end is not read', async (context) => {
  await using hostile = await startHttpUpstream((seen, response) => {
    if (seen.path === '/redirect') return void response.writeHead(302, { location: '/secret' }).end();
    if (seen.path === '/secret') return answerJson(response, {});
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = (): void => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more);
    };
    more();
  });
  const guard = createGuardedFetch({ home: hostile.url, insecureHttp: false, maxBytes: 100_000 });
  context.after(() => guard.close());
  const { origin } = new URL(hostile.url);
  assert.equal((await guard.fetch(`${origin}/redirect`)).status, 302);
  assert.ok(hostile.seen.every(({ path }) => path !== '/secret'));
  await assert.rejects(guard.fetch(`${origin}/endless`), /exceeds 100000 bytes/);
});

/** Everything that an error and its causes say. */
function chainOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const inner = error instanceof AggregateError ? error.errors.map(chainOf).join(' ') : '';
  return `${error.constructor.name} ${error.message} ${inner} ${chainOf(error.cause)}`;
}
