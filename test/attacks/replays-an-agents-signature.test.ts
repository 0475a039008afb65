// Attack: the assertion with which an agent signs in is overheard and used again, forged, or taken from another issuer or workload.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { newSecret } from '../../src/identity/agents/agents.ts';
import { createCompanyProvider } from '../support/company-provider.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { IdentityHouse } from '../support/identity-house.ts';
import { registerAgent } from '../support/registered-agent.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

async function signIn({ publicUrl }: Pick<IdentityHouse, 'publicUrl'>, form: Record<string, string>, at = publicUrl) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    resource: `${publicUrl}/mcp/files`,
    client_assertion_type: assertionType,
    ...form,
  });
  const response = await fetch(`${at}/oauth/token`, { method: 'POST', body });
  return String(((await response.json()) as { error?: string }).error ?? 'tokens');
}

async function signer(house: IdentityHouse) {
  const agent = await registerAgent(house, 'reporter', { resources: ['/mcp/files'] });
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'reporter', sub: 'reporter', aud: house.publicUrl, iat: now, exp: now + 60 };
  const sign = (changes: object = {}, header: object = {}, key: oauth.CryptoKey = agent.key) =>
    new SignJWT({ jti: crypto.randomUUID(), ...claims, ...changes })
      .setProtectedHeader({ alg: 'ES256', ...header } as { alg: string })
      .sign(key);
  return { agent, sign, now };
}

test('an assertion is good once, for a few minutes, here, by the key of its agent', async () => {
  await using house = await startIdentityHouse();
  const { sign, now } = await signer(house);
  const other = await registerAgent(house, 'other', { resources: ['/mcp/files'] });
  const [header, claims] = (await sign()).split('.') as [string, string];
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  const hs256 = Buffer.from('{"alg":"HS256"}').toString('base64url');
  const forged = {
    unsigned: `${none}.${claims}.`,
    'an HMAC by what is public': `${hs256}.${claims}.${createHmac('sha256', 'reporter').update(`${hs256}.${claims}`).digest('base64url')}`,
    'without its signature': `${header}.${claims}.`,
    'of another agent’s key': await sign({}, {}, other.key),
    'for another server': await sign({ aud: 'https://elsewhere.example' }),
    'for a resource': await sign({ aud: `${house.publicUrl}/mcp/files` }),
    'without an end': await sign({ exp: undefined }),
    'for an hour': await sign({ exp: now + 3600 }),
    'of an hour ago': await sign({ iat: now - 3600 }),
    expired: await sign({ exp: now - 60 }),
    'without an id': await sign({ jti: undefined }),
    'of another issuer': await sign({ iss: 'https://elsewhere.example' }),
  };
  for (const [name, assertion] of Object.entries(forged))
    assert.equal(await signIn(house, { client_assertion: assertion }), 'invalid_client', name);
  const good = await sign();
  assert.equal(await signIn(house, { client_assertion: good, client_id: 'other' }), 'invalid_request');
  assert.equal(await signIn(house, { client_assertion: good }), 'tokens', 'control: nothing of that has used it up');
  assert.equal(await signIn(house, { client_assertion: good }), 'invalid_client', 'a second time');
  assert.equal(
    await signIn(house, { client_assertion: await sign({ aud: `${house.publicUrl}/oauth/token` }) }),
    'tokens',
  );
  assert.equal(await signIn(house, { client_id: 'reporter' }), 'invalid_client', 'without any');
});

test('eight at once with one assertion, at two doors of one database: one token; control: forgotten, it works again', async () => {
  await using house = await startIdentityHouse();
  await using other = await startIdentityHouse({ directory: house.directory, publicUrl: house.publicUrl });
  const { sign } = await signer(house);
  const good = await sign();
  // The second process answers at its own address, as behind a load balancer that keeps the name.
  const host = new URL(house.publicUrl).host;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    resource: `${house.publicUrl}/mcp/files`,
    client_assertion_type: assertionType,
    client_assertion: good,
  }).toString();
  const post = (at: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { host, 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length };
      request(`${at}/oauth/token`, { method: 'POST', headers }, (response) => resolve(response.resume().statusCode!))
        .on('error', reject)
        .end(body);
    });
  const statuses = await Promise.all(
    Array.from({ length: 8 }, (_each, index) => post((index % 2 === 0 ? house : other).listening)),
  );
  assert.equal(statuses.filter((status) => status === 200).length, 1);
  await house.database.deleteFrom('oidc_record').where('kind', '=', 'SingleUse').execute();
  assert.equal(await post(house.listening), 200);
});

test('a secret is not kept, and one that is nearly right is wrong', async () => {
  await using house = await startIdentityHouse();
  const { secret, credential } = newSecret();
  await registerAgent(house, 'reporter', { resources: ['/mcp/files'], credential });
  const stored = JSON.stringify(await house.database.selectFrom('agent').selectAll().execute());
  assert.ok(!stored.includes(secret));
  const hashed = credential.kind === 'secret' ? credential.sha256 : '';
  const attempt = (client_secret: string) => signIn(house, { client_id: 'reporter', client_secret });
  for (const wrong of [secret.slice(1), `${secret} `, secret.toUpperCase(), hashed, ''])
    assert.notEqual(await attempt(wrong), 'tokens', wrong);
  assert.equal(await attempt(secret), 'tokens', 'control');
});

test('a workload signs in with the token of its issuer, and no other workload in its place', async () => {
  const company = await createCompanyProvider('https://workloads.example');
  await using house = await startIdentityHouse({
    settings: { workloadIssuers: [{ issuer: company.issuer }] },
    fetch: company.fetch,
  });
  const subject = 'repo:contoso/reports:ref:refs/heads/main';
  const credential = { kind: 'federated', issuer: company.issuer, subject } as const;
  await registerAgent(house, 'reporter', { resources: ['/mcp/files'], credential });
  await registerAgent(house, 'elsewhere', {
    resources: ['/mcp/files'],
    credential: { ...credential, issuer: 'https://not-trusted.example' },
  });
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: subject, aud: house.publicUrl };
  const attempt = async (changes: object, header: Record<string, unknown> = {}, client_id = 'reporter') =>
    signIn(house, { client_id, client_assertion: await company.sign({ ...claims, ...changes }, header) });
  assert.notEqual(await attempt({ sub: 'repo:mallory/reports:ref:refs/heads/main' }), 'tokens');
  assert.notEqual(await attempt({ sub: `${subject}2` }), 'tokens');
  assert.notEqual(await attempt({ aud: 'https://elsewhere.example' }), 'tokens');
  assert.notEqual(await attempt({ aud: [house.publicUrl, 'https://elsewhere.example'] }), 'tokens');
  assert.notEqual(await attempt({ iss: 'https://elsewhere.example' }), 'tokens');
  assert.notEqual(await attempt({ exp: now - 60 }), 'tokens');
  assert.notEqual(await attempt({ iat: now - 7200, exp: now + 60 }), 'tokens');
  assert.notEqual(await attempt({ iss: 'https://not-trusted.example' }, {}, 'elsewhere'), 'tokens');
  assert.notEqual(await attempt({ sub: 'reporter', iss: 'reporter' }), 'tokens', 'as if it were the agent’s own');
  assert.equal(await attempt({}), 'tokens', 'control: the workload itself');
});
