// Every row of the Azure map by the name of its tool.
import { aiRows } from './ai.ts';
import { computeRows } from './compute.ts';
import { databaseRows } from './databases.ts';
import { integrationRows } from './integration.ts';
import { managementRows } from './management.ts';
import { monitorRows } from './monitor.ts';
import type { Row } from './row.ts';
import { securityRows } from './security.ts';
import { storageRows } from './storage.ts';
import { webRows } from './web.ts';

export const azureRows: Readonly<Record<string, Row>> = {
  ...aiRows,
  ...computeRows,
  ...databaseRows,
  ...integrationRows,
  ...managementRows,
  ...monitorRows,
  ...securityRows,
  ...storageRows,
  ...webRows,
};
