// What the record says about a request: who, what, on what grounds, and how it ended; never what was in it.
import type { Denied } from '../access/decision.ts';
import { actorOf } from '../base/actor.ts';
import { isRefusal } from '../base/errors.ts';
import type { GenkanError, Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { isJsonObject } from '../protocol/message.ts';
import type { Era, Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { AuditEntry, Contents } from '../record/entry.ts';
import type { Arrival } from './arrival.ts';
import { recorded } from './inspected.ts';
import type { Ticket } from './judge.ts';
import type { Catalogue } from './lines/line.ts';
import { requests } from './methods.ts';

/** The members of a record that say what happened, as opposed to when, to whom and from where. */
export interface Passage extends Omit<AuditEntry, 'timestamp' | 'user' | 'correlationId' | 'sourceIP' | 'userAgent'> {
  /** Contents of the call, which the record keeps as far as it is told to. */
  readonly contents?: Contents;
}

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
): [entry: AuditEntry, contents: Contents | undefined] {
  const { correlationId, trace, sourceIP, userAgent } = arrival;
  const { contents, ...said } = passage;
  const groups = passage.actionRequired === undefined ? [] : holdingGroups(principal);
  const entry = {
    timestamp,
    user: principal.id,
    actor: actorOf(principal),
    client: principal.clientId,
    ...said,
    ...(groups.length > 0 && { groups }),
    correlationId,
    sourceIP,
    userAgent,
    traceId: trace.traceId,
    spanId: trace.spanId,
  };
  return [entry, contents];
}

/** The part that intent and outcome of a request have in common. */
export function passageOf(
  arrival: Arrival,
  message: RequestMessage,
  { use, allowed, watched, approved, findings = [] }: Ticket,
  era: Era,
  catalogue: Catalogue,
): Omit<Passage, 'result'> {
  return {
    action: message.method,
    resource:
      use === undefined ? `/servers/${arrival.server ?? '*'}` : `/servers/${use.server}/${use.primitive}/${use.name}`,
    ...placeOf(use, arrival),
    ...(allowed && { effect: allowed.effect, actionRequired: allowed.requirements, because: allowed.because }),
    ...(allowed?.audited && { rules: allowed.audited }),
    ...(approved && { approval: { id: approved.id, by: approved.by } }),
    ...recorded(findings),
    bytesIn: message.raw.length,
    details: {
      era,
      ...(use && { actsAs: actsAsAt(catalogue, use.server) }),
      ...(watched && { watched: watched.map((uri) => uri.slice(0, 512)) }),
      ...answersIn(message.params['inputResponses']),
    },
    contents: { arguments: message.params['arguments'] },
  };
}

const placeOf = (use: Ticket['use'], { server }: Arrival): Pick<Passage, 'server' | 'tool'> =>
  use === undefined
    ? { ...(server !== undefined && { server }) }
    : { server: use.server, ...(use.primitive === 'tools' && { tool: use.name }) };

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

/** How a request ended, with all that was said when it was announced. */
export function outcomeOf(
  passage: Omit<Passage, 'result'>,
  ending: {
    readonly result: Passage['result'];
    readonly response: ResponseMessage;
    readonly fault: GenkanError | undefined;
    /** What was found in the answer. */
    readonly counts: ReturnType<typeof recorded> & object;
    readonly durationMs: number;
    /** Whether there is a record of what it was given. */
    readonly isAnnounced: boolean;
  },
): Passage {
  const { result, response, fault, counts, durationMs, isAnnounced } = ending;
  const { findings, moreFindings, ...noted } = counts;
  return {
    ...passage,
    result,
    ...(findings && { findings, moreFindings }),
    ...(fault === undefined && { bytesOut: response.raw.length }),
    durationMs,
    details: { ...passage.details, ...endingOf(response, fault), ...noted },
    contents: { ...(isAnnounced ? {} : passage.contents), answer: fault === undefined ? response.result : undefined },
  };
}

function endingOf(response: ResponseMessage, fault: GenkanError | undefined): Record<string, unknown> {
  if (fault !== undefined) return { error: fault.code };
  if (response.error !== undefined) return { error: response.error.code };
  const parked = response.result?.['resultType'] === 'input_required';
  return { ...(parked && { parked }), toolError: response.result?.['isError'] === true };
}

/** A refused message. What it names is the caller's text, so it is cut to size. */
export function refusedPassage(arrival: Arrival, refusal: Refusal | Denied, message: Message | undefined): Passage {
  const params = message?.kind === 'response' ? undefined : message?.params;
  const name = params?.['name'] ?? params?.['uri'];
  const { uses } = requests.get(message?.kind === 'request' ? message.method : '') ?? {};
  const { findings, moreFindings, approval, ...more } = (refusal.data ?? {}) as ReturnType<typeof recorded> &
    Readonly<Record<string, unknown>>;
  const found = {
    ...(findings && { findings, moreFindings }),
    ...(approval !== undefined && { approval: { id: String(approval) } }),
  };
  const named = uses !== undefined && typeof name === 'string' ? `/${uses}/${name.slice(0, 512)}` : '';
  return {
    action: message?.kind === 'response' || message === undefined ? 'mcp' : message.method.slice(0, 64),
    resource: `/servers/${arrival.server ?? '*'}${named}`,
    result: resultOf(refusal),
    ...(arrival.server !== undefined && { server: arrival.server }),
    ...(uses === 'tools' && typeof name === 'string' && { tool: name.slice(0, 512) }),
    ...groundsOf(refusal),
    ...found,
    details: { code: refusal.code, ...more },
    contents: { arguments: params?.['arguments'] },
  };
}

/** What the roles were asked about, where it is they that refuse. */
const groundsOf = (refusal: Refusal | Denied): Pick<Passage, 'effect' | 'actionRequired'> =>
  'requirements' in refusal && refusal.requirements.length > 0
    ? { effect: refusal.effect, actionRequired: refusal.requirements }
    : {};

function resultOf({ outcome, code }: Refusal): Passage['result'] {
  if (outcome === 'challenge' || code === 'access_approval_pending') return 'challenged';
  return outcome === 'block' || code.startsWith('inspect_') ? 'blocked' : 'denied';
}

/** The client's answer to a question of the server, e.g. a person's consent by elicitation. */
export function answeredPassage(arrival: Arrival, response: ResponseMessage): Passage {
  const answer = response.error !== undefined ? 'error' : answerOf(response.result);
  return {
    action: 'mcp/answer',
    resource: `/servers/${arrival.server ?? '*'}`,
    result: 'allowed',
    details: { answer },
  };
}

export const sessionEndPassage = (arrival: Arrival): Passage => ({
  action: 'session/end',
  resource: `/servers/${arrival.server ?? '*'}`,
  result: 'allowed',
  details: {},
});

/** Session ids are unguessable, so whoever presents another's has stolen it. */
export const foreignPassage = (arrival: Arrival, owner: string): Passage => ({
  action: 'session/foreign',
  resource: `/servers/${arrival.server ?? '*'}`,
  result: 'blocked',
  details: { owner },
});
