// Attack: somebody who has used up a limit makes so many other keys that theirs is forgotten.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileLimit } from '../../src/access/limits/limit.ts';
import { createLocalCounts } from '../../src/access/limits/local-counts.ts';
import { limitsSettings } from '../../src/access/limits/settings.ts';
import { createRateWindow } from '../../src/identity/rate-window.ts';
import { openGatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';

const maxKeys = 100;

/** @param enter whether one more call of a key passes */
function flood(enter: (key: string) => boolean): boolean {
  assert.ok(enter('mallory'));
  assert.ok(!enter('mallory'));
  for (let key = 0; key < 50 * maxKeys; key++) enter(`key-${key}`);
  return enter('mallory');
}

test('a key that is in force is never forgotten, however many others there are', () => {
  const limit = compileLimit(limitsSettings.parse([{ name: 'calls', rate: '1/h' }])[0]!);
  const counts = createLocalCounts({ clock: { now: () => 0 }, nowMicros: () => 0, maxKeys });
  assert.equal(
    flood((key) => counts.take([{ limit, key, cost: 1 }], 1).ok),
    false,
  );
  assert.ok(counts.uses().length <= maxKeys + 1, 'and memory is bounded');
});

test('control: a bounded memory that drops the oldest forgets the limit', () => {
  const window = createRateWindow({ now: () => 0 }, 3_600_000, maxKeys);
  assert.equal(
    flood((key) => window.count(key) <= 1),
    true,
  );
});

async function readMany(uris: readonly string[], per: readonly string[]): Promise<number> {
  await using upstream = await startHttpUpstream(mcpByHand({}));
  await using room = await openGatewayRoom({
    access: { ...makersUse('raw'), limits: [{ name: 'calls', per, rate: '3/h' }] },
    servers: { raw: { url: upstream.url } },
  });
  let passed = 0;
  for (const uri of uris) {
    const { body, headers } = modern('resources/read', { uri });
    if ((await post(`${room.url}/mcp/raw`, body, { token: 'dana', headers })).status === 200) passed++;
  }
  return passed;
}

test('names that a caller can think up give nobody another limit', async () => {
  const uris = Array.from({ length: 20 }, (_, at) => `note://${at}`);
  assert.equal(await readMany(uris, ['user', 'tool']), 3);
});
