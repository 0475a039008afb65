// What the record says about a request: who, what, on what grounds, and how it ended; never what was in it.
import type { Denied } from '../access/decision.ts';
import { isRefusal } from '../base/errors.ts';
import type { GenkanError, Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { isJsonObject } from '../protocol/message.ts';
import type { Era, Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { AuditEntry } from '../record/entry.ts';
import type { Arrival } from './arrival.ts';
import { recorded } from './inspected.ts';
import type { Ticket } from './judge.ts';
import type { Catalogue } from './lines/line.ts';
import { requests } from './methods.ts';

/** The members of a record that say what happened, as opposed to when, to whom and from where. */
export type Passage = Pick<AuditEntry, 'action' | 'resource' | 'result' | 'details'>;

/**
 * @param holdingGroups those of the person's groups that decisions rest on: with them and what a call requires, it can be
 *   decided again later
 */
export function recordOf(
  arrival: Arrival,
  principal: Principal,
  passage: Passage,
  timestamp: number,
  holdingGroups: (principal: Principal) => readonly string[] = () => [],
): AuditEntry {
  const { correlationId, sourceIP, userAgent } = arrival;
  const { actors } = principal;
  const groups = 'requires' in passage.details ? holdingGroups(principal) : [];
  // Whoever acts for a person stands beside them in every record (RFC 8693 §4.1).
  const details = { ...passage.details, ...(groups.length > 0 && { groups }), ...(actors && { actors }) };
  return { timestamp, user: principal.id, ...passage, details, correlationId, sourceIP, userAgent };
}

/** The part that intent and outcome of a request have in common. */
export function passageOf(
  arrival: Arrival,
  principal: Principal,
  message: RequestMessage,
  { use, allowed, watched, approved, findings = [] }: Ticket,
  era: Era,
  catalogue: Catalogue,
): Omit<Passage, 'result'> {
  return {
    action: message.method,
    resource:
      use === undefined ? `/servers/${arrival.server ?? '*'}` : `/servers/${use.server}/${use.primitive}/${use.name}`,
    details: {
      person: principal.name,
      client: principal.clientId,
      era,
      ...(use && { server: use.server, actsAs: actsAsAt(catalogue, use.server) }),
      ...(allowed && { effect: allowed.effect, requires: allowed.requirements, because: allowed.because }),
      ...(allowed?.audited && { rules: allowed.audited }),
      ...(approved && { approval: approved.id, approvedBy: approved.by }),
      ...(watched && { watched: watched.map((uri) => uri.slice(0, 512)) }),
      ...answersIn(message.params['inputResponses']),
      ...recorded(findings),
      bytesIn: message.raw.length,
    },
  };
}

/** In whose name the server was called: without it, its own log names one identity for everybody. */
function actsAsAt(catalogue: Catalogue, server: string): string | undefined {
  const upstream = catalogue.get(server);
  return isRefusal(upstream) ? undefined : (upstream.actsAs ?? 'shared');
}

/** How a client of the stateless era answered a server's questions, e.g. a person's consent: the action, not the content. */
function answersIn(inputResponses: unknown): { readonly answers?: readonly string[] } {
  if (!isJsonObject(inputResponses)) return {};
  return { answers: Object.values(inputResponses).slice(0, 16).map(answerOf) };
}

const answerOf = (reply: unknown): string =>
  isJsonObject(reply) && typeof reply['action'] === 'string' ? reply['action'].slice(0, 16) : 'result';

/** How a request ended. */
export function endingOf(response: ResponseMessage, fault: GenkanError | undefined): Record<string, unknown> {
  if (fault !== undefined) return { error: fault.code };
  if (response.error !== undefined) return { error: response.error.code, bytesOut: response.raw.length };
  const parked = response.result?.['resultType'] === 'input_required';
  return { ...(parked && { parked }), toolError: response.result?.['isError'] === true, bytesOut: response.raw.length };
}

/** A refused message. What it names is the caller's text, so it is cut to size. */
export function refusedPassage(
  arrival: Arrival,
  principal: Principal,
  refusal: Refusal | Denied,
  message: Message | undefined,
): Passage {
  const params = message?.kind === 'response' ? undefined : message?.params;
  const name = params?.['name'] ?? params?.['uri'];
  const { uses } = requests.get(message?.kind === 'request' ? message.method : '') ?? {};
  const named = uses !== undefined && typeof name === 'string' ? `/${uses}/${name.slice(0, 512)}` : '';
  return {
    action: message?.kind === 'response' || message === undefined ? 'mcp' : message.method.slice(0, 64),
    resource: `/servers/${arrival.server ?? '*'}${named}`,
    result: resultOf(refusal),
    details: {
      person: principal.name,
      client: principal.clientId,
      code: refusal.code,
      ...refusal.data,
      ...groundsOf(refusal),
    },
  };
}

/** What the roles were asked about, where it is they that refuse. */
const groundsOf = (refusal: Refusal | Denied): object =>
  'requirements' in refusal && refusal.requirements.length > 0
    ? { effect: refusal.effect, requires: refusal.requirements }
    : {};

function resultOf({ outcome, code }: Refusal): Passage['result'] {
  if (outcome === 'challenge' || code === 'access_approval_pending') return 'challenged';
  return outcome === 'block' || code.startsWith('inspect_') ? 'blocked' : 'denied';
}

/** The client's answer to a question of the server, e.g. a person's consent by elicitation. */
export function answeredPassage(arrival: Arrival, principal: Principal, response: ResponseMessage): Passage {
  const answer = response.error !== undefined ? 'error' : answerOf(response.result);
  return {
    action: 'mcp/answer',
    resource: `/servers/${arrival.server ?? '*'}`,
    result: 'allowed',
    details: { person: principal.name, client: principal.clientId, answer },
  };
}

export const sessionEndPassage = (arrival: Arrival, principal: Principal): Passage => ({
  action: 'session/end',
  resource: `/servers/${arrival.server ?? '*'}`,
  result: 'allowed',
  details: { person: principal.name, client: principal.clientId },
});

/** Session ids are unguessable, so whoever presents another's has stolen it. */
export const foreignPassage = (arrival: Arrival, principal: Principal, owner: string): Passage => ({
  action: 'session/foreign',
  resource: `/servers/${arrival.server ?? '*'}`,
  result: 'blocked',
  details: { person: principal.name, client: principal.clientId, owner },
});
