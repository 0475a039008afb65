// Data directories with an audit record in them.
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
import { recordSettings } from '../../src/record/settings.ts';

/** A data directory that is removed when the test ends. */
export function dataDirectory(t: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'genkan-record-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const keysOf = (directory: string): string => path.join(directory, 'keys');

/** Opens the record of a data directory; the test closes it. */
export const openRecord = (
  directory: string,
  {
    clock = systemClock,
    origin = 'genkan.test/audit',
    ...settings
  }: { clock?: Clock; origin?: string; maxQueue?: number } = {},
): Promise<AuditRecord> =>
  createRecord(recordSettings.parse(settings), {
    dataDirectory: directory,
    keysDirectory: keysOf(directory),
    origin,
    clock,
    log: createLog('silent'),
  });

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
