// The attacker is a server: it speaks before its conversation stands, in the hope that nobody is there yet to deal with it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { openEventStream } from '../support/event-stream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { modern, openLegacySession, post } from '../support/mcp-post.ts';
import { quickNode } from '../support/quick-node.ts';

const moments = ['before', 'first', 'last'] as const;
const commandOf = (moment: string): string[] => [
  ...quickNode,
  path.join(import.meta.dirname, '../support/early-stdio-server.ts'),
  moment,
];
let house: TestHouse;

before(async () => {
  const servers = Object.fromEntries(moments.map((moment) => [moment, { command: commandOf(moment) }]));
  house = await openTestHouse({ access: makersUse(...moments), servers });
});
after(() => house[Symbol.asyncDispose]());

const heardBy = (answered: Awaited<ReturnType<typeof post>>): unknown =>
  JSON.parse((answered.message.result!['content'] as { text: string }[])[0]!.text);

test('control: what the server says first is not the answer to initialize', async () => {
  const [program = '', ...args] = commandOf('before');
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  child.stdin.write('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}\n');
  const [first] = (await once(lines, 'line')) as [string];
  child.kill();
  assert.equal((JSON.parse(first) as { method: string }).method, 'notifications/tools/list_changed');
});

for (const moment of moments) {
  test(`a legacy client gets the early questions (${moment}) as soon as it listens, and its answers arrive`, async () => {
    const token = await house.token('dana', moment);
    const url = `${house.url}/mcp/${moment}`;
    const headers = await openLegacySession(url, token, { elicitation: {} });
    const stream = await openEventStream(url, undefined, { token, headers });
    await stream.until(/early-question/);
    assert.match(stream.text(), /tools\/list_changed[^]*early-ping/);
    for (const [id, result] of Object.entries({ 'early-ping': {}, 'early-question': { action: 'cancel' } }))
      assert.equal((await post(url, { jsonrpc: '2.0', id, result }, { token, headers })).status, 202);
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'heard' } };
    const heard = heardBy(await post(url, call, { token, headers }));
    assert.deepEqual(heard, { 'early-ping': {}, 'early-question': { action: 'cancel' } });
    stream.leave();
  });

  test(`for a modern client, who cannot be asked, Genkan answers the early questions (${moment})`, async () => {
    const token = await house.token('dana', moment);
    const { body, headers } = modern('tools/call', { name: 'heard', arguments: {} });
    const heard = heardBy(await post(`${house.url}/mcp/${moment}`, body, { token, headers }));
    assert.deepEqual(heard, { 'early-ping': {}, 'early-question': -32601 });
  });
}

test('at /mcp too the early questions bring nothing down, in either era', async () => {
  const token = await house.token('dana');
  const url = `${house.url}/mcp`;
  const names = moments.map((moment) => `${moment}__heard`).toSorted();
  const namesOf = ({ message }: Awaited<ReturnType<typeof post>>): string[] =>
    (message.result!['tools'] as { name: string }[]).map(({ name }) => name).toSorted();
  const { body, headers } = modern('tools/list');
  assert.deepEqual(namesOf(await post(url, body, { token, headers })), names);
  const session = await openLegacySession(url, token);
  const listed = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, { token, headers: session });
  assert.deepEqual(namesOf(listed), names);
});
