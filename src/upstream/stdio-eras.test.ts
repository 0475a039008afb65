// Tests of finding out which revisions a stdio server speaks: what counts as an answer, and how many processes it takes.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { request } from '../protocol/message.ts';
import type { Era, Message } from '../protocol/message.ts';
import { callTool, fault, textOf, upstreamOf } from '../../test/support/upstream-conversations.ts';
import { runs } from '../../test/support/upstream-neighbours.ts';
import { ownInitialize } from './probe.ts';
import type { Connection, Upstream } from './channel.ts';
import { quickNode } from '../../test/support/quick-node.ts';

const server = path.join(import.meta.dirname, '../../test/support/eras-stdio-server.ts');

interface Asked {
  readonly upstream: Upstream;
  /** Ids of the processes that were started. */
  readonly starts: () => number[];
}

function serverThat(context: TestContext, flags: Record<string, string>, settings = {}, clock = systemClock): Asked {
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-eras-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const starts = path.join(folder, 'starts');
  const args = Object.entries({ ...flags, starts }).map(([name, value]) => `--${name}=${value}`);
  const upstream = upstreamOf(context, { command: [...quickNode, server, ...args], ...settings }, clock);
  return { upstream, starts: () => readFileSync(starts, 'utf8').trim().split('\n').map(Number) };
}

const connect = (upstream: Upstream, era: Era, initialize = ownInitialize(), pushes: Message[] = []) =>
  upstream.connect({ era, initialize, onPush: (message) => void pushes.push(message), onClose: () => {} });

const pidOf = async ({ channel }: Connection): Promise<number> =>
  Number(textOf(await channel.send(callTool(1, 'say who you are'))));

const gone = async (pid: number): Promise<void> => {
  for (let round = 0; round < 500 && runs(pid); round++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(!runs(pid));
};

const eraFor: [string, Record<string, string>, { modern: Era; legacy: Era }][] = [
  ['both', {}, { modern: 'modern', legacy: 'legacy' }],
  ['the older alone and refuses the other', { modern: 'refuse' }, { modern: 'legacy', legacy: 'legacy' }],
  ['the older alone and exits on the other', { modern: 'exit' }, { modern: 'legacy', legacy: 'legacy' }],
  ['the older alone and ignores the other', { modern: 'ignore' }, { modern: 'legacy', legacy: 'legacy' }],
  ['the newer alone and refuses the other', { legacy: 'refuse' }, { modern: 'modern', legacy: 'modern' }],
];

for (const [name, flags, expected] of eraFor) {
  test(`recognises a server that speaks ${name}`, async (context) => {
    for (const client of ['modern', 'legacy'] as const) {
      const { upstream } = serverThat(context, flags);
      assert.equal(await upstream.eraFor(client, ownInitialize()), expected[client], client);
      const { channel } = await connect(upstream, expected[client]);
      assert.match(textOf(await channel.send(callTool(1, 'say who you are'))), /^\d+$/);
    }
  });
}

test('a legacy client of a legacy server waits for one process to start and no more', async (context) => {
  const { upstream, starts } = serverThat(context, { modern: 'exit' });
  const initialize = ownInitialize();
  assert.equal(await upstream.eraFor('legacy', initialize), 'legacy');
  const connection = await connect(upstream, 'legacy', initialize);
  assert.deepEqual(starts(), [await pidOf(connection)]);
  assert.equal(connection.initialized?.id, initialize.id);
});

test('however many come first, one process is started to ask', async (context) => {
  const { upstream, starts } = serverThat(context, {}, { maxChannels: 2 });
  const clients = Array.from({ length: 10 }, () => ownInitialize());
  await Promise.all(clients.map((initialize) => upstream.eraFor('legacy', initialize)));
  assert.equal(starts().length, 1);
});

test('a modern client of a legacy server waits no longer than for one start, although two processes are asked', async (context) => {
  const { upstream, starts } = serverThat(context, { modern: 'refuse', startMs: '500' });
  const initialize = ownInitialize();
  const startedMs = performance.now();
  assert.equal(await upstream.eraFor('modern', initialize), 'legacy');
  const pid = await pidOf(await connect(upstream, 'legacy', initialize));
  const tookMs = performance.now() - startedMs;
  assert.equal(starts().length, 2);
  assert.ok(starts().includes(pid));
  await gone(starts().find((other) => other !== pid)!);
  // Two starts one after the other would take a second and the time of two processes.
  context.diagnostic(`took ${Math.round(tookMs)} ms`);
});

test('a modern conversation goes on with the process that was asked, and the next one asks nothing', async (context) => {
  const { upstream, starts } = serverThat(context, {});
  assert.equal(await upstream.eraFor('modern'), 'modern');
  const first = await pidOf(await connect(upstream, 'modern'));
  assert.equal(await upstream.eraFor('modern'), 'modern');
  const second = await pidOf(await connect(upstream, 'modern'));
  assert.ok(starts().length <= 3); // one was asked for the other family
  assert.ok([first, second].every((pid) => starts().includes(pid)));
  assert.notEqual(first, second);
});

test('a conversation never goes on with a process that was opened for another', async (context) => {
  const { upstream, starts } = serverThat(context, {});
  const mine = ownInitialize();
  await upstream.eraFor('legacy', mine);
  const theirs = await pidOf(await connect(upstream, 'legacy'));
  assert.equal(starts().length, 2);
  const pid = await pidOf(await connect(upstream, 'legacy', mine));
  assert.notEqual(theirs, pid);
  assert.equal(starts().length, 2);
});

test('asks once a day', async (context) => {
  let nowMs = 0;
  const { upstream, starts } = serverThat(context, { modern: 'refuse' }, {}, { now: () => nowMs });
  const everybody = (): Promise<Era[]> => Promise.all([upstream.eraFor('modern'), upstream.eraFor('modern')]);
  await everybody();
  await everybody();
  await upstream.eraFor('legacy', ownInitialize());
  assert.equal(starts().length, 2);
  nowMs = 25 * 3600 * 1000;
  await everybody();
  assert.equal(starts().length, 4);
});

test('asks again after an hour where it has concluded from silence', async (context) => {
  let nowMs = 0;
  const { upstream, starts } = serverThat(context, { modern: 'ignore' }, {}, { now: () => nowMs });
  await upstream.eraFor('modern');
  nowMs = 2 * 3600 * 1000;
  await upstream.eraFor('modern');
  assert.equal(starts().length, 4);
});

const faults: [string, Record<string, string>, RegExp][] = [
  ['that dies', { modern: 'exit', legacy: 'exit' }, /exited with code 9/],
  ['that keeps silent', { modern: 'ignore', legacy: 'ignore' }, /within 1 seconds/],
  ['that refuses one and dies of the other', { modern: 'refuse', legacy: 'exit' }, /exited with code 9/],
];

for (const [name, flags, detail] of faults) {
  test(`draws no conclusion from a server ${name}`, async (context) => {
    for (const client of ['modern', 'legacy'] as const) {
      const startSeconds = flags['modern'] === 'ignore' ? 1 : 30;
      const { upstream } = serverThat(context, flags, { startSeconds });
      await assert.rejects(upstream.eraFor(client, ownInitialize()), (error: Error) => {
        assert.match(error.message, detail);
        return true;
      });
      assert.match(upstream.status().lastError ?? '', detail);
    }
  });
}

test('does not take a missing program for an old server', async (context) => {
  const upstream = upstreamOf(context, { command: ['/no/such/program'] });
  const missing = fault('upstream_unavailable', /ENOENT|No such file/);
  await assert.rejects(upstream.eraFor('modern'), missing);
  await assert.rejects(upstream.eraFor('legacy', ownInitialize()), missing);
});

test('says so when a server speaks nothing that we know', async (context) => {
  const { upstream } = serverThat(context, { modern: 'refuse', legacy: 'refuse' });
  await assert.rejects(upstream.eraFor('modern'), fault('upstream_unavailable', /no revision of MCP that we know/));
  await assert.rejects(
    upstream.eraFor('legacy', ownInitialize()),
    fault('upstream_unavailable', /no revision of MCP that we know/),
  );
});

test('does not start a dead server again and again', async (context) => {
  const { upstream, starts } = serverThat(context, { modern: 'exit', legacy: 'exit' });
  for (let attempt = 0; attempt < 3; attempt++) await assert.rejects(upstream.eraFor('modern'));
  await assert.rejects(upstream.eraFor('modern'), fault('upstream_unavailable', /a moment ago/));
  assert.equal(starts().length, 6);
});

test('what a client says of itself cannot make the server appear to speak less than it does', async (context) => {
  const { upstream } = serverThat(context, {});
  const unfit = request(1, 'no such method'); // the server refuses it
  assert.equal(await upstream.eraFor('legacy', unfit), 'legacy');
  const { initialized } = await connect(upstream, 'legacy', unfit).catch(() => ({ initialized: undefined }));
  assert.equal(initialized?.result, undefined);
  assert.equal(await upstream.eraFor('legacy', ownInitialize()), 'legacy');
});

for (const [what, modern, unfit] of [
  ['refuses', 'refuse', 'refuse'],
  ['refuses, or exits on what it does not know,', 'exit', 'refuse'],
  ['dies of', 'refuse', 'exit'],
] as const)
  for (const client of ['modern', 'legacy'] as const)
    test(`a ${client} client whose words the server ${what} puts it out of service for nobody`, async (context) => {
      const { upstream } = serverThat(context, { modern, unfit });
      const capabilities = { experimental: { x: 5 } }; // schema, `ClientCapabilities`: objects alone
      for (let attempt = 0; attempt < 4; attempt++) {
        const initialize = request(attempt, 'initialize', { ...ownInitialize().params, capabilities });
        assert.equal(await upstream.eraFor(client, initialize), 'legacy');
      }
      const { initialized } = await connect(upstream, 'legacy');
      assert.ok(initialized?.result);
    });

test('hands over what the server said before the conversation had an owner', async (context) => {
  const { upstream } = serverThat(context, { early: 'good morning' });
  const initialize = ownInitialize();
  await upstream.eraFor('legacy', initialize);
  const pushes: Message[] = [];
  await connect(upstream, 'legacy', initialize, pushes);
  assert.deepEqual(
    pushes.map((message) => 'params' in message && message.params['data']),
    ['good morning'],
  );
});

test('ends with everything that it has started to ask', async (context) => {
  const { upstream, starts } = serverThat(context, {});
  await Promise.all([upstream.eraFor('modern'), upstream.eraFor('legacy', ownInitialize())]);
  await upstream.close();
  for (const pid of starts()) assert.ok(!runs(pid));
  await assert.rejects(upstream.eraFor('legacy', ownInitialize()).then(() => connect(upstream, 'legacy')));
});

test('counts modern conversations, each a process, like all others', async (context) => {
  const { upstream, starts } = serverThat(context, { legacy: 'refuse' }, { maxChannels: 2 });
  const ended: string[] = [];
  const open = (): Promise<Connection> =>
    upstream.connect({ era: 'modern', onPush: () => {}, onClose: (reason) => void ended.push(reason) });
  for (let count = 0; count < 3; count++) await open();
  assert.equal(upstream.status().open, 2);
  assert.deepEqual(ended, ['it made room for another conversation']);
  await gone(starts()[0]!);
});

test('notices that a server no longer speaks what it spoke', async (context) => {
  const { upstream } = serverThat(context, { modern: 'refuse' });
  await assert.rejects(connect(upstream, 'modern'), fault('upstream_unavailable', /no revision from 2026-07-28/));
  assert.equal(upstream.status().open, 0);
});
