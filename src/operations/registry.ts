// Every operation that there is. The doors are made from this list and offer nothing else.
import { accessOperations } from './access.ts';
import { assignmentOperations } from './assignment.ts';
import { auditOperations } from './audit.ts';
import { clientRevocationOperations } from './client-revocation.ts';
import { clientOperations } from './client.ts';
import { conditionalAccessOperations } from './conditional-access.ts';
import { configOperations } from './config.ts';
import { connectionOperations } from './connection.ts';
import { credentialOperations } from './credential.ts';
import { entraOperations } from './entra.ts';
import { keyOperations } from './key.ts';
import { noticeOperations } from './notice.ts';
import type { AnyOperation } from './operation.ts';
import { principalOperations } from './principal.ts';
import { roleOperations } from './role.ts';
import { serverOperations } from './server.ts';
import { sessionOperations } from './session.ts';
import { trialOperations } from './trial.ts';

// Each operation takes its own input; `perform` hands it nothing that its schema has not let through.
export const operations: readonly AnyOperation[] = [
  ...serverOperations,
  ...connectionOperations,
  ...clientOperations,
  ...clientRevocationOperations,
  ...principalOperations,
  ...sessionOperations,
  ...roleOperations,
  ...assignmentOperations,
  ...accessOperations,
  ...conditionalAccessOperations,
  ...entraOperations,
  ...credentialOperations,
  ...auditOperations,
  ...noticeOperations,
  ...keyOperations,
  ...configOperations,
  ...trialOperations,
] as unknown as readonly AnyOperation[];

const byId = new Map(operations.map((operation) => [operation.id, operation]));

export const findOperation = (noun: string, verb: string): AnyOperation | undefined => byId.get(`${noun}.${verb}`);
