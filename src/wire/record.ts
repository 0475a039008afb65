// What administrators do with the record, connected, and how contents of calls are masked before they are kept.
import type { Config } from '../config/load.ts';
import { createRedaction } from '../inspect/redaction/redaction.ts';
import { redactionSettings } from '../inspect/redaction/settings.ts';
import type { Redact } from '../record/contents.ts';
import { createRecordDesk } from '../record/desk.ts';
import type { RecordDesk, RecordDeskNeighbours } from '../record/desk.ts';
import { createHolds } from '../record/holds.ts';
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
  }: Pick<Foundation, 'record' | 'database' | 'clock' | 'leases' | 'log'> & Pick<RecordDeskNeighbours, 'keptFrom'>,
): RecordDesk {
  record.redactWith(createMask());
  const { mfa } = settings.identity.conditionalAccess.contexts;
  return createRecordDesk(settings.record.retention, {
    record,
    holds: createHolds({ database, clock }),
    leases,
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
