// The tables that a query on the record may name.
import type { DatabaseSync } from 'node:sqlite';
import type { Catalog, TableSource } from '../../kql/catalog.ts';
import type { Subjects } from '../subjects.ts';
import { auditLogs } from './audit-logs.ts';
import { auditTable } from './audit-table.ts';
import { azureActivity } from './azure-activity.ts';
import type { Countries } from './countries.ts';
import { createOpening } from './found.ts';
import { metricsTable } from './metrics-table.ts';
import { recordTable } from './record-table.ts';
import { signinLogs } from './signin-logs.ts';

export interface TablesOf {
  readonly database: DatabaseSync;
  readonly subjects?: Pick<Subjects, 'cached' | 'find'> | undefined;
  readonly countries?: Countries | undefined;
  /** Older records are not there. */
  readonly sinceMs?: number | undefined;
}

export function recordCatalog({ database, subjects, countries, sinceMs }: TablesOf): Catalog {
  const reading = { database, opening: createOpening(subjects), sinceMs };
  const tables: readonly TableSource[] = [
    recordTable(auditTable, reading),
    metricsTable(database, sinceMs),
    recordTable(azureActivity, reading),
    recordTable(signinLogs(countries), reading),
    recordTable(auditLogs, reading),
  ];
  const byName = new Map(tables.map((table) => [table.name, table]));
  // Log Analytics calls custom tables so.
  byName.set('MCPAuditLog_CL', byName.get('MCPAuditLog')!);
  return { table: (name) => byName.get(name), names: tables.map(({ name }) => name) };
}
