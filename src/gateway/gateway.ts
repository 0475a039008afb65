// The life of one request, read from top to bottom: verify → decide → inspect → forward → inspect → record.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { GenkanError, isRefusal } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Principal } from '../base/principal.ts';
import type { Message, ResponseMessage } from '../protocol/message.ts';
import type { Recorder, Result } from '../record/entry.ts';
import { Answer } from './answer.ts';
import { arrive } from './arrival.ts';
import type { Arrival } from './arrival.ts';
import { createConversations } from './conversations.ts';
import { judge } from './judge.ts';
import type { Judges } from './judge.ts';
import type { Catalogue } from './line.ts';
import { filterList } from './lists.ts';
import { notifications, requests } from './methods.ts';
import { answeredPassage, endingOf, passageOf, recordOf, refusedPassage } from './passage.ts';
import type { Passage } from './passage.ts';
import { readMessage } from './read-message.ts';
import type { GatewaySettings } from './settings.ts';

export interface Verified {
  readonly outcome: 'allow';
  readonly principal: Principal;
}

type Verdict = Verified | Refusal;

/** The rooms that the gateway asks, and what it tells them. */
export interface Neighbours extends Judges {
  /** Identity: whose token is it, and was it issued for this resource? At once when it was asked before. */
  readonly verify: (authorization: string | undefined, resource: string, from: Arrival) => Verdict | Promise<Verdict>;
  /** Identity: the `WWW-Authenticate` value for a refusal of `verify`. */
  readonly challenge: (refusal: Refusal, resource: string) => string;
  readonly inspect: Judges['inspect'] & { readonly limits: { readonly maxBytes: number; readonly maxDepth: number } };
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
  /** Number of open sessions. */
  sessions(): number;
  /** Ends all event streams, so that clients reconnect elsewhere; requests under way are still answered. */
  drain(): void;
  close(): Promise<void>;
}

export function createGateway(settings: GatewaySettings, house: Neighbours): Gateway {
  const conversations = createConversations(settings, house);

  async function pass(arrival: Arrival, answer: Answer): Promise<void> {
    const who = await house.verify(arrival.headers.authorization, arrival.resource, arrival);
    if (isRefusal(who)) return answer.challenge(who, house.challenge(who, arrival.resource));
    const { principal } = who;
    if (arrival.method !== 'POST') return conversations.attend(arrival, principal, answer);

    const message = await readMessage(arrival, house.inspect.limits);
    if (isRefusal(message)) return refuse(arrival, answer, principal, message);
    const conversation = await conversations.find(arrival, principal, message, answer).catch(asRefusal);
    if (isRefusal(conversation)) return refuse(arrival, answer, principal, conversation, message);
    if (message.kind !== 'request') return deliver(arrival, answer, principal, message, conversation);

    const method = requests.get(message.method);
    const ticket = await judge(house, arrival, conversation, principal, message, method).catch(asRefusal);
    if (isRefusal(ticket)) return refuse(arrival, answer, principal, ticket, message);

    const passage = passageOf(principal, message, ticket, conversation.era);
    const withEffect = (ticket.allowed?.effect ?? 'read') !== 'read';
    if (withEffect) await record(arrival, principal, { ...passage, result: 'intent' }); // durable before the effect

    let response: ResponseMessage;
    let fault: GenkanError | undefined;
    let counts = {};
    try {
      const interim = (part: Message): void | Promise<void> => answer.interim(part);
      response = await conversation.request(message, ticket.use, { interim, signal: arrival.gone(conversation.era) });
      if (method?.lists)
        ({ response, ...counts } = filterList(response, method.lists, principal, conversation, house.access));
    } catch (error) {
      fault = faultOf(error);
      house.log.warn({ err: error, correlationId: arrival.correlationId }, 'a request could not be answered');
      response = answer.failure(fault.toRefusal(), message.id);
    }

    // Whether a call with effects that broke off took effect cannot be known, and the log says so.
    const result: Result = fault === undefined ? 'allowed' : withEffect ? 'unknown' : 'failed';
    const durationMs = house.clock.now() - arrival.atMs;
    const details = { ...passage.details, ...endingOf(response, fault), ...counts, durationMs };
    if (method?.plain !== true) await record(arrival, principal, { ...passage, result, details }); // durable before the answer
    house.observe(message.method, ticket.use?.server ?? arrival.server ?? '', result, durationMs / 1000);
    return answer.final(response);
  }

  /** Notifications and the client's answers to a server's questions: nothing comes back but "accepted". */
  async function deliver(
    arrival: Arrival,
    answer: Answer,
    principal: Principal,
    message: Exclude<Message, { kind: 'request' }>,
    conversation: { deliver: (message: Exclude<Message, { kind: 'request' }>) => Promise<void | Refusal> },
  ): Promise<void> {
    if (message.kind === 'notification' && !notifications.has(message.method)) return answer.accepted(); // dropped
    if (message.kind === 'response') await record(arrival, principal, answeredPassage(principal, arrival, message));
    const refusal = await conversation.deliver(message);
    return isRefusal(refusal) ? refuse(arrival, answer, principal, refusal, message) : answer.accepted();
  }

  async function refuse(
    arrival: Arrival,
    answer: Answer,
    principal: Principal,
    refusal: Refusal,
    message?: Message,
  ): Promise<void> {
    const passage = refusedPassage(arrival, principal, refusal, message);
    await record(arrival, principal, passage);
    const method = requests.has(passage.action) ? passage.action : 'other';
    house.observe(method, arrival.server ?? '', passage.result, (house.clock.now() - arrival.atMs) / 1000);
    return answer.refuse(refusal, message?.kind === 'request' ? message.id : undefined);
  }

  const record = (arrival: Arrival, principal: Principal, passage: Passage): Promise<number> =>
    house.record.append(recordOf(arrival, principal, passage, house.clock.now()));

  return {
    async handle(request, response, server) {
      const arrival = arrive(request, response, server, house);
      const answer = new Answer(response, arrival.language, settings.keepAliveSeconds * 1000);
      try {
        await pass(arrival, answer);
      } catch (error) {
        house.log.error({ err: error, correlationId: arrival.correlationId }, 'a request failed');
        answer.refuse(faultOf(error).toRefusal());
      }
    },
    sessions: () => conversations.count(),
    drain: () => conversations.drain(),
    close: () => conversations.close(),
  };
}

/** A fault before anything was forwarded is a refusal like any other; it has its reason and its record. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof GenkanError) return error.toRefusal();
  throw error;
}

const faultOf = (error: unknown): GenkanError =>
  error instanceof GenkanError ? error : new GenkanError('gateway_fault', {}, { cause: error });
