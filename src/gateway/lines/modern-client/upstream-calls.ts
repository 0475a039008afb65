// Calls of modern clients as they are under way at a legacy server, and which of them a message of the server belongs to.
import { setTimeout as pause } from 'node:timers/promises';
import { GenkanError } from '../../../base/errors.ts';
import { foreign, withMeta } from '../../../protocol/between-families.ts';
import type { LogLevel } from '../../../protocol/envelope.ts';
import { isJsonObject, notification, request } from '../../../protocol/message.ts';
import type {
  JsonObject,
  Message,
  NotificationMessage,
  RequestMessage,
  ResponseMessage,
} from '../../../protocol/message.ts';
import { toLegacyParams } from '../../../protocol/modern-client.ts';
import { asWritten } from '../../../protocol/written-numbers.ts';
import type { Outlet, RequestOptions } from '../../conversations/conversation.ts';
import { isWanted, wantedLevel } from './log-levels.ts';
import { ownId } from '../line.ts';
import type { Line } from '../line.ts';

/** One call as the server knows it. It may outlive the HTTP request that began it, and be taken up by another. */
export interface UpstreamCall {
  readonly response: Promise<ResponseMessage>;
  /** Capabilities that the server would need and that the client does not have. */
  lacking: JsonObject | undefined;
  /** From now on this request hears what precedes the answer. */
  attach(message: RequestMessage, outlet: Outlet): void;
  /** From now on nobody does. */
  detach(): void;
  /** Gives the call up, and tells the server so. */
  cancel(reason: GenkanError): void;
}

interface Hearer {
  readonly outlet: Outlet;
  /** The client's own token for progress, if it wants any. */
  readonly progressToken: unknown;
  readonly logLevel: LogLevel | undefined;
}

export interface UpstreamCalls {
  /** Sends a request under an id and a progress token of ours. */
  begin(message: RequestMessage, trace?: RequestOptions['trace']): UpstreamCall;
  /** The only call under way, if it is the only one. */
  only(): UpstreamCall | undefined;
  /**
   * Takes what came on no request's own stream. @returns undefined where it is of no kind that belongs to calls; what holds
   * that stream back does so for a moment only, since other calls depend on it
   */
  hear(message: NotificationMessage): { readonly held: Promise<void> | undefined } | undefined;
}

/** @param onOther told of questions, and of notifications that belong to no call in particular */
export function createUpstreamCalls(
  line: Pick<Line, 'request' | 'deliver'>,
  logs: boolean,
  onOther: (message: Message, call: UpstreamCall) => void | Promise<void>,
): UpstreamCalls {
  type Call = UpstreamCall & {
    /** @param held whether the server waits until there is room for more */
    hear(part: NotificationMessage, held: boolean): void | Promise<void>;
  };
  const underWay = new Map<string, Call>();

  function begin(message: RequestMessage, trace?: RequestOptions['trace']): UpstreamCall {
    const { method, params } = asWritten(message);
    const id = ownId();
    const controller = new AbortController();
    let hearer: Hearer | undefined;

    function hear(part: NotificationMessage, held: boolean): void | Promise<void> {
      if (hearer === undefined || hearer.outlet.closed || (hearer.outlet.behind && !held)) return;
      const { outlet, progressToken, logLevel } = hearer;
      const { _meta, ...params } = asWritten(part).params;
      const told = { ...params, ...withMeta(foreign(_meta)) };
      if (part.method === 'notifications/message') {
        return logs && isWanted(part, logLevel) ? outlet.interim(notification(part.method, told)) : undefined;
      }
      if (progressToken === undefined || params['progressToken'] !== id) return;
      return outlet.interim(notification(part.method, { ...told, progressToken }));
    }

    function interim(part: Message): void | Promise<void> {
      return part.kind === 'notification' && ofCalls.has(part.method) ? hear(part, true) : onOther(part, call);
    }

    const sent = request(id, method, withProgressToken(toLegacyParams(params), id));
    const outlet = { closed: false, behind: false, interim };
    const response = line
      .request(sent, { outlet, signal: controller.signal, trace })
      .then((answered) => {
        if (call.lacking !== undefined && isFailed(answered)) throw capabilityMissing(call.lacking);
        return answered;
      })
      .finally(() => underWay.delete(id));
    const cancelled = notification('notifications/cancelled', {
      requestId: id,
      reason: 'nobody waits for it any more',
    });
    const abandon = (): void => void line.deliver(cancelled).catch(() => undefined);
    response.catch((error: unknown) => {
      // It may fail while its client is away. One that takes too long is called off (MCP 2025-11-25, lifecycle, "Timeouts").
      if (error instanceof GenkanError && error.code === 'upstream_timeout') abandon();
    });
    const call: Call = {
      response,
      lacking: undefined,
      hear,
      attach(message, to) {
        hearer = { outlet: to, progressToken: tokenOf(message.params), logLevel: wantedLevel(message.params) };
      },
      detach: () => (hearer = undefined),
      cancel(reason) {
        if (controller.signal.aborted || !underWay.has(id)) return;
        abandon();
        controller.abort(reason);
      },
    };
    underWay.set(id, call);
    return call;
  }

  const only = (): Call | undefined => (underWay.size === 1 ? underWay.values().next().value : undefined);
  return {
    begin,
    only,
    hear(message) {
      if (!ofCalls.has(message.method)) return undefined;
      const token = message.params['progressToken'] as string;
      const call = message.method === 'notifications/progress' ? underWay.get(token) : only();
      const told = call?.hear(message, false);
      if (told === undefined) return { held: undefined };
      return { held: Promise.race([told, pause(maxHeldMs, undefined, { ref: false })]) };
    },
  };
}

/** MCP 2026-07-28, "Error Codes": what the client would have to declare for the server to do what it was asked to. */
export const capabilityMissing = (required: JsonObject): GenkanError =>
  new GenkanError(
    'gateway_capability_missing',
    { capability: namesOf(required) },
    { data: { requiredCapabilities: required } },
  );

/** For people: `elicitation (url)`. */
function namesOf(required: JsonObject): string {
  const names = Object.entries(required).map(([name, parts]) => {
    const [part] = Object.keys(parts as JsonObject);
    return part === undefined ? name : `${name} (${part})`;
  });
  return names.join(', ');
}

/** The server could not do without. One that could has done what it was asked to. */
const isFailed = ({ result, error }: ResponseMessage): boolean => error !== undefined || result?.['isError'] === true;

/** How long one call that is not read holds back what the others wait for. */
const maxHeldMs = 1000;

const ofCalls: ReadonlySet<string> = new Set(['notifications/progress', 'notifications/message']);

const tokenOf = (params: JsonObject): unknown => (params['_meta'] as JsonObject | undefined)?.['progressToken'];

/** Asks for progress under a token of ours, where the client asked for it at all. */
function withProgressToken(params: JsonObject, token: string): JsonObject {
  const { _meta } = params;
  if (!isJsonObject(_meta) || _meta['progressToken'] === undefined) return params;
  return { ...params, _meta: { ..._meta, progressToken: token } };
}
