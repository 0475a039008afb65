// Requests that wait for their response on a stream that they share with others (stdio).
import { GenkanError } from '../base/errors.ts';
import type { Message, RequestId, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { SendOptions } from './channel.ts';
import { InterimGate } from './interim.ts';

interface Call {
  readonly id: RequestId;
  readonly token: unknown;
  readonly gate: InterimGate | undefined;
  readonly settle: (outcome: ResponseMessage | Error) => void;
  /** A sign of life: the time allowed begins anew. */
  readonly refresh: () => void;
}

/** Ids of calls given up that are remembered, so that a late answer never reaches a later call with the same id. */
const maxAbandoned = 1024;

export class OpenCalls {
  readonly #server: string;
  // Maps tell 1 from "1", as JSON-RPC does.
  readonly #calls = new Map<RequestId, Call>();
  readonly #tokens = new Map<unknown, Call>();
  readonly #abandoned = new Set<RequestId>();

  constructor(server: string) {
    this.#server = server;
  }

  get size(): number {
    return this.#calls.size;
  }

  /**
   * Registers a call; its promise settles with the response, a timeout, or the signal's reason.
   * @throws GenkanError `inspect_not_jsonrpc` when the id is in use (MCP base protocol, "Requests": never reused in a session)
   */
  open(message: RequestMessage, { interim, signal }: SendOptions, timeoutMs: number): Promise<ResponseMessage> {
    const { id } = message;
    if (this.#calls.has(id) || this.#abandoned.has(id)) {
      throw new GenkanError('inspect_not_jsonrpc', { reason: 'its id is in use' });
    }
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<ResponseMessage>();
    const timer = setTimeout(() => {
      call.settle(new GenkanError('upstream_timeout', { server: this.#server, seconds: timeoutMs / 1000 }));
    }, timeoutMs);
    const abort = (): void => call.settle(signal?.reason as Error);
    const call: Call = {
      id,
      token: (message.params['_meta'] as { progressToken?: unknown } | undefined)?.progressToken,
      gate: interim === undefined ? undefined : new InterimGate(interim, (error) => call.settle(error)),
      refresh: () => void timer.refresh(),
      settle: (outcome) => {
        if (!this.#close(call)) return;
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        call.gate?.end();
        if ('kind' in outcome) return resolve(outcome);
        this.#abandon(id);
        reject(outcome);
      },
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#calls.set(id, call);
    if (call.token !== undefined) this.#tokens.set(call.token, call);
    return promise;
  }

  /** Hands a response to its request; `false` when nobody waits for it. */
  respond(response: ResponseMessage): boolean {
    const call = response.id === null ? undefined : this.#calls.get(response.id);
    call?.settle(response);
    if (response.id !== null) this.#abandoned.delete(response.id);
    return call !== undefined;
  }

  /**
   * Hands a progress notification to the request that carries its token.
   * @returns `undefined` when there is none; otherwise what holds the stream back: never longer than the call is open
   */
  progress(message: Message & { readonly kind: 'notification' }): { held: Promise<void> | undefined } | undefined {
    const call = this.#tokens.get(message.params['progressToken']);
    if (call?.gate === undefined) return undefined;
    call.refresh();
    return { held: call.gate.deliver(message) };
  }

  failAll(error: Error): void {
    for (const call of this.#calls.values()) call.settle(error);
  }

  #close(call: Call): boolean {
    if (this.#tokens.get(call.token) === call) this.#tokens.delete(call.token);
    return this.#calls.delete(call.id);
  }

  #abandon(id: RequestId): void {
    this.#abandoned.add(id);
    if (this.#abandoned.size > maxAbandoned) this.#abandoned.delete(this.#abandoned.values().next().value!);
  }
}
