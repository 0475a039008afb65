// A call that waits for an approval, put to the person at the client: as a question where the client can ask one.
import { approvalUrl } from '../../access/approvals/approval-notices.ts';
import type { AskedCall } from '../../access/approvals/call-approvals.ts';
import type { Approval, Approver } from '../../access/approvals/approval.ts';
import { describe, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Language } from '../../base/text.ts';
import { mayAsk } from '../../protocol/between-families.ts';
import { reservedPrefix } from '../../protocol/envelope.ts';
import { isJsonObject, result } from '../../protocol/message.ts';
import type { JsonObject, RequestMessage, ResponseMessage } from '../../protocol/message.ts';

/** Under which a client of the stateless era is asked, and answers. */
export const approvalKey = 'genkan-approval';
/** Before an agent that cannot wait had better ask again. */
const askAgainSeconds = 15;

/** Nobody has decided yet. `data` has the handle by which people find it, and where. */
export function pendingRefusal({ demand, name, server }: AskedCall, approval: Approval, publicUrl: string): Refusal {
  const url = approvalUrl(publicUrl, approval.id);
  const params = {
    tool: name.slice(0, 200),
    server,
    rule: demand.rule,
    approvers: demand.approvers.map(nameOf).join(', '),
    url,
  };
  const data = {
    approval: approval.id,
    url,
    expiresAt: new Date(approval.expiresAtMs).toISOString(),
    retryAfterSeconds: askAgainSeconds,
  };
  return refuse('access_approval_pending', params, { data });
}

const nameOf = (approver: Approver): string =>
  approver.kind === 'operator' ? 'operator' : (approver.kind === 'user' && approver.name) || approver.id;

/**
 * The question that a pending approval is for a client of the stateless era; undefined for others, and for those that have
 * said that they cannot ask.
 */
export function approvalQuestion(
  message: RequestMessage,
  refusal: Pick<Refusal, 'code' | 'params' | 'data'>,
  language: Language,
): ResponseMessage | undefined {
  const { _meta: meta } = message.params;
  const capabilities = isJsonObject(meta) ? meta[`${reservedPrefix}clientCapabilities`] : undefined;
  if (refusal.code !== 'access_approval_pending' || !mayAsk.has(message.method) || !asksByForm(capabilities))
    return undefined;
  const params = { mode: 'form', ...formOf(refusal, language) };
  return result(message.id, {
    resultType: 'input_required',
    inputRequests: { [approvalKey]: { method: 'elicitation/create', params } },
  });
}

/** What is asked: to accept is to wait, to decline is to take the request back. It wants nothing to be typed in. */
export function formOf(refusal: Pick<Refusal, 'code' | 'params'>, language: Language): JsonObject {
  const { message, hint } = describe(refusal, language);
  return { message: `${message} ${hint}`, requestedSchema: { type: 'object', properties: {} } };
}

/** Whether a client can put a form to its person: the mode that there was before there were modes. */
export function asksByForm(capabilities: unknown): boolean {
  const elicitation = isJsonObject(capabilities) ? capabilities['elicitation'] : undefined;
  return isJsonObject(elicitation) && (isJsonObject(elicitation['form']) || !isJsonObject(elicitation['url']));
}
