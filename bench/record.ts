// What recording costs: records a second with many callers at once, and the share of a call's work that is spent on its record.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { createLog } from '../src/base/log.ts';
import type { AuditEntry } from '../src/record/entry.ts';
import { createRecord } from '../src/record/record.ts';
import { recordSettings } from '../src/record/settings.ts';
import { openDatabase } from '../src/state/database.ts';
import { createDocumentSource, keyRingFile } from '../src/state/key-ring-document.ts';
import { createKeyRing } from '../src/state/key-ring.ts';
import { createLeases } from '../src/state/leases.ts';
import { createSubjectKeys } from '../src/state/subject-keys.ts';
import { load } from './load.ts';
import type { Scenario } from './load.ts';
import { cpuMicros, start } from './processes.ts';
import type { Running } from './processes.ts';
import { freePort } from '../test/support/free-port.ts';

const people = 50;
const scope = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/dev-web';

/** The outcome of a call as the gateway records it. */
const entryOf = (call: number): AuditEntry => ({
  timestamp: Date.now(),
  user: `${call % people}f3a9c1e-7b52-4d0a-9a55-1f6f0b3f2c11@8d7b0f3e-2d5c-4a52-a8c1-5a4a5e6b7c88`,
  action: 'tools/call',
  resource: '/servers/azure/tools/compute_vm_update',
  result: 'allowed',
  actor: { name: `person-${call % people}@example.com`, kind: 'user' },
  client: 'vscode',
  server: 'azure',
  tool: 'compute_vm_update',
  effect: 'write',
  actionRequired: [{ action: 'Microsoft.Compute/virtualMachines/write', data: false, scope }],
  because: [{ assignment: 'b8c0d8f1-6f0a-4f6e-9a51-02a1a6e8b1f3', role: 'Contributor', scope }],
  groups: ['makers'],
  details: { era: 'modern', actsAs: 'shared', toolError: false },
  durationMs: 12,
  bytesIn: 412,
  bytesOut: 803,
  correlationId: `c${call}`,
  sourceIP: '203.0.113.77',
  userAgent: 'vscode/1.120',
});

export interface GroupCommit {
  readonly producers: number;
  readonly recordsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Callers that each wait for one record before they make the next one; what is sealed and digested is as by default. */
export async function measureGroupCommit(producers = 64, records = 40_000): Promise<GroupCommit> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-bench-record-'));
  const keysDirectory = path.join(folder, 'keys');
  mkdirSync(keysDirectory);
  const [clock, log] = [systemClock, createLog('silent')];
  const database = await openDatabase(path.join(folder, 'genkan.db'));
  const source = createDocumentSource(keyRingFile(path.join(keysDirectory, 'ring.json')));
  const keys = createKeyRing({ database, source, leases: createLeases({ database, clock }), clock, log });
  const record = await createRecord(recordSettings.parse({}), {
    dataDirectory: folder,
    keysDirectory,
    origin: 'bench',
    clock,
    log,
    subjectKeys: createSubjectKeys({ database, keys }),
  });
  try {
    let next = 0;
    const waits: number[] = [];
    const contents = { arguments: { 'resource-group': 'dev-web', vm: 'web-1', size: 'Standard_B2s' } };
    const produce = async (until: number): Promise<void> => {
      while (next < until) {
        const began = performance.now();
        await record.append(entryOf(next++), contents);
        waits.push(performance.now() - began);
      }
    };
    const all = (until: number): Promise<unknown> =>
      Promise.all(Array.from({ length: producers }, () => produce(until)));
    await all(records / 10); // keys are made, code is compiled
    waits.length = 0;
    const [begun, began] = [next, performance.now()];
    await all(begun + records);
    const seconds = (performance.now() - began) / 1000;
    waits.sort((one, other) => one - other);
    const at = (share: number): number => Math.round(waits[Math.floor(waits.length * share)]! * 100) / 100;
    return { producers, recordsPerSecond: Math.round((next - begun) / seconds), p50Ms: at(0.5), p99Ms: at(0.99) };
  } finally {
    await record.close();
    await database.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface RecordCost {
  readonly answer: string;
  /** CPU of one call, in microseconds, with its records and without any. */
  readonly recordedMicros: number;
  readonly unrecordedMicros: number;
  /** What recording adds. */
  readonly added: number;
}

const passes = 7;

/** What tools answer: next to nothing, a short list, a long text. */
const answers: readonly (Pick<Scenario, 'tool' | 'calls'> & Pick<RecordCost, 'answer'>)[] = [
  { answer: 'ten bytes', tool: 'echo', calls: 1500 },
  { answer: '4 KiB', tool: 'page', calls: 1000 },
  { answer: '64 KiB', tool: 'large', calls: 300 },
];

/** The same Genkan with and without its record, by turns, under the same load. */
export async function measureRecordCost(): Promise<readonly RecordCost[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-bench-cost-'));
  const running: Running[] = [];
  const file = (name: string): string => path.join(import.meta.dirname, name);
  const run = async (command: string[], core: number, ready: RegExp): Promise<Running> => {
    const started = await start(command, { core, ready });
    running.push(started);
    return started;
  };
  try {
    const upstream = await run([process.execPath, file('raw-upstream.ts')], 1, /^\d+$/);
    const systems = [];
    for (const [name, before] of [
      ['recorded', []],
      ['unrecorded', ['--import', file('unrecorded.ts')]],
    ] as const) {
      const own = path.join(folder, name);
      mkdirSync(own);
      const port = String(await freePort());
      const command = [
        process.execPath,
        ...before,
        file('genkan.ts'),
        own,
        `http://127.0.0.1:${upstream.said}/mcp`,
        port,
      ];
      const { said, pid } = await run(command, 0, /^\{/);
      const { url, token } = JSON.parse(said) as { url: string; token: string };
      systems.push({ url, pid, headers: { authorization: `Bearer ${token}` } });
    }
    const costs: RecordCost[] = [];
    for (const { answer, tool, calls } of answers) {
      const scenario: Scenario = { name: `${answer} x16`, tool, connections: 16, calls };
      const measured = systems.map((system) => ({ ...system, micros: [] as number[] }));
      for (let pass = 0; pass <= passes; pass++)
        for (const { url, headers, pid, micros } of pass % 2 === 0 ? measured : measured.toReversed()) {
          const before = cpuMicros(pid);
          await load(url, scenario, headers);
          if (pass > 0) micros.push((cpuMicros(pid) - before) / calls); // the first one only warms
        }
      const [recordedMicros, unrecordedMicros] = measured.map(({ micros }) => Math.round(median(micros))) as [
        number,
        number,
      ];
      const added = Math.round((recordedMicros / unrecordedMicros - 1) * 100) / 100;
      costs.push({ answer, recordedMicros, unrecordedMicros, added });
    }
    return costs;
  } finally {
    await Promise.all(running.map((process) => process.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
