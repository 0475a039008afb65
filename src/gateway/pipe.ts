// A client at the other end of a pipe (MCP, transports, "stdio"): a message a line, and one client for as long as it is open.
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { GenkanError, isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { correlationId, unguessableId } from '../base/ids.ts';
import { oneLine } from '../base/one-line.ts';
import type { Language } from '../base/text.ts';
import { reservedPrefix } from '../protocol/envelope.ts';
import { frameLine, LineDecoder } from '../protocol/lines.ts';
import { isJsonObject } from '../protocol/message.ts';
import type { Message, RequestId, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { never } from './arrival.ts';
import type { Arrival } from './arrival.ts';
import { traceOf } from './tracing.ts';
import type { TraceRules } from './tracing.ts';
import { requests } from './methods.ts';
import { parsePosted } from './read-message.ts';
import type { Batch, MessageLimits } from './read-message.ts';
import { failureOf } from './reply.ts';
import type { Reply } from './reply.ts';
import type { Listener } from './conversations/session.ts';

export interface PipeOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** The server that the client speaks with; undefined for all of them. */
  readonly server: string | undefined;
  readonly resource: string;
  readonly language: Language;
  readonly limits: MessageLimits;
  /** How long what was asked is still answered after the client has said its last. */
  readonly drainMs: number;
  readonly clock: Clock;
  readonly traces: TraceRules;
}

export interface Pipe {
  /** Names the client's one session. */
  readonly id: string;
  /** With which a client of the legacy era began, once it has been answered. */
  readonly initialize: RequestMessage | undefined;
  /** Where the client hears what servers say unasked. */
  readonly listener: Listener;
  /** How a message arrived. Without one: the client itself, again. */
  arrival(message?: Message): Arrival;
  /** Where a message is answered; without one, what could not be read. */
  reply(message?: Message): Reply;
  /**
   * Hands over what the client writes, in its order: a request waits for the notifications and answers before it, nothing
   * for a request but the first, `initialize`. Resolves once the client has no more to say and everything that it asked is answered, or it is gone.
   */
  run(hear: (posted: Message | Batch | Refusal) => Promise<void>): Promise<void>;
  /** Answers what could not be dealt with. */
  fail(posted: Message | Batch | Refusal, refusal: Refusal): void;
  /** Gives up what is under way, and reads no more. */
  end(): void;
}

/** Each holds its message. */
const maxUnderWay = 256;
/** Messages that wait for those before them; the client is read no further then. */
const maxWaiting = 256;
/** What is kept for a client that does not read. */
const maxUnreadBytes = 67_108_864;
const behindBytes = 1_048_576;

interface Asked {
  readonly controller: AbortController;
  /** Answered only when somebody ends it. */
  readonly watches: boolean;
  /** MCP, cancellation, "Behavior Requirements": what was cancelled is not answered. */
  cancelled: boolean;
}

export function createPipe(options: PipeOptions): Pipe {
  const { input, output, server, resource, language, limits, drainMs, clock, traces } = options;
  const id = unguessableId();
  const decoder = new LineDecoder(limits.maxBytes);
  const asked = new Map<RequestId, Asked>();
  const over = Promise.withResolvers<void>();
  let initialize: RequestMessage | undefined;
  let userAgent = '';
  let [ended, closed] = [false, false];
  /** Messages that were read and have yet to be dealt with. */
  let untold = 0;
  let drained: Promise<void> | undefined;

  function write(message: Message): void {
    if (closed) return;
    output.write(frameLine(message.raw));
    if (output.writableLength > maxUnreadBytes) end();
  }

  /** Resolves when a client that is behind has read everything, or is gone. */
  function room(): Promise<void> {
    drained ??= new Promise((resolve) => {
      const done = (): void => {
        output.off('drain', done).off('close', done);
        drained = undefined;
        resolve();
      };
      output.once('drain', done).once('close', done);
    });
    return drained;
  }

  const isBehind = (): boolean => !closed && output.writableLength > behindBytes;

  function end(): void {
    ended = closed = true;
    for (const { controller } of asked.values()) controller.abort(new GenkanError('gateway_cancelled'));
    over.resolve();
  }

  function settle(): void {
    if (ended && asked.size === 0 && untold === 0) over.resolve();
  }

  /** Takes note of what was asked and of what is no longer wanted, at once: the order of lines is all that tells them apart. */
  function note(message: Message): Refusal | undefined {
    if (message.kind === 'notification' && message.method === 'notifications/cancelled') {
      const call = asked.get(message.params['requestId'] as RequestId);
      if (call === undefined) return undefined;
      call.cancelled = true;
      call.controller.abort(new GenkanError('gateway_cancelled'));
    }
    if (message.kind !== 'request') return undefined;
    if (asked.has(message.id)) return refuse('inspect_not_jsonrpc', { reason: 'the id is in use' });
    if (asked.size >= maxUnderWay) return refuse('gateway_calls_full', { limit: maxUnderWay });
    const watches = requests.get(message.method)?.watches === true;
    asked.set(message.id, { controller: new AbortController(), watches, cancelled: false });
    userAgent = clientOf(message) ?? userAgent;
    return undefined;
  }

  function conclude(request: RequestMessage, response: ResponseMessage): void {
    const call = asked.get(request.id);
    if (call === undefined) return;
    asked.delete(request.id);
    if (request.method === 'initialize' && response.error === undefined) initialize = request;
    if (!call.cancelled) write(response);
    settle();
  }

  return {
    id,
    get initialize() {
      return initialize;
    },
    listener: {
      get closed() {
        return closed;
      },
      behind: false, // a client that reads nothing at all is given up by `write`
      stream: () => undefined,
      push: write,
      end: () => undefined,
      cut: () => undefined,
    },
    arrival(message) {
      const call = message?.kind === 'request' ? asked.get(message.id) : undefined;
      return {
        entrance: 'mcp',
        pipe: this,
        headers: {},
        server,
        resource,
        sessionId: id,
        atMs: clock.now(),
        since: performance.now(),
        correlationId: correlationId(),
        trace: traceOf({}, traces),
        sourceIP: '',
        userAgent,
        language,
        // A client of the legacy era says in its session what it no longer wants.
        gone: (era) => (era === 'modern' && call !== undefined ? call.controller.signal : never),
      };
    },
    reply(message) {
      const call = message?.kind === 'request' ? asked.get(message.id) : undefined;
      const final = (response: ResponseMessage): void => {
        if (message?.kind === 'request') conclude(message, response);
      };
      return {
        get closed() {
          return closed || call?.cancelled === true;
        },
        get behind() {
          return isBehind();
        },
        interim(part) {
          if (call?.cancelled !== true) write(part);
          return isBehind() ? room() : undefined;
        },
        final,
        accepted: () => undefined,
        refuse(refusal, requestId) {
          if (requestId !== undefined) return final(failureOf(refusal, requestId, language));
          // JSON-RPC 2.0 §4.1, §5: notifications are not answered, whatever becomes of them; what cannot be read is.
          if (message === undefined) write(failureOf(refusal, null, language));
        },
        failure: (refusal, requestId) => failureOf(refusal, requestId, language),
      };
    },
    fail(posted, refusal) {
      for (const member of isRefusal(posted) ? [] : posted.kind === 'batch' ? posted.members : [posted])
        if (member.kind === 'request') conclude(member, failureOf(refusal, member.id, language));
    },
    run(hear) {
      let before: Promise<unknown> = Promise.resolve();
      let waiting = 0;

      function take(line: Buffer): void {
        const posted = parsePosted(line, limits);
        if (isRefusal(posted)) return pass(posted);
        const members = posted.kind === 'batch' ? posted.members : [posted];
        const taken: RequestMessage[] = [];
        for (const member of members) {
          const unfit = note(member);
          if (unfit !== undefined) {
            for (const { id } of taken) asked.delete(id);
            // With the id of a call that is under way, its caller would take this for its answer.
            if (unfit.code === 'inspect_not_jsonrpc') return pass(unfit);
            return write(failureOf(unfit, members.length === 1 ? (member as RequestMessage).id : null, language));
          }
          if (member.kind === 'request') taken.push(member);
        }
        pass(posted);
      }

      function pass(posted: Message | Batch | Refusal): void {
        if (++waiting >= maxWaiting) input.pause();
        untold++;
        const heard = before
          .then(() => {
            if (--waiting < maxWaiting) input.resume();
            return closed ? undefined : hear(posted);
          })
          .finally(() => {
            untold--;
            settle();
          });
        if (isRefusal(posted) || posted.kind !== 'request' || posted.method === 'initialize') before = heard;
      }

      input.on('data', (chunk: Buffer) => {
        if (ended) return;
        try {
          for (const line of decoder.push(chunk)) take(line);
        } catch (error) {
          if (!(error instanceof GenkanError)) throw error;
          write(failureOf(error.toRefusal(), null, language)); // where the next message begins is not known any more
          end();
        }
      });
      const finish = (): void => {
        if (ended) return;
        ended = true;
        for (const { controller, watches } of asked.values())
          if (watches) controller.abort(new GenkanError('gateway_cancelled'));
        const patience = setTimeout(end, drainMs);
        void over.promise.then(() => clearTimeout(patience));
        settle();
      };
      input.once('end', finish).once('close', finish).once('error', end);
      output.once('error', end).once('close', end);
      return over.promise.then(() => void input.destroy()); // an open one would keep the process from its end
    },
    end,
  };
}

/** What the client calls itself: for the record, never for a decision. */
function clientOf({ method, params }: RequestMessage): string | undefined {
  const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
  const info = method === 'initialize' ? params['clientInfo'] : meta[`${reservedPrefix}clientInfo`];
  if (!isJsonObject(info) || typeof info['name'] !== 'string') return undefined;
  const { name, version } = info;
  return oneLine(typeof version === 'string' ? `${name}/${version}` : name).slice(0, 256);
}
