// Attack: a server takes a call, breaks off its answer and wants another sign-in before it goes on: sent again, the call takes effect twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAddress, openConnectedHouse } from '../support/connected-house.ts';
import type { ConnectedHouse } from '../support/connected-house.ts';
import { event } from '../support/mcp-by-hand.ts';
import { tokenOf } from '../support/protected-server.ts';

interface BreakingHouse extends AsyncDisposable {
  readonly connected: ConnectedHouse;
  readonly runs: () => number;
}

/** A tool that runs, whose answer is on a second stream; by then the token that the call came with is not accepted any more. */
async function openBreakingHouse(): Promise<BreakingHouse> {
  const ended = new Set<string>();
  let runs = 0;
  let called: unknown;
  const connected: ConnectedHouse = await openConnectedHouse({
    spoken: {
      eras: ['legacy'],
      handle(seen, response) {
        if (seen.message.method !== 'tools/call') return false;
        runs++;
        called = seen.message.id;
        ended.add(tokenOf(seen));
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: 1\nretry: 100\ndata:\n\n');
        return true;
      },
      onStream(response) {
        if (connected.notes.seen.at(-1)!.headers['last-event-id'] !== '1') return;
        response.end(event({ id: called, result: { content: [{ type: 'text', text: `run ${runs}` }] } }));
      },
    },
  });
  const { authority } = connected.notes;
  const { read } = authority;
  Object.assign(authority, { read: (token: string) => (ended.has(token) ? undefined : read(token)) });
  await openAddress((await connected.call('dana')).url!);
  return { connected, runs: () => runs, [Symbol.asyncDispose]: () => connected[Symbol.asyncDispose]() };
}

test('control: whoever takes a refusal to go on for a refusal of the call has it carried out twice', async () => {
  await using breaking = await openBreakingHouse();
  const { notes } = breaking.connected;
  const client = await breaking.connected.client('dana', 'legacy');
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'write' } });
  for (let time = 0; time < 2; time++) {
    await client.ping();
    const { authorization } = notes.seen.findLast((seen) => seen.message.method === 'ping')!.headers;
    const headers = {
      authorization: authorization!,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const post = await fetch(notes.url, { method: 'POST', headers, body: message });
    assert.equal(post.status, 200);
    await post.text();
    const rest = await fetch(notes.url, { headers: { ...headers, 'last-event-id': '1' } });
    assert.equal(rest.status, 401);
  }
  assert.equal(breaking.runs(), 2);
  await client.close();
});

test('a call that has begun is gone on with under another token, and never sent again', async () => {
  await using breaking = await openBreakingHouse();
  const { notes } = breaking.connected;
  const client = await breaking.connected.client('dana', 'legacy');
  const { content } = await client.callTool({ name: 'write', arguments: {} });
  assert.deepEqual(content, [{ type: 'text', text: 'run 1' }]);
  assert.equal(breaking.runs(), 1);
  const rest = notes.seen.filter(({ headers }) => headers['last-event-id'] === '1');
  assert.equal(rest.length, 2, 'once with the old token, once with the new one');
  assert.notEqual(tokenOf(rest[0]!), tokenOf(rest[1]!));
  await client.close();
});

test('where the person would have to sign in first, the call counts as one that may have taken effect', async () => {
  await using breaking = await openBreakingHouse();
  const { notes, house } = breaking.connected;
  const client = await breaking.connected.client('dana', 'legacy');
  const { authority } = notes;
  const { read } = authority;
  Object.assign(authority, {
    read(token: string) {
      const found = read(token);
      if (found === undefined) authority.revoke();
      return found;
    },
  });
  await assert.rejects(client.callTool({ name: 'write', arguments: {} }), { code: -31012 });
  assert.equal(breaking.runs(), 1);
  const [last] = (await house.house.audit.list({ limit: 100 })).filter(({ action }) => action === 'tools/call');
  assert.equal(last?.result, 'unknown');
  await client.close();
});
