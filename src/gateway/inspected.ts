// Is it safe? The question about what a server answers, and about what a caller sends: what is found, and what then.
import type { ApprovalDemand, Allowed } from '../access/decision.ts';
import { describe, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import type { Principal } from '../base/principal.ts';
import { metaMember } from '../inspect/examination/examination.ts';
import type { Examination, Examined } from '../inspect/examination/examination.ts';
import type { Noted } from '../inspect/examination/noted.ts';
import { run } from '../inspect/examination/looking.ts';
import { result } from '../protocol/message.ts';
import type { RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Use } from './conversations/conversation.ts';
import type { Ticket } from './judge.ts';
import { requests } from './methods.ts';
import { failureOf } from './reply.ts';
import type { Visit } from './visit.ts';

/** What of an answer its caller may get, and what the record says of it. */
export interface Inspected {
  readonly response: ResponseMessage;
  readonly counts: ReturnType<typeof recorded> & object;
}

interface House {
  readonly inspect: { readonly examination: Examination };
}

/** Examines what one server has answered. What Genkan put together of several was examined when it was gathered. */
export async function inspectAnswer(
  { inspect }: House,
  { arrival: { server: addressed, language }, principal }: Visit,
  { method }: RequestMessage,
  { use, allowed }: Ticket,
  response: ResponseMessage,
): Promise<Inspected> {
  const server = use?.server ?? addressed;
  if (server === undefined) return { response, counts: {} };
  const examined = await run(
    inspect.examination.said({
      message: response,
      method,
      server,
      name: use?.name,
      person: principal.id,
      groups: principal.groups,
      roles: rolesIn(allowed),
      language,
      listed: requests.get(method)?.lists?.member,
      outputSchema: (use?.tool as { readonly outputSchema?: unknown } | undefined)?.outputSchema,
    }),
  );
  const { blocked } = examined;
  const withheld = blocked === undefined ? undefined : { withheld: blocked };
  return {
    response: blocked === undefined ? examined.message : instead(examined, method, server, language),
    counts: { ...recorded(examined.findings), ...withheld },
  };
}

/**
 * In the place of an answer that is withheld. Of a call it is a result that says so: assistants read the results of their
 * calls and go on by them, while many clients take a protocol error for a broken server.
 */
function instead(
  { message, findings, blocked }: Examined<ResponseMessage>,
  method: string,
  server: string,
  language: Language,
) {
  const refusal = refuse(reasons[blocked!], { server });
  const isCall = (method === 'tools/call' || method === 'tasks/result') && message.result !== undefined;
  if (!isCall || message.result?.['resultType'] === 'input_required')
    return failureOf({ ...refusal, data: recorded(findings) }, message.id, language);
  const { message: what, hint } = describe(refusal, language);
  return result(message.id!, {
    ...(message.result?.['resultType'] !== undefined && { resultType: 'complete' }),
    content: [{ type: 'text', text: `${what} ${hint}` }],
    isError: true,
    _meta: { [metaMember]: { server, reason: refusal.code, ...recorded(findings) } },
  });
}

const reasons = {
  injection: 'inspect_injection_blocked',
  sensitive: 'inspect_sensitive_blocked',
  size: 'inspect_result_too_large',
} as const;

const maxRecorded = 16;

/** Findings as records have them: never the text. */
export function recorded(findings: readonly Noted[]): {
  readonly findings?: readonly Noted[];
  readonly moreFindings?: number;
} {
  if (findings.length === 0) return {};
  const more = findings.length - maxRecorded;
  return { findings: findings.slice(0, maxRecorded), ...(more > 0 && { moreFindings: more }) };
}

/** What the arguments of a call let pass. */
export interface InspectedCall {
  readonly findings?: readonly Noted[];
  /** Present where somebody has to look at the call first. */
  readonly approval?: ApprovalDemand;
  /** It took so long that other things may have happened since. */
  readonly waited?: boolean;
}

export async function inspectCall(
  { examination, demand }: { readonly examination: Examination; readonly demand?: (() => ApprovalDemand) | undefined },
  { groups }: Principal,
  { server, name, arguments: given }: Use,
  allowed: Allowed,
): Promise<InspectedCall | Refusal> {
  const looking = run(examination.call(given, { server, name, groups, roles: rolesIn(allowed) }));
  const waited = looking instanceof Promise;
  const { action, findings } = await looking;
  if (findings.length === 0) return { waited };
  if (action === 'block')
    return refuse('inspect_arguments_injection', { name }, { outcome: 'block', data: recorded(findings) });
  if (action !== 'ask' || allowed.approval !== undefined) return { findings, waited };
  if (demand === undefined)
    return refuse('access_approval_impossible', { rule: shieldRule }, { data: recorded(findings) });
  return { findings, waited, approval: demand() };
}

/** By which an approval that the shield wants is called. */
export const shieldRule = 'prompt shield';

const rolesIn = (allowed: Allowed | undefined): readonly string[] | undefined =>
  allowed?.because.map(({ role }) => role);
