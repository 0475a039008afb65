// The life of one request, read from top to bottom: verify → decide → inspect → forward → inspect → record.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access, Allowed } from '../access/decision.ts';
import type { Clock } from '../base/clock.ts';
import { GenkanError, isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Principal } from '../base/principal.ts';
import { checkParamHeaders } from '../protocol/headers.ts';
import type { RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { AuditEntry, Recorder, Result } from '../record/entry.ts';
import { Answer } from './answer.ts';
import { arrive } from './arrival.ts';
import type { Arrival } from './arrival.ts';
import type { Conversation, Tool, Use } from './conversation.ts';
import { createConversations } from './conversations.ts';
import type { Catalogue } from './line.ts';
import { filterList } from './lists.ts';
import { notifications, requests, targetOf } from './methods.ts';
import type { Method } from './methods.ts';
import { readMessage } from './read-message.ts';
import type { GatewaySettings } from './settings.ts';

export interface Verified {
  readonly outcome: 'allow';
  readonly principal: Principal;
  readonly expiresAtMs: number;
}

type Now<T> = T | Promise<T>;

/** Where a request came from, for records. */
interface Origin {
  readonly sourceIP: string;
  readonly userAgent: string;
}

/** The rooms that the gateway asks, in the order in which it asks them. */
export interface Neighbours {
  /** Identity: whose token is it, and was it issued for this resource? */
  readonly verify: (authorization: string | undefined, resource: string, from: Origin) => Now<Verified | Refusal>;
  /** Identity: the `WWW-Authenticate` value for a refusal of `verify`. */
  readonly challenge: (refusal: Refusal, resource: string) => string;
  readonly access: Access;
  readonly inspect: {
    readonly limits: { readonly maxBytes: number; readonly maxDepth: number };
    readonly checkArguments: (tool: Tool, given: Use['arguments']) => Refusal | undefined;
  };
  readonly catalogue: Catalogue;
  readonly record: Recorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly publicUrl: string;
  readonly sourceAddress: (request: IncomingMessage) => string;
  /** Counts and times one finished request for the metrics. */
  readonly observe: (method: string, server: string, result: Result, seconds: number) => void;
}

export interface Gateway {
  /**
   * Serves one HTTP request to an MCP address.
   * @param server the server named by `/mcp/{server}`; undefined for `/mcp`, which shows all of them
   */
  handle(request: IncomingMessage, response: ServerResponse, server: string | undefined): Promise<void>;
  /** Number of open sessions, for metrics and `server list`. */
  sessions(): number;
  /** Ends all event streams, so that clients reconnect elsewhere; requests under way are still answered. */
  drain(): void;
  close(): Promise<void>;
}

/** What the door thinks of a request: the ticket to pass, or why not. */
interface Ticket {
  readonly use?: Use;
  readonly allowed?: Allowed;
}

export function createGateway(settings: GatewaySettings, house: Neighbours): Gateway {
  const conversations = createConversations(settings, house);

  async function pass(arrival: Arrival, answer: Answer): Promise<void> {
    const who = await house.verify(arrival.headers.authorization, arrival.resource, arrival);
    if (isRefusal(who)) return answer.challenge(who, house.challenge(who, arrival.resource));
    const { principal } = who;

    if (arrival.method !== 'POST') return conversations.attend(arrival, principal, answer);
    const message = await readMessage(arrival, house.inspect.limits);
    if (isRefusal(message)) return refused(arrival, answer, principal, message);

    const conversation = await conversations.find(arrival, principal, message, answer);
    if (isRefusal(conversation)) return refused(arrival, answer, principal, conversation, message);

    if (message.kind !== 'request') {
      if (message.kind === 'notification' && !notifications.has(message.method)) return answer.accepted(); // unknown ones are dropped: JSON-RPC 2.0 §4.1
      const undelivered = await conversation.deliver(message);
      if (message.kind === 'response') await house.record.append(entry(arrival, principal, answered(message)));
      return isRefusal(undelivered) ? answer.refuse(undelivered) : answer.accepted();
    }

    const method = requests.get(message.method);
    const ticket = await judge(arrival, conversation, principal, message, method);
    if (isRefusal(ticket)) return refused(arrival, answer, principal, ticket, message);

    const recorded = method?.plain !== true;
    const withEffect = (ticket.allowed?.effect ?? 'read') !== 'read';
    const passage = describePassage(message, ticket, conversation.era);
    if (withEffect) await house.record.append(entry(arrival, principal, { ...passage, result: 'intent' })); // durable before the effect

    let response: ResponseMessage;
    let fault: GenkanError | undefined;
    let counts: { shown?: number; total?: number } = {};
    try {
      response = await conversation.request(message, ticket.use, {
        interim: (part) => answer.interim(part),
        signal: arrival.gone(conversation.era),
      });
      if (method?.lists)
        ({ response, ...counts } = filterList(response, method.lists, principal, conversation, house.access));
    } catch (error) {
      fault = error instanceof GenkanError ? error : new GenkanError('gateway_fault', {}, { cause: error });
      house.log.warn({ err: fault, correlationId: arrival.correlationId }, 'a request could not be answered');
      response = answer.failure(fault.toRefusal(), message.id);
    }
    // Whether a call with effects that broke off took effect cannot be known, and the log says so.
    const result: Result = fault === undefined ? 'allowed' : withEffect ? 'unknown' : 'failed';
    if (recorded) {
      const outcome = {
        ...passage.details,
        ...summarise(response, fault),
        ...counts,
        durationMs: house.clock.now() - arrival.atMs,
      };
      await house.record.append(entry(arrival, principal, { ...passage, result, details: outcome })); // durable before the answer
    }
    house.observe(
      message.method,
      ticket.use?.server ?? arrival.server ?? '',
      result,
      (house.clock.now() - arrival.atMs) / 1000,
    );
    return answer.final(response);
  }

  /** May they, and is it safe? Decides on every use of a tool, prompt or resource, then checks its arguments. */
  async function judge(
    arrival: Arrival,
    conversation: Conversation,
    principal: Principal,
    message: RequestMessage,
    method: Method | undefined,
  ): Promise<Ticket | Refusal> {
    if (!method?.eras.includes(conversation.era)) return refuse('gateway_method_unknown', { method: message.method });
    if (method.uses === undefined) return {};
    const target = targetOf(message.method, method.uses, message.params);
    if (target === undefined) return refuse('inspect_params_invalid', { method: message.method });
    const use = await conversation.locate(target);
    if (isRefusal(use)) return use;
    const hints = {
      readOnly: use.tool?.annotations?.readOnlyHint,
      destructive: use.tool?.annotations?.destructiveHint,
    };
    const decision = house.access.decide(principal, { ...use, hints });
    if (decision.outcome === 'deny') return decision;
    if (use.primitive !== 'tools') return { use, allowed: { ...decision, effect: 'read' } };
    if (use.tool === undefined) return refuse('gateway_tool_unknown', { tool: use.name });
    const unsafe =
      house.inspect.checkArguments(use.tool, use.arguments) ??
      (conversation.era === 'modern' ? checkParamHeaders(use.tool, use.arguments, arrival.headers) : undefined);
    return unsafe ?? { use, allowed: decision };
  }

  async function refused(
    arrival: Arrival,
    answer: Answer,
    principal: Principal,
    refusal: Refusal,
    message?: {
      readonly method?: string;
      readonly id?: RequestMessage['id'] | null;
      readonly params?: RequestMessage['params'];
    },
  ): Promise<void> {
    const result = refusal.outcome === 'block' || refusal.code.startsWith('inspect_') ? 'blocked' : 'denied';
    const name = message?.params?.['name'] ?? message?.params?.['uri'];
    const resource = `/servers/${arrival.server ?? '*'}${typeof name === 'string' ? `/${name.slice(0, 512)}` : ''}`;
    const details = { code: refusal.code, ...refusal.data, client: principal.clientId };
    await house.record.append(
      entry(arrival, principal, { action: message?.method ?? 'mcp', resource, result, details }),
    );
    house.observe(message?.method ?? '', arrival.server ?? '', result, (house.clock.now() - arrival.atMs) / 1000);
    return answer.refuse(refusal, message?.id);
  }

  function entry(
    arrival: Arrival,
    principal: Principal,
    what: Pick<AuditEntry, 'action' | 'resource' | 'result' | 'details'>,
  ): AuditEntry {
    return {
      timestamp: house.clock.now(),
      user: principal.id,
      ...what,
      correlationId: arrival.correlationId,
      sourceIP: arrival.sourceIP,
      userAgent: arrival.userAgent,
    };
  }

  return {
    async handle(request, response, server) {
      const arrival = arrive(request, response, server, house);
      const answer = new Answer(response, arrival.language, settings.keepAliveSeconds * 1000);
      try {
        await pass(arrival, answer);
      } catch (error) {
        const fault = error instanceof GenkanError ? error : new GenkanError('gateway_fault', {}, { cause: error });
        house.log.error({ err: error, correlationId: arrival.correlationId }, 'a request failed');
        answer.refuse(fault.toRefusal());
      }
    },
    sessions: () => conversations.count(),
    drain: () => conversations.drain(),
    close: () => conversations.close(),
  };
}

/** The part of a record that intent and outcome have in common. */
function describePassage(
  message: RequestMessage,
  { use, allowed }: Ticket,
  era: string,
): Omit<AuditEntry, 'timestamp' | 'user' | 'correlationId' | 'sourceIP' | 'userAgent'> {
  return {
    action: message.method,
    resource: use === undefined ? '/servers' : `/servers/${use.server}/${use.primitive}/${use.name}`,
    result: 'allowed',
    details: {
      era,
      ...(use && { server: use.server }),
      ...(allowed && { effect: allowed.effect, requires: allowed.requirements, because: allowed.because }),
      bytesIn: message.raw.length,
    },
  };
}

/** How a call ended, for its record: never what it returned. */
function summarise(response: ResponseMessage, fault: GenkanError | undefined): Record<string, unknown> {
  if (fault !== undefined) return { error: fault.code };
  if (response.error !== undefined) return { error: response.error.code, bytesOut: response.raw.length };
  return { toolError: response.result?.['isError'] === true, bytesOut: response.raw.length };
}

/** The client's answer to a question of the server, e.g. a person's consent by elicitation. */
function answered(response: ResponseMessage): Pick<AuditEntry, 'action' | 'resource' | 'result' | 'details'> {
  const action = response.result?.['action'];
  const given = response.error !== undefined ? 'error' : typeof action === 'string' ? action.slice(0, 16) : 'result';
  return { action: 'mcp/answer', resource: '/servers', result: 'allowed', details: { answer: given } };
}
