// Agents from their registration to their last call: by operations, through the door, and in the record.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import { isRefusal } from '../src/base/errors.ts';
import { operator } from '../src/operations/operator.ts';
import { perform } from '../src/operations/perform.ts';
import { findOperation } from '../src/operations/registry.ts';
import { makersUse, openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';
import { athOf, makeProof } from './support/proof.ts';
import { accessTokenType, exchangeGrant, requestToken } from './support/token-request.ts';

async function operate({ house }: TestHouse, command: string, input: object): Promise<Record<string, unknown>> {
  const [noun, verb] = command.split(' ') as [string, string];
  const caller = { principal: operator, sourceIP: '', userAgent: '' };
  const outcome = await perform(findOperation(noun, verb)!, input, caller, house);
  if (isRefusal(outcome)) throw new Error(`${outcome.code}: ${JSON.stringify(outcome.params)}`);
  return outcome.output as Record<string, unknown>;
}

const identity = (settings: object) => ({
  provider: { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' },
  ...settings,
});

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256' };
const authentication = oauth.PrivateKeyJwt(privateKey as oauth.CryptoKey);

test('an agent is registered, given a role, calls a tool, and is gone when it is removed', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using house = await openTestHouse({ servers: { notes: { url: upstream.url } } });
  const added = await operate(house, 'client add', { name: 'reporter', resource: ['/mcp/notes'], secret: true });
  const client = { client_id: 'reporter' };
  const secret = oauth.ClientSecretBasic(added.secret as string);
  const resource = `${house.url}/mcp/notes`;
  const { token } = await requestToken(house.url, { client, authentication: secret }, 'client_credentials', {
    resource,
  });
  const call = async (): Promise<number> => {
    const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
    const { status, message } = await post(resource, body, { token, headers });
    return message.error === undefined ? status : message.error.code;
  };
  assert.notEqual(await call(), 200, 'without a role it may do nothing');
  await operate(house, 'role assign', { application: 'reporter', role: 'MCP User', scope: '/servers/notes' });
  assert.equal(await call(), 200);
  const [last] = await house.house.audit.list({ limit: 1 });
  assert.deepEqual([last!.user, last!.action, last!.result], ['application:reporter', 'tools/call', 'allowed']);

  const { clients } = await operate(house, 'client list', {});
  assert.deepEqual(
    (clients as { principal: string }[]).map(({ principal }) => principal),
    ['application:reporter'],
  );
  await operate(house, 'client remove', { name: 'reporter' });
  assert.equal((await post(resource, modern('tools/list').body, { token })).status, 401);
});

test('a name that was revoked is not given to another agent before it is restored', async () => {
  await using house = await openTestHouse({});
  const wish = { name: 'reporter', resource: ['/mcp'], secret: true };
  await operate(house, 'client add', wish);
  await operate(house, 'client revoke', { client: 'reporter', reason: 'leaks' });
  await operate(house, 'client remove', { name: 'reporter' });
  await assert.rejects(operate(house, 'client add', wish), /a client reporter was revoked; client restore lets/);
  await operate(house, 'client restore', { client: 'reporter' });
  const { secret } = await operate(house, 'client add', wish);
  const by = { client: { client_id: 'reporter' }, authentication: oauth.ClientSecretBasic(secret as string) };
  const { outcome } = await requestToken(house.url, by, 'client_credentials', { resource: `${house.url}/mcp` });
  assert.equal(outcome, 'tokens');
});

test('the record names the person and everybody who acts for them', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using house = await openTestHouse({
    servers: { notes: { url: upstream.url } },
    access: makersUse('notes'),
    identity: identity({ tokenExchange: [{ client: 'helper', resources: ['/mcp/notes'] }] }),
  });
  await operate(house, 'client add', { name: 'helper', resource: ['/mcp/notes'], jwks: { keys: [jwk] } });
  const resource = `${house.url}/mcp/notes`;
  const parameters = {
    subject_token: await house.token('dana', 'notes'),
    subject_token_type: accessTokenType,
    resource,
  };
  const helper = { client: { client_id: 'helper' }, authentication };
  const { token } = await requestToken(house.url, helper, exchangeGrant, parameters);
  const { body, headers } = modern('tools/call', { name: 'read', arguments: {} });
  assert.equal((await post(resource, body, { token, headers })).status, 200);
  const [last] = await house.house.audit.list({ limit: 1, action: 'tools/call' });
  assert.match(last!.user, /#dana$/);
  assert.deepEqual([last!.client, last!.actor?.act], ['helper', ['application:helper']]);
});

test('at the door a bound token goes with one proof for each request, and both eras take it', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using house = await openTestHouse({ servers: { notes: { url: upstream.url } } });
  await operate(house, 'client add', { name: 'reporter', resource: ['/mcp/notes'], jwks: { keys: [jwk] }, dpop: true });
  await operate(house, 'role assign', { application: 'reporter', role: 'MCP User', scope: '/servers/notes' });
  const resource = `${house.url}/mcp/notes`;
  const client = { client_id: 'reporter' };
  const bound = { DPoP: oauth.DPoP({}, { privateKey, publicKey } as oauth.CryptoKeyPair) };
  const { token } = await requestToken(
    house.url,
    { client, authentication },
    'client_credentials',
    { resource },
    bound,
  );
  const proofFor = (htu: string): Promise<string> =>
    makeProof({ privateKey, jwk: publicJwk }, { htm: 'POST', htu, ath: athOf(token) });
  const list = (proof: string | undefined, scheme = 'DPoP') => {
    const { body, headers } = modern('tools/list');
    return post(resource, body, { headers: { ...headers, authorization: `${scheme} ${token}`, dpop: proof } });
  };
  const proof = await proofFor(resource);
  assert.equal((await list(proof)).status, 200);
  const replayed = await list(proof);
  assert.equal(replayed.status, 401);
  assert.match(replayed.headers['www-authenticate']!, /^DPoP error="invalid_dpop_proof".*algs="ES256/);
  assert.equal((await list(await proofFor(`${house.url}/mcp`))).status, 401);
  assert.equal((await list(await proofFor(resource), 'Bearer')).status, 401);
  assert.equal((await list(await proofFor(resource))).status, 200);
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  };
  const headers = { authorization: `DPoP ${token}`, dpop: await proofFor(resource) };
  assert.equal((await post(resource, initialize, { headers })).status, 200);
  const document = await fetch(`${house.url}/.well-known/oauth-protected-resource/mcp/notes`);
  const { dpop_signing_alg_values_supported: algorithms } = (await document.json()) as Record<string, unknown>;
  assert.ok((algorithms as string[]).includes('ES256'));
});

test('an agent that asks for all that its resource lists gets what there is for it, and no refresh token', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using house = await openTestHouse({ servers: { notes: { url: upstream.url } } });
  await operate(house, 'client add', { name: 'reporter', resource: ['/mcp/notes'], jwks: { keys: [jwk] } });
  const document = await fetch(`${house.url}/.well-known/oauth-protected-resource/mcp/notes`);
  const { resource, scopes_supported: listed } = (await document.json()) as {
    resource: string;
    scopes_supported: string[];
  };
  assert.deepEqual(listed, ['mcp', 'offline_access']);
  const ask = (scope: string) =>
    requestToken(house.url, { client: { client_id: 'reporter' }, authentication }, 'client_credentials', {
      resource,
      scope,
    });
  const { outcome, body } = await ask(listed.join(' '));
  assert.deepEqual([outcome, body.scope, body.refresh_token], ['tokens', 'mcp', undefined]);
  assert.equal((await ask('mcp:read auth:c1')).body.scope, 'mcp:read');
  for (const scope of ['mcp admin', 'mcp files:write', 'offline_access', 'auth:c1'])
    assert.equal((await ask(scope)).outcome, 'invalid_scope', scope);
});

for (const [dpop, challenge] of [
  ['optional', /^Bearer scope="mcp", resource_metadata="[^"]+", DPoP algs="ES256/],
  ['required', /^DPoP scope="mcp", resource_metadata="[^"]+", algs="ES256/],
] as const)
  test(`where a key is ${dpop}, the door and the document of the resource say so to whoever knocks`, async () => {
    await using upstream = await startHttpUpstream(mcpByHand({}));
    await using house = await openTestHouse({
      servers: { notes: { url: upstream.url } },
      identity: identity({ dpop }),
    });
    const { body, headers } = modern('tools/list');
    const refused = await post(`${house.url}/mcp/notes`, body, { headers });
    assert.match(refused.headers['www-authenticate']!, challenge);
    const document = await fetch(`${house.url}/.well-known/oauth-protected-resource/mcp/notes`);
    const { dpop_bound_access_tokens_required: required } = (await document.json()) as Record<string, unknown>;
    assert.equal(required, dpop === 'required');
  });

const { kty, crv, x, y } = jwk;
const publicJwk = { kty, crv, x, y };

test('a registration that would weaken an agent is refused, and says why', async () => {
  await using house = await openTestHouse({
    identity: identity({ workloadIssuers: [{ issuer: 'https://workloads.example' }] }),
  });
  const refusal = (input: object): Promise<string> =>
    operate(house, 'client add', { name: 'reporter', resource: ['/mcp'], ...input }).then(
      () => 'added',
      (error: Error) => error.message,
    );
  const rsa = await exportJWK((await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })).publicKey);
  assert.match(await refusal({}), /give one of secret, jwks, jwksUrl and federatedIssuer/);
  assert.match(await refusal({ secret: true, jwks: { keys: [jwk] } }), /give one of/);
  assert.match(await refusal({ secret: true, resource: ['/mcp/nowhere'] }), /there is no resource/);
  assert.match(await refusal({ secret: true, resource: ['https://elsewhere.example/mcp'] }), /there is no resource/);
  assert.match(await refusal({ secret: true, name: 'https://client.example' }), /name/);
  assert.match(await refusal({ jwks: { keys: [await exportJWK(privateKey)] } }), /public keys only/);
  assert.match(await refusal({ jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }), /public keys only/);
  assert.match(await refusal({ jwks: { keys: [] } }), /1 to 10 keys/);
  assert.match(await refusal({ jwksUrl: 'http://keys.example/' }), /jwksUrl/);
  assert.match(await refusal({ jwksUrl: 'https://10.0.0.1/' }), /jwksUrl/);
  assert.match(await refusal({ federatedIssuer: 'https://workloads.example' }), /belong together/);
  const stranger = { federatedIssuer: 'https://elsewhere.example', federatedSubject: 'x' };
  assert.match(await refusal(stranger), /not among identity.workloadIssuers/);
  assert.equal(await refusal({ jwks: { keys: [rsa] } }), 'added', 'control');
  assert.match(await refusal({ secret: true }), /already/);
});
