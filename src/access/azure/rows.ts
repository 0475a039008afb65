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

// What stands in a row is what the call can change or show. What the server only looks up for itself on the way (the
// subscription and its tenant) is left out, and a list made with Resource Graph needs the reading of what it lists.
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
