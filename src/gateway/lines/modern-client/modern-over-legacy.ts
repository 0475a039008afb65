// A modern client's line to a legacy server: requests are translated, and what the server asks is asked by parking the call.
import { GenkanError } from '../../../base/errors.ts';
import { mayAsk, URL_ELICITATION_REQUIRED } from '../../../protocol/between-families.ts';
import { declares, requiredCapabilities, requiredPages } from '../../../protocol/questions-of-legacy-servers.ts';
import { failure, isJsonObject, notification, request, result } from '../../../protocol/message.ts';
import type { JsonObject, Message, RequestMessage, ResponseMessage } from '../../../protocol/message.ts';
import { discoverResult, toModernError, toModernResult } from '../../../protocol/modern-client.ts';
import { modernRevisions } from '../../../protocol/revisions.ts';
import { asWritten } from '../../../protocol/written-numbers.ts';
import type { Upstream } from '../../../upstream/channel.ts';
import { createEarlyMessages } from '../early-messages.ts';
import { completeHandshake, openLine, ownId, patience, silent } from '../line.ts';
import type { Line } from '../line.ts';
import { startListPoll } from './list-poll.ts';
import { createListening } from './listening.ts';
import type { Listening } from './listening.ts';
import { createLogLevels, wantedLevel } from './log-levels.ts';
import { createParkedCalls } from './parked-calls.ts';
import type { ParkedCalls } from './parked-calls.ts';
import { answerForClient } from '../../conversations/questions.ts';
import type { ModernOpening } from '../translated-line.ts';
import { capabilityMissing, createUpstreamCalls } from './upstream-calls.ts';
import type { UpstreamCall, UpstreamCalls } from './upstream-calls.ts';
import { usableTools } from '../usable-tools.ts';

/** A server does not wait for its log level to be taken note of; nor does a call wait long for it. */
const logPatienceMs = 5000;

/**
 * Opens the line. Several requests share the connection, so each travels under an id and a progress token of ours. A server
 * is asked to ask only what the client declared that it can answer; anything else it asks is declined for the client.
 */
export async function modernOverLegacy(
  upstream: Upstream,
  {
    envelope,
    initialize,
    owner,
    settings,
    push,
    pins,
    onPinned,
    own: together,
    log,
  }: ModernOpening & { readonly initialize: RequestMessage },
): Promise<Line> {
  const server = upstream.name;
  const early = createEarlyMessages();
  let hear: (message: Message) => void | Promise<void> = early.keep;
  let onClose: () => void = () => undefined;
  const base = await openLine({
    upstream,
    era: 'legacy',
    initialize,
    push: (message) => hear(message),
    onClose: () => onClose(),
    pins,
    onPinned,
    own: together,
    log,
  });
  await completeHandshake(base);

  const greeting = discoverResult(asWritten(base.initialized!).result!, modernRevisions);
  const capabilities = greeting['capabilities'] as JsonObject;
  const logging = isJsonObject(capabilities['logging']);
  const deliver = (message: Parameters<Line['deliver']>[0]): void => void base.deliver(message).catch(() => undefined);
  const own = (method: string, params: JsonObject, signal = patience().signal): Promise<ResponseMessage> =>
    base.request(request(ownId(), method, params), { outlet: silent, signal });

  const calls: UpstreamCalls = createUpstreamCalls(base, logging, (message, call) => sort(message, call));
  const parked: ParkedCalls = createParkedCalls({
    owner,
    parkedMs: settings.parkedSeconds * 1000,
    answer: (response) => base.deliver(response),
    decline,
    refuse: (question) => answerForClient(question, base),
  });
  const levels = createLogLevels((level) =>
    own('logging/setLevel', { level }, AbortSignal.timeout(logPatienceMs)).then(ignore, ignore),
  );
  const listening: Listening = createListening({
    capabilities,
    heard: () => base.heard(),
    ask: (method, uri) =>
      own(method, { uri }).then(
        ({ error }) => error === undefined && !base.deaf(), // it would have no way to tell
        () => false,
      ),
    onFirst() {
      const release = base.hold();
      const stop = startListPoll({
        everyMs: settings.listPollSeconds * 1000,
        awaited: () => (base.deaf() ? listening.awaited() : []),
        page: (method, cursor) => own(method, cursor === undefined ? {} : { cursor }),
        onChange({ announced }) {
          if (announced === 'notifications/tools/list_changed') base.tools.forget();
          listening.tell(notification(announced));
        },
      });
      return () => {
        stop();
        release();
      };
    },
  });

  function sort(message: Message, call?: UpstreamCall): void | Promise<void> {
    if (message.kind === 'response') return undefined;
    if (message.kind === 'request') return question(message, call);
    const taken = calls.hear(message);
    if (taken !== undefined) return taken.held;
    if (message.method === 'notifications/cancelled') return parked.withdraw(message.params['requestId']);
    listening.tell(message);
    return push(message);
  }

  function question(message: RequestMessage, call?: UpstreamCall): void {
    const required = requiredCapabilities(message);
    if (required === undefined) return answerForClient(message, base);
    if (declares(envelope.clientCapabilities, required)) return parked.ask(message, call);
    const concerned = call ?? calls.only();
    if (concerned !== undefined) concerned.lacking = { ...concerned.lacking, ...required };
    answerForClient(message, base);
  }

  /** Nobody is there to be asked: outside of a call, or because the client has gone. */
  function decline(message: RequestMessage): void {
    log.info({ server, method: message.method }, 'a server asked its client outside of a call');
    // MCP 2025-11-25, elicitation, "Response Actions": no explicit choice was made.
    if (message.method === 'elicitation/create') deliver(result(message.id, { action: 'cancel' }));
    else answerForClient(message, base);
  }

  /** A server's response under the client's id; one that parks a call is modern already. */
  function modernised(message: RequestMessage, response: ResponseMessage): ResponseMessage {
    const { id, result: value = {}, error } = asWritten(response);
    const { method, params } = message;
    if (error !== undefined) return firstThePages(message, error) ?? failure(message.id, toModernError(params, error));
    if (value['resultType'] === 'input_required' && id === message.id) return result(id, value);
    return result(message.id, toModernResult(method, value));
  }

  /** MCP 2025-11-25, `URLElicitationRequiredError`: nothing was carried out, and the call is to be made again afterwards. */
  function firstThePages(
    message: RequestMessage,
    error: NonNullable<ResponseMessage['error']>,
  ): ResponseMessage | undefined {
    const asks = error.code === URL_ELICITATION_REQUIRED && mayAsk.has(message.method);
    const pages = asks ? requiredPages(error) : undefined;
    if (pages === undefined) return undefined;
    const required = { elicitation: { url: {} } };
    if (!declares(envelope.clientCapabilities, required)) throw capabilityMissing(required);
    return parked.postpone(message, pages);
  }

  hear = sort;
  onClose = () => listening.fail(new GenkanError('upstream_unavailable', { server }));
  for (const message of early.release()) void sort(message);

  return {
    ...base,
    async request(message, options) {
      const { id, method, params } = message;
      if (method === 'server/discover') return result(id, greeting);
      if (method === 'subscriptions/listen') return listening.listen(message, options);
      const unwant = await levels.want(logging ? wantedLevel(params) : undefined);
      try {
        const response = await parked.carry(message, options, () => calls.begin(message, options.trace));
        return modernised(message, method === 'tools/list' ? usableTools(response, server, log) : response);
      } finally {
        unwant();
      }
    },
    waiting: () => parked.count() > 0,
    async close() {
      parked.close();
      listening.close();
      await base.close();
    },
  };
}

const ignore = (): void => undefined;
