// Least scopes where a challenge cannot be a whole HTTP answer, and what administrators are told of conditional access.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { findOperation } from '../src/operations/registry.ts';
import { perform } from '../src/operations/perform.ts';
import { answerJson, startHttpUpstream } from './support/http-upstream.ts';
import { openTestHouse } from './support/house.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';
import { modern, post } from './support/mcp-post.ts';
import { obtainTokens } from './support/oauth-client.ts';
import { startOidcStandIn } from './support/oidc-stand-in.ts';

const seed = path.join(import.meta.dirname, 'golden/conditional-access/seed.json');

async function openHouse(identity: object, upstream: string) {
  const provider = await startOidcStandIn();
  provider.person = { sub: 'dana', preferred_username: 'dana@example.com', groups: ['makers', 'azure-mcp-admins'] };
  const house = await openTestHouse({
    identity: {
      provider: { issuer: provider.issuer, allowInsecureIssuer: true, clientId: 'genkan' },
      ...identity,
    },
    access: { assignments: [{ principal: { group: 'makers' }, role: 'MCP User', scope: '/servers/raw' }] },
    servers: { raw: { url: upstream } },
  });
  return {
    ...house,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await provider.close();
    },
  };
}

test('in a batch the call that needs more is an error with the scope to ask for, and the others are answered', async () => {
  const carriedOut: unknown[] = [];
  await using upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['legacy'],
      handle({ message }, response) {
        if (message.method === 'tools/call') carriedOut.push(message.params);
        if (message.method !== 'initialize') return false;
        const serverInfo = { name: 'x', version: '1' };
        const result = { protocolVersion: '2025-03-26', capabilities: { tools: {} }, serverInfo };
        answerJson(response, { jsonrpc: '2.0', id: message.id, result });
        return true;
      },
    }),
  );
  await using house = await openHouse({ scopes: 'least' }, upstream.url);
  const url = `${house.url}/mcp/raw`;
  const { tokens } = await obtainTokens(house.url, url);
  assert.deepEqual(
    tokens.scope!.split(' ').filter((scope) => scope !== 'offline_access'),
    ['mcp:read'],
  );
  const token = tokens.access_token;
  const initialize = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const begun = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params: initialize }, { token });
  const headers = { 'mcp-session-id': String(begun.headers['mcp-session-id']) };
  await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, { token, headers });
  const batch = [
    { jsonrpc: '2.0', id: 1, method: 'tools/list' },
    { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'write', arguments: {} } },
  ];
  const { status, body } = await post(url, batch, { token, headers });
  assert.equal(status, 200);
  const answers = JSON.parse(body) as { id: number; result?: object; error?: { data: Record<string, unknown> } }[];
  assert.ok(answers.find(({ id }) => id === 1)!.result);
  const { data } = answers.find(({ id }) => id === 2)!.error!;
  assert.equal(data['reason'], 'identity_scope_missing');
  assert.equal(data['scope'], 'mcp:read mcp:destroy');
  assert.deepEqual(carriedOut, []);

  // By itself it is a challenge that clients act on, in either era.
  const alone = await post(url, batch[1]!, { token, headers });
  const { body: sent, headers: mirrored } = modern('tools/call', { name: 'write', arguments: {} });
  for (const { status: code, headers: said } of [
    alone,
    await post(url, sent, { token, headers: { ...mirrored, 'mcp-name': 'write' } }),
  ]) {
    assert.equal(code, 403);
    assert.match(
      String(said['www-authenticate']),
      /^Bearer error="insufficient_scope".*scope="mcp:read mcp:destroy", resource_metadata="/,
    );
  }
});

test('administrators see who enforces what, what a policy makes of a person, and what is to be done at Entra ID', async () => {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  const conditionalAccess = { policies: [seed], contexts: { mfa: 'c1', compliantDevice: 'c2' } };
  await using house = await openHouse({ conditionalAccess }, upstream.url);
  await obtainTokens(house.url, `${house.url}/mcp/raw`);
  const operator = { id: 'operator', kind: 'operator', name: 'operator', groups: [] } as const;
  const caller = { principal: operator, sourceIP: '', userAgent: 'test' };
  const ask = async (verb: string, input: object = {}) => {
    const operation = findOperation('conditional-access', verb)!;
    const answer = await perform(operation, input, caller, house.house);
    assert.ok(answer.outcome === 'allow', JSON.stringify(answer));
    return { output: answer.output as never, text: operation.print!(answer.output as never) };
  };
  const { text: listed } = await ask('list');
  assert.match(listed, /MCP Server Admin MFA Policy \(enabled, from .*seed\.json\)/);
  assert.match(
    listed,
    /grantControls\.builtInControls\[1\] +compliantDevice +Genkan \+ Entra ID +Genkan has "c2" proven/,
  );

  const asked = { as: 'dana@example.com', server: 'raw', from: '203.0.113.7' };
  assert.match(
    (await ask('explain', asked)).text,
    /A stronger sign-in is asked for: c1, c2 \(scope="mcp auth:c1 auth:c2"\)/,
  );
  assert.match((await ask('explain', { ...asked, proven: ['c1', 'c2'] })).text, /^Nothing more is asked for/);

  const { text: planned } = await ask('plan');
  assert.match(planned, /^Microsoft Graph is out of reach from here/);
  const commands = planned.split('\n').filter((line) => line.includes('az rest'));
  assert.equal(commands.length, 5);
  assert.match(
    commands[0]!,
    /az rest --method PATCH --url 'https:\/\/graph\.microsoft\.com\/v1\.0\/identity\/conditionalAccess\/authenticationContextClassReferences\/c1' --headers Content-Type=application\/json --body '\{/,
  );
});
