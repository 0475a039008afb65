// Data directories with an audit record in them.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import type { Clock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { AuditEntry } from '../../src/record/entry.ts';
import { createRecord } from '../../src/record/record.ts';
import type { AuditRecord } from '../../src/record/record.ts';
import type { Gap } from '../../src/record/gap.ts';
import { recordSettings } from '../../src/record/settings.ts';
import type { RecordSettings } from '../../src/record/settings.ts';
import { keyBytes } from '../../src/state/seal.ts';
import type { SubjectKeys } from '../../src/state/subject-keys.ts';

/** A data directory that is removed when the test ends. */
export function dataDirectory(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'genkan-record-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const keysOf = (directory: string): string => path.join(directory, 'keys');

interface Opening extends Partial<Omit<RecordSettings, 'retention' | 'payloads'>> {
  readonly retention?: Partial<RecordSettings['retention']>;
  readonly payloads?: Partial<RecordSettings['payloads']>;
  readonly clock?: Clock;
  readonly subjectKeys?: SubjectKeys;
  readonly alarm?: (gap: Gap) => void;
}

/** Opens the record of a data directory; the test closes it. */
export const openRecord = (
  directory: string,
  { clock = systemClock, origin = 'genkan.test/audit', subjectKeys, alarm, ...settings }: Opening = {},
): Promise<AuditRecord> =>
  createRecord(recordSettings.parse(settings), {
    dataDirectory: directory,
    keysDirectory: keysOf(directory),
    origin,
    clock,
    log: createLog('silent'),
    ...(subjectKeys && { subjectKeys }),
    ...(alarm && { alarm }),
  });

/** Keys of people that nothing outlives. */
export function subjectKeysInMemory(): SubjectKeys {
  const keys = new Map<string, Buffer>();
  return {
    find: (user) => Promise.resolve(keys.get(user)),
    obtain(user) {
      if (!keys.has(user)) keys.set(user, randomBytes(keyBytes));
      return Promise.resolve(keys.get(user)!);
    },
    destroy: (user) => Promise.resolve(keys.delete(user)),
    async *all() {
      for (const [user, key] of keys) yield { user, key };
    },
  };
}

/** An allowed tool call by dana, with whatever is to be different about it. */
export const auditEntry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  timestamp: Date.UTC(2026, 0, 2, 3, 4, 5),
  user: 'dana',
  action: 'tools/call',
  resource: '/servers/azure/tools/compute_vm_update',
  result: 'allowed',
  details: { tool: 'compute_vm_update', arguments: { resourceGroup: 'dev-web', vm: 'web-1' } },
  correlationId: 'c0',
  sourceIP: '127.0.0.1',
  userAgent: 'test/1.0',
  ...changes,
});
