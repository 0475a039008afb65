// A legacy client's line to a modern server: the handshake is ours, and every request gets the client's envelope.
import { GenkanError } from '../../../base/errors.ts';
import { isImplementation, logLevels } from '../../../protocol/envelope.ts';
import type { Envelope, LogLevel } from '../../../protocol/envelope.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND } from '../../../protocol/between-families.ts';
import type { Outcome, RpcError } from '../../../protocol/between-families.ts';
import {
  agreedRevision,
  discoverAsInitializeResult,
  toLegacyError,
  toLegacyNotification,
  toLegacyResult,
  toModernCapabilities,
  toModernParams,
} from '../../../protocol/legacy-client.ts';
import { failure, isJsonObject, request, result } from '../../../protocol/message.ts';
import type { RequestId, RequestMessage, ResponseMessage } from '../../../protocol/message.ts';
import { latestModern } from '../../../protocol/revisions.ts';
import { asWritten } from '../../../protocol/written-numbers.ts';
import type { Upstream } from '../../../upstream/channel.ts';
import { createAskingRounds } from './asking-rounds.ts';
import { createChangeSubscription } from './change-subscription.ts';
import type { Outlet, RequestOptions, Tool } from '../../conversations/conversation.ts';
import { through } from '../../conversations/through.ts';
import { openLine, ownId, patience } from '../line.ts';
import type { Line } from '../line.ts';
import { ownEnvelope } from '../../../protocol/own-envelope.ts';
import type { LegacyOpening } from '../translated-line.ts';

/** Opens the line. The server keeps no state: what belongs to the session is kept here, and ends with it. */
export async function legacyOverModern(
  upstream: Upstream,
  { initialize, push, log, own, pins, onPinned }: LegacyOpening,
): Promise<Line> {
  const base = await openLine({ upstream, era: 'modern', push, pins, onPinned, own, log });
  const discovered = await base
    .request(request(ownId(), 'server/discover', ownEnvelope), patience())
    .then((response) => {
      // At `/mcp` its client does not see the refusal, and a line on which nothing is known serves nobody.
      if (own !== true || response.result !== undefined) return response;
      const detail = 'the server refused server/discover';
      throw new GenkanError('upstream_unavailable', { server: upstream.name }, { detail });
    })
    .then(asWritten)
    .catch(async (error: unknown) => {
      await base.close();
      throw error;
    });
  const { protocolVersion, capabilities, clientInfo } = asWritten(initialize).params;
  const revision = agreedRevision(protocolVersion);
  const greeting = discovered.result && discoverAsInitializeResult(discovered.result, revision);
  const initialized = answer(initialize.id, { result: greeting, error: discovered.error });
  const able = toModernCapabilities(capabilities, revision);
  let envelope: Envelope = {
    protocolVersion: latestModern,
    clientInfo: isImplementation(clientInfo) ? clientInfo : undefined,
    clientCapabilities: able,
  };

  const modern = (message: RequestMessage): RequestMessage =>
    request(message.id, message.method, toModernParams(asWritten(message).params, envelope));

  const { server } = base;
  const declared = isJsonObject(greeting?.['capabilities']) ? greeting['capabilities'] : {};
  const rounds = createAskingRounds(server, { revision, capabilities: able });
  const changes = createChangeSubscription({
    server,
    capabilities: declared,
    log,
    send: (message, options) => base.request(modern(message), options),
    push(message) {
      if (message.kind === 'notification' && message.method === 'notifications/tools/list_changed') base.tools.forget();
      return push(message);
    },
  });
  if (own === true) changes.start(); // its client does not see this handshake, and cannot conclude it

  /** A modern server says how far it is and what it logs; it cannot ask, so that a question of its own goes nowhere. */
  const hearing = (outlet: Outlet): Outlet =>
    through(outlet, (part) => {
      const told = toLegacyNotification(part, revision);
      return told === undefined ? undefined : outlet.interim(told);
    });

  /** What a stateless server has no counterpart for. Undefined for a method that goes to the server. */
  function ownAnswer({ method, params }: RequestMessage): Outcome | Promise<Outcome> | undefined {
    if (method === 'ping') return { result: {} };
    if (method === 'logging/setLevel') return setLevel(params['level']);
    if (method === 'resources/subscribe') return watch(params['uri']);
    if (method === 'resources/unsubscribe') return changes.unwatch(String(params['uri'])).then(() => ({ result: {} }));
    return undefined;
  }

  function setLevel(level: unknown): Outcome {
    if (!(logLevels as readonly unknown[]).includes(level))
      return { error: { code: INVALID_PARAMS, message: 'There is no such log level' } };
    envelope = { ...envelope, logLevel: level as LogLevel };
    return { result: {} };
  }

  async function watch(uri: unknown): Promise<Outcome> {
    const { resources } = declared;
    if (!isJsonObject(resources) || resources['subscribe'] !== true) return { error: methodNotFound };
    const refused = await changes.watch(String(uri));
    return refused === undefined ? { result: {} } : toLegacyError('resources/subscribe', refused);
  }

  async function carry(message: RequestMessage, options: RequestOptions, tool?: Tool): Promise<Outcome> {
    const heard = { ...options, outlet: hearing(options.outlet) };
    const response = await rounds.carry(modern(message), options, (round) => base.request(round, heard, tool));
    const { error, result: value = {} } = asWritten(response);
    const { method } = message;
    return error === undefined ? toLegacyResult(method, value, revision) : toLegacyError(method, error);
  }

  return {
    ...base,
    initialized,
    async request(message, options, tool) {
      if (message.method === 'initialize') return initialized;
      return answer(message.id, await (ownAnswer(message) ?? carry(message, options, tool)));
    },
    async deliver(message) {
      // A cancelled call is aborted by its session; changed roots and progress have no counterpart.
      if (message.kind === 'response') rounds.answer(message);
      else if (message.method === 'notifications/initialized') changes.start();
    },
    async close() {
      rounds.close();
      changes.close();
      await base.close();
    },
  };
}

const methodNotFound: RpcError = { code: METHOD_NOT_FOUND, message: 'Method not found' };

function answer(id: RequestId, { result: value, error }: Outcome): ResponseMessage {
  return error === undefined ? result(id, value ?? {}) : failure(id, error);
}
