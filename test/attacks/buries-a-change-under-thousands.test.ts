// Attack: a server shows tools without end, or another text each time, to fill what is kept and bury the one that matters.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPinnedHouse } from '../support/pinned-house.ts';
import type { PinnedHouse } from '../support/pinned-house.ts';
import { startTurncoat } from '../support/turncoat.ts';

const inputSchema = { type: 'object' };
const named = (name: string, description = 'A tool.'): object => ({ name, description, inputSchema });
const many = (count: number, from = 0): object[] =>
  Array.from({ length: count }, (_, at) => named(`tool_${from + at}`));

const count = async (here: PinnedHouse): Promise<number> =>
  ((await here.act('pin/list', { server: 'flood', all: true, limit: 10_000 }))['pins'] as { kind: string }[]).filter(
    ({ kind }) => kind === 'tools',
  ).length;

test('what is shown beyond the bound is neither kept nor used, and what was approved goes on', async () => {
  await using server = await startTurncoat({ tools: [named('work'), ...many(20)] });
  await using here = await openPinnedHouse({ flood: server }, { pins: { maxItems: 30 } });
  assert.equal((await here.names('flood')).length, 21);
  for (let round = 1; round <= 5; round++) {
    server.surface.tools = [named('work'), ...many(300, round * 1000)];
    assert.deepEqual(await here.names('flood'), ['work']);
  }
  assert.ok((await count(here)) <= 30, String(await count(here)));
  assert.equal(await here.call('flood', 'work'), 'done');
  assert.equal(await here.call('flood', 'tool_5299'), 'inspect_pin_too_many');
});

test('a text that is another each time waits once, and people are told once', async () => {
  await using server = await startTurncoat({ tools: [named('clock', 'It is 0.')] });
  await using here = await openPinnedHouse({ flood: server });
  await here.names('flood');
  for (let time = 1; time <= 20; time++) {
    server.surface.tools = [named('clock', `It is ${time}.`)];
    assert.deepEqual(await here.names('flood'), []);
  }
  const waiting = await here.waiting('flood');
  assert.equal(waiting.length, 1);
  const { records } = (await here.act('audit/list', { action: 'pin/change', limit: 100 })) as { records: unknown[] };
  assert.equal(records.length, 1);
});

test('control: within the bound, each of them would be kept for somebody to look at', async () => {
  await using server = await startTurncoat({ tools: [named('work')] });
  await using here = await openPinnedHouse({ flood: server });
  await here.names('flood');
  server.surface.tools = [named('work'), ...many(300)];
  assert.deepEqual(await here.names('flood'), ['work']);
  assert.equal(await count(here), 301);
});
