// What administrators do with the record, connected, and how contents of calls are masked before they are kept.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { genkan } from '../base/genkan.ts';
import { correlationId } from '../base/ids.ts';
import type { Config } from '../config/load.ts';
import { createRedaction } from '../inspect/redaction/redaction.ts';
import { redactionSettings } from '../inspect/redaction/settings.ts';
import type { Redact } from '../record/contents.ts';
import { createDerivationWatch } from '../record/derivation.ts';
import { createRecordDesk } from '../record/desk.ts';
import type { RecordDesk, RecordDeskNeighbours } from '../record/desk.ts';
import type { Result } from '../record/entry.ts';
import { createErasures } from '../record/erasures.ts';
import { createHolds } from '../record/holds.ts';
import type { Metrics } from '../record/metrics.ts';
import { ProcessTree } from '../upstream/process-tree.ts';
import type { ProcessOptions } from '../upstream/process-tree.ts';
import type { Foundation } from './foundation.ts';

export function openRecordDesk(
  { settings }: Pick<Config, 'settings'>,
  {
    record,
    database,
    clock,
    leases,
    log,
    keptFrom,
    metrics,
  }: Pick<Foundation, 'record' | 'database' | 'clock' | 'leases' | 'log'> &
    Pick<RecordDeskNeighbours, 'keptFrom'> & { readonly metrics: Metrics },
): RecordDesk {
  record.redactWith(createMask());
  const { mfa } = settings.identity.conditionalAccess.contexts;
  return createRecordDesk(settings.record.retention, {
    record,
    holds: createHolds({ database, clock }),
    erasures: createErasures(record.publicKey(), { database, clock }),
    leases,
    clock,
    derivation: createDerivationWatch({ read: record.derived, metrics, log }),
    ...(keptFrom && { keptFrom }),
    hasSecondFactor: mfa === undefined ? undefined : ({ contexts = [] }) => contexts.includes(mfa),
    log,
  });
}

const deepest = 64;

/** Masks all that redaction can find, whatever people may see of it: the record is read by others, later. */
export function createMask(): Redact {
  const redaction = createRedaction(redactionSettings.parse({ contacts: 'redact' }));
  const mask = (value: unknown, key: string, depth: number): unknown => {
    if (typeof value === 'string') return masked(value, key);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > deepest) return '…';
    if (Array.isArray(value)) return value.map((each) => mask(each, key, depth + 1));
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [masked(name, ''), mask(each, name, depth + 1)]),
    );
  };
  function masked(text: string, key: string): string {
    let [written, at] = ['', 0];
    for (const { from, to, replacement } of redaction.find(text, { key })) {
      written += text.slice(at, from) + replacement;
      at = to;
    }
    return written + text.slice(at);
  }
  return (value) => mask(value, '', 0);
}

/** Starts servers as processes, and records that they started and how they ended. */
export function createRecordedStart({
  record,
  clock,
  log,
}: Pick<Foundation, 'record' | 'clock' | 'log'>): (options: ProcessOptions) => ProcessTree {
  return (options) => {
    const { server, command } = options;
    const id = correlationId();
    const told = (action: 'server.start' | 'server.stop', result: Result, details: object): void => {
      record
        .append({
          timestamp: clock.now(),
          user: 'genkan',
          action,
          resource: `/servers/${server ?? ''}`,
          result,
          server,
          details: { ...details },
          correlationId: id,
          sourceIP: '',
          userAgent: '',
        })
        .catch((error: unknown) => log.error({ err: error, server }, 'the start or end of a server was not recorded'));
    };
    const child = new ProcessTree(options);
    // Arguments may be anything; the program alone says which server it is.
    told('server.start', 'allowed', { program: command[0] });
    void child.ended.then((reason) => told('server.stop', child.wasStopped ? 'allowed' : 'failed', { reason }));
    return child;
  };
}

/** Records that Genkan opened its door, and with which configuration. */
export async function recordStart(
  { config, crashed }: { readonly config: Pick<Config, 'file'>; readonly crashed: boolean },
  { record, clock }: Pick<Foundation, 'record' | 'clock'>,
): Promise<() => Promise<unknown>> {
  const id = correlationId();
  const told = (action: 'genkan.start' | 'genkan.stop', details: object): Promise<number> =>
    record.insist({
      timestamp: clock.now(),
      user: 'genkan',
      action,
      resource: '/',
      result: 'allowed',
      details: { ...details },
      correlationId: id,
      sourceIP: '',
      userAgent: '',
    });
  const digest = hash('sha256', readFileSync(config.file));
  await told('genkan.start', {
    version: genkan.version,
    configuration: digest,
    endedBefore: crashed ? 'crash' : 'properly',
  });
  return () => told('genkan.stop', {});
}
