// What people read about each error, in four languages: what happened, and what to do about it.
import type { ErrorCode } from './errors.ts';
import { accessTexts } from './error-texts/access.ts';
import { analysisTexts } from './error-texts/analysis.ts';
import { typedArgumentTexts } from './error-texts/typed-arguments.ts';
import { approvalTexts } from './error-texts/approvals.ts';
import { conditionalAccessTexts } from './error-texts/conditional-access.ts';
import { connectTexts } from './error-texts/connect.ts';
import { clientTexts } from './error-texts/clients.ts';
import { conversationTexts } from './error-texts/conversations.ts';
import { denyTexts } from './error-texts/deny.ts';
import { elevationTexts } from './error-texts/elevation.ts';
import { entraSetupTexts } from './error-texts/entra-setup.ts';
import { entraTexts } from './error-texts/entra.ts';
import { exportTexts } from './error-texts/export.ts';
import { gatewayTexts } from './error-texts/gateway.ts';
import { identityTexts } from './error-texts/identity.ts';
import { inspectionTexts } from './error-texts/inspection.ts';
import { limitTexts } from './error-texts/limits.ts';
import { localTexts } from './error-texts/local.ts';
import { judgeTexts } from './error-texts/judges.ts';
import { killSwitchTexts } from './error-texts/kill-switch.ts';
import { notifyTexts } from './error-texts/notify.ts';
import { operationTexts } from './error-texts/operations.ts';
import { pinTexts } from './error-texts/pins.ts';
import { policyTexts } from './error-texts/policy.ts';
import { protocolTexts } from './error-texts/protocol.ts';
import { recordTexts } from './error-texts/record.ts';
import { redactionTexts } from './error-texts/redaction.ts';
import { remoteTexts } from './error-texts/remote.ts';
import { ruleTexts } from './error-texts/rules.ts';
import { reviewTexts } from './error-texts/reviews.ts';
import { searchTexts } from './error-texts/search.ts';
import { stateTexts } from './error-texts/state.ts';
import { taintTexts } from './error-texts/taint.ts';
import { telemetryTexts } from './error-texts/telemetry.ts';
import { upstreamTexts } from './error-texts/upstream.ts';
import type { Text } from './text.ts';

interface ErrorTexts {
  readonly message: Text;
  readonly hint: Text;
}

export const errorTexts: Readonly<Record<ErrorCode, ErrorTexts>> = {
  ...accessTexts,
  ...analysisTexts,
  ...approvalTexts,
  ...conditionalAccessTexts,
  ...clientTexts,
  ...connectTexts,
  ...conversationTexts,
  ...denyTexts,
  ...elevationTexts,
  ...entraSetupTexts,
  ...entraTexts,
  ...exportTexts,
  ...telemetryTexts,
  ...gatewayTexts,
  ...identityTexts,
  ...inspectionTexts,
  ...limitTexts,
  ...localTexts,
  ...judgeTexts,
  ...killSwitchTexts,
  ...notifyTexts,
  ...operationTexts,
  ...pinTexts,
  ...policyTexts,
  ...protocolTexts,
  ...redactionTexts,
  ...remoteTexts,
  ...ruleTexts,
  ...reviewTexts,
  ...searchTexts,
  ...stateTexts,
  ...typedArgumentTexts,
  ...recordTexts,
  ...taintTexts,
  ...upstreamTexts,
};
