// Every operation that there is. The doors are made from this list and offer nothing else.
import { accessAnalysisOperations } from './access-analysis.ts';
import { accessApplyOperations } from './access-apply.ts';
import { accessDriftOperations } from './access-drift.ts';
import { accessSimulationOperations } from './access-simulation.ts';
import { accessTestOperations } from './access-test.ts';
import { accessOperations } from './access.ts';
import { assignmentOperations } from './assignment.ts';
import { approvalOperations } from './approval.ts';
import { auditProofOperations } from './audit-proof.ts';
import { auditQueryOperations } from './audit-query.ts';
import { auditOperations } from './audit.ts';
import { breakGlassOperations } from './break-glass.ts';
import { clientRevocationOperations } from './client-revocation.ts';
import { clientOperations } from './client.ts';
import { conditionalAccessOperations } from './conditional-access.ts';
import { configOperations } from './config.ts';
import { connectionOperations } from './connection.ts';
import { credentialOperations } from './credential.ts';
import { elevationOperations } from './elevation.ts';
import { eligibilityOperations } from './eligibility.ts';
import { entraOperations } from './entra.ts';
import { denyOperations } from './deny.ts';
import { exclusionOperations } from './exclusion.ts';
import { exportOperations } from './export.ts';
import { holdOperations } from './hold.ts';
import { keyOperations } from './key.ts';
import { limitOperations } from './limit.ts';
import { meOperations } from './me.ts';
import { noticeOperations } from './notice.ts';
import type { AnyOperation } from './operation.ts';
import { pinOperations } from './pin.ts';
import { policyOperations } from './policy.ts';
import { principalOperations } from './principal.ts';
import { roleAssignOperations } from './role-assign.ts';
import { reviewOperations } from './review.ts';
import { roleOperations } from './role.ts';
import { serverOperations } from './server.ts';
import { sessionOperations } from './session.ts';
import { taintOperations } from './taint.ts';
import { telemetryOperations } from './telemetry.ts';
import { trialOperations } from './trial.ts';

// Each operation takes its own input; `perform` hands it nothing that its schema has not let through.
export const operations: readonly AnyOperation[] = [
  ...serverOperations,
  ...pinOperations,
  ...taintOperations,
  ...connectionOperations,
  ...clientOperations,
  ...clientRevocationOperations,
  ...principalOperations,
  ...sessionOperations,
  ...meOperations,
  ...roleOperations,
  ...roleAssignOperations,
  ...assignmentOperations,
  ...denyOperations,
  ...exclusionOperations,
  ...policyOperations,
  ...accessOperations,
  ...accessAnalysisOperations,
  ...accessApplyOperations,
  ...accessSimulationOperations,
  ...accessTestOperations,
  ...accessDriftOperations,
  ...limitOperations,
  ...elevationOperations,
  ...eligibilityOperations,
  ...approvalOperations,
  ...breakGlassOperations,
  ...conditionalAccessOperations,
  ...entraOperations,
  ...credentialOperations,
  ...auditOperations,
  ...auditQueryOperations,
  ...auditProofOperations,
  ...holdOperations,
  ...exportOperations,
  ...telemetryOperations,
  ...reviewOperations,
  ...noticeOperations,
  ...keyOperations,
  ...configOperations,
  ...trialOperations,
] as unknown as readonly AnyOperation[];

const byId = new Map(operations.map((operation) => [operation.id, operation]));

export const findOperation = (noun: string, verb: string): AnyOperation | undefined => byId.get(`${noun}.${verb}`);

/** One that there certainly is. */
export function operationOf(id: string): AnyOperation {
  const operation = byId.get(id);
  if (operation === undefined) throw new TypeError(`there is no operation ${id}`);
  return operation;
}
