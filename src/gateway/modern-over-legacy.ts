// A modern client's line to a legacy server: requests are translated, and what the server asks is asked by parking the call.
import { GenkanError } from '../base/errors.ts';
import { failure, notification, request, result } from '../protocol/message.ts';
import type { JsonObject, Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { modernRevisions } from '../protocol/revisions.ts';
import { askableCapability } from '../protocol/between-families.ts';
import {
  discoverResult,
  initializeFor,
  toLegacyParams,
  toModernError,
  toModernResult,
} from '../protocol/modern-client.ts';
import type { Upstream } from '../upstream/channel.ts';
import { completeHandshake, openLine, ownId } from './line.ts';
import type { Line } from './line.ts';
import { createParkedCalls } from './parked-calls.ts';
import type { UpstreamCall } from './parked-calls.ts';
import { answerForClient } from './questions.ts';
import type { ModernOpening } from './translated-line.ts';

/**
 * Opens the line. Several requests share the connection, so each travels under an id and a progress token of ours. A server
 * is asked to ask only what the client declared that it can answer; anything else it asks is declined for the client.
 */
export async function modernOverLegacy(
  upstream: Upstream,
  { envelope, owner, push, log }: ModernOpening,
): Promise<Line> {
  let line: Line | undefined;
  const early: RequestMessage[] = []; // asked before the line stood
  const calls = createParkedCalls(owner, (response) => deliver(response));

  function hear(message: Message, call?: UpstreamCall): void {
    if (message.kind === 'notification') return push(message);
    if (message.kind === 'response') return;
    if (line === undefined) return void early.push(message);
    const capability = askableCapability(message.method);
    const can = capability !== undefined && envelope.clientCapabilities[capability] !== undefined;
    if (!can || !calls.ask(message, call)) answerForClient(message, line);
  }

  const initialize = request(ownId(), 'initialize', initializeFor(envelope));
  const base = await openLine({ upstream, era: 'legacy', initialize, push: hear, log });
  const deliver = (message: Parameters<Line['deliver']>[0]): void => void base.deliver(message).catch(() => undefined);
  line = base;
  for (const question of early.splice(0)) hear(question);
  await completeHandshake(base);
  const greeting = discoverResult(base.initialized!.result!, modernRevisions);

  /** Sends a request under an id of ours. It may outlive the HTTP request that brought it. */
  function begin({ method, params }: RequestMessage): UpstreamCall {
    const id = ownId();
    const controller = new AbortController();
    const outlet = { closed: false, behind: false, interim };
    const sent = request(id, method, withProgressToken(toLegacyParams(params), id));
    const call: UpstreamCall = {
      response: base.request(sent, { outlet, signal: controller.signal }),
      outlet: undefined,
      progressToken: undefined,
      cancel(reason: GenkanError) {
        if (controller.signal.aborted) return;
        deliver(notification('notifications/cancelled', { requestId: id, reason: 'the client went away' }));
        controller.abort(reason);
      },
    };
    call.response.catch(() => undefined); // it may fail while its client is away
    function interim(part: Message): void | Promise<void> {
      if (part.kind !== 'notification') return hear(part, call);
      if (part.method !== 'notifications/progress' || call.progressToken === undefined) return;
      return call.outlet?.interim(notification(part.method, { ...part.params, progressToken: call.progressToken }));
    }
    return call;
  }

  return {
    ...base,
    async request(message, options) {
      if (message.method === 'server/discover') return result(message.id, greeting);
      return modernised(message, await calls.carry(message, options, () => begin(message)));
    },
    async close() {
      calls.close();
      await base.close();
    },
  };
}

/** A server's response under the client's id; one that parks a call is modern already. */
function modernised(message: RequestMessage, response: ResponseMessage): ResponseMessage {
  const { id, method, params } = message;
  if (response.error !== undefined) return failure(id, toModernError(params, response.error));
  if (response.result?.['resultType'] === 'input_required' && response.id === id) return response;
  return result(id, toModernResult(method, response.result ?? {}));
}

/** Asks for progress under a token of ours, where the client asked for it at all. */
function withProgressToken(params: JsonObject, token: string): JsonObject {
  const meta = params['_meta'] as JsonObject | undefined;
  return meta?.['progressToken'] === undefined ? params : { ...params, _meta: { ...meta, progressToken: token } };
}
