// What a sink gets in the end: everything, in order, whatever happened to it, to us and to both of us.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { createLog } from '../../src/base/log.ts';
import { createFileSink } from '../../src/record/export/file-sink.ts';
import { exportSettings } from '../../src/record/export/settings.ts';
import type { FileSettings } from '../../src/record/export/settings.ts';
import { SinkError } from '../../src/record/export/sink.ts';
import { auditEntry, dataDirectory, openRecord } from '../support/audit-directory.ts';
import { exportGround } from '../support/export-ground.ts';
import { exportedRecord } from '../support/exported-record.ts';
import { startExportReceiver } from '../support/export-receiver.ts';

const child = new URL('../support/export-child.ts', import.meta.url).pathname;
const fileChild = new URL('../support/export-file-child.ts', import.meta.url).pathname;

/** Calls `work` so often, some at a time. */
async function many(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += 1000)
    await Promise.all(Array.from({ length: Math.min(1000, count - from) }, (_, offset) => work(from + offset)));
}

test('a sink that was down for an hour while 100,000 records were written gets all of them afterwards, once each and in order', async (t) => {
  const count = 100_000;
  const ground = await exportGround(t);
  let isDown = true;
  ground.answer = () => {
    if (isDown) throw new SinkError('it answered 503', { retryable: true });
  };
  const began = ground.clock.now();
  ground.exporter.attend();
  // Written while it is down, spread over the hour.
  await many(count, (call) =>
    ground.record.append(
      auditEntry({ timestamp: began + Math.floor((call * 3_600_000) / count), correlationId: `c${call}` }),
    ),
  );
  await ground.until(() => ground.clock.now() - began > 3_600_000);
  assert.equal(ground.taken.length, 0);
  const waiting = await ground.exporter.state();
  assert.ok(waiting.waiting >= count && waiting.failures! > 10, JSON.stringify(waiting));
  isDown = false;
  const startedMs = performance.now();
  await ground.until(() => ground.taken.filter(({ action }) => action === 'tools/call').length >= count);
  const seconds = (performance.now() - startedMs) / 1000;
  const calls = ground.taken.filter(({ action }) => action === 'tools/call');
  calls.forEach(({ correlationId }, call) => assert.equal(correlationId, `c${call}`));
  assert.equal(new Set(ground.taken.map(({ eventId }) => eventId)).size, ground.taken.length, 'no duplicates at all');
  await ground.until(() => ground.notices.length === 2);
  assert.ok(ground.attempts.length < 300 + count / 500, 'it was not hammered');
  t.diagnostic(`${count} records caught up in ${seconds.toFixed(1)} s, ${Math.round(count / seconds)} records/s`);
});

interface Life {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
}

async function live(directory: string, url: string, name: string): Promise<Life> {
  const process_ = spawn(process.execPath, [child, directory, url, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(process_, 'exit');
  await Promise.race([once(process_.stdout, 'data'), exited]);
  return { child: process_, exited };
}

async function kill({ child, exited }: Life): Promise<void> {
  child.kill('SIGKILL');
  await exited;
}

const indexesOf = (body: string): number[] =>
  body
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { index: number }).index);

test('killed with -9 in the middle of deliveries, it loses nothing, and repeats only what was not yet noted as acknowledged', async (t) => {
  const count = 2000;
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  await many(count, (call) => record.append(auditEntry({ correlationId: `c${call}` })));
  await record.close();
  await using receiver = await startExportReceiver();
  const got: { index: number; life: number }[] = [];
  let life = 0;
  let requests = 0;
  let killAt = 3;
  let hit = Promise.withResolvers<void>();
  receiver.answer = (response, { body }) => {
    // Acknowledged as far as the receiver is concerned; the process may be dead before it hears of it.
    for (const index of indexesOf(body)) got.push({ index, life });
    requests += 1;
    if (requests === killAt) hit.resolve();
    else response.writeHead(204).end();
  };
  for (; life < 6; life++) {
    const alive = await live(directory, receiver.url, String(life));
    await hit.promise;
    await kill(alive);
    hit = Promise.withResolvers<void>();
    killAt = requests + 2 + life;
  }
  killAt = Infinity;
  const last = await live(directory, receiver.url, 'last');
  for (const endMs = Date.now() + 120_000; !got.some(({ index }) => index === count - 1); await after(20))
    assert.ok(Date.now() < endMs, `it did not get to the end: ${got.length}`);
  await kill(last);

  assert.deepEqual(new Set(got.map(({ index }) => index)), new Set(Array.from({ length: count }, (_, index) => index)));
  // In each life in order; a new life begins no later than where the one before stopped.
  for (let at = 1; at < got.length; at++) {
    const [before, now] = [got[at - 1]!, got[at]!];
    assert.ok(now.index === before.index + 1 || (now.life > before.life && now.index <= before.index + 1));
  }
  const repeated = got.length - count;
  assert.ok(repeated > 0 && repeated <= 6 * 50, `${repeated} repeated`);
  t.diagnostic(`${repeated} of ${count} delivered twice in 6 deaths`);
});

test('of two processes on one database one delivers; the other takes over when it dies', async (t) => {
  const directory = dataDirectory(t);
  const record = await openRecord(directory);
  t.after(() => record.close());
  await many(300, (call) => record.append(auditEntry({ correlationId: `c${call}` })));
  await using receiver = await startExportReceiver();
  const got: { index: number; by: string }[] = [];
  receiver.answer = (response, { body, headers }) => {
    for (const index of indexesOf(body)) got.push({ index, by: String(headers['x-process']) });
    response.writeHead(204).end();
  };
  const reached = async (index: number): Promise<void> => {
    for (const endMs = Date.now() + 120_000; got.at(-1)?.index !== index; await after(20))
      assert.ok(Date.now() < endMs, `it did not get to ${index}`);
  };
  const lives = { a: await live(directory, receiver.url, 'a'), b: await live(directory, receiver.url, 'b') };
  await reached(299);
  await many(300, (call) => record.append(auditEntry({ correlationId: `c${300 + call}` })));
  await reached(599);
  const leaders = new Set(got.map(({ by }) => by));
  assert.equal(leaders.size, 1, 'one delivers');
  assert.deepEqual(
    got.map(({ index }) => index),
    Array.from({ length: 600 }, (_, index) => index),
    'each record once',
  );
  const [leader] = leaders as Set<'a' | 'b'>;
  await kill(lives[leader!]);
  await record.append(auditEntry({ correlationId: 'c600' }));
  await reached(600);
  assert.notEqual(got.at(-1)!.by, leader);
  await kill(lives[leader === 'a' ? 'b' : 'a']);
});

test('killed with -9 while it writes files, whole lines are all that is there, and none that counted is missing', async (t) => {
  const folder = path.join(dataDirectory(t), 'out');
  let acknowledged = -1;
  for (let life = 0; life < 8; life++) {
    const writer = spawn(process.execPath, [fileChild, folder, String(acknowledged + 1)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(writer, 'exit');
    let said = '';
    writer.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await Promise.race([once(writer.stdout, 'data'), exited]);
    await after(30 + life * 23);
    writer.kill('SIGKILL');
    await exited;
    // A number that was cut by the end of the process is another number.
    const whole = said.slice(0, said.lastIndexOf('\n') + 1).trimEnd();
    if (whole !== '') acknowledged = Number(whole.split('\n').at(-1));
  }
  // Whoever opens it next sees to the last line.
  const { files } = exportSettings.parse({ sinks: { files: { type: 'file', folder } } }).sinks as {
    files: FileSettings;
  };
  const sink = createFileSink('siem', files, { folder, clock: { now: Date.now }, log: createLog('silent') });
  await sink.send([exportedRecord({ index: acknowledged + 1 })], new AbortController().signal);
  await sink.close();
  const indexes = readdirSync(folder)
    .sort()
    .flatMap((file) => indexesOf(readFileSync(path.join(folder, file), 'utf8')));
  assert.ok(existsSync(folder) && acknowledged > 100, `${acknowledged} were acknowledged`);
  const written = new Set(indexes);
  const missing = Array.from({ length: acknowledged + 2 }, (_, index) => index).filter((index) => !written.has(index));
  assert.deepEqual(missing, []);
  // The last batch may lie there although the end came before it was acknowledged.
  assert.ok(written.size <= acknowledged + 2 + 40, `${written.size} of ${acknowledged + 2}`);
  t.diagnostic(`${acknowledged + 1} acknowledged in 8 lives, ${indexes.length - written.size} written twice`);
});
