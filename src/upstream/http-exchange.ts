// One HTTP request and its answer: either a bounded body, or a stream of events that its reader can hold back.
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { GenkanError } from '../base/errors.ts';
import { SseDecoder } from '../protocol/sse.ts';
import type { SseEvent } from '../protocol/sse.ts';

export interface AnswerReader {
  /** The head of the answer has arrived. */
  onHead?(headers: IncomingHttpHeaders): void;
  /** The answer is an event stream, and has begun. */
  onStream?(): void;
  /** The whole answer, when it is not an event stream. */
  onAnswer(status: number, body: Buffer, headers: IncomingHttpHeaders): void;
  /** A returned promise holds the stream, and so the server, back. */
  onEvent(event: SseEvent): void | Promise<void>;
  /** The event stream is over; with the error if it broke off. */
  onStreamEnd(position: StreamPosition, error?: Error): void;
  /** There was no answer, or no whole one. */
  onFault(error: Error): void;
}

/** Where an event stream ended, to go on from there (HTML §9.2.4). */
export interface StreamPosition {
  readonly lastEventId: string | undefined;
  readonly retryMs: number | undefined;
}

export interface ExchangeBounds {
  readonly maxBytes: number;
  /** The server has begun to answer. */
  readonly onReached: () => void;
  /** Called once, when the connection is free again. */
  readonly onOver: (fault: Error | undefined) => void;
}

/** Connects undici's callbacks with a reader. Redirects are answers like any other: nothing here follows them. */
export class HttpExchange implements Dispatcher.DispatchHandler {
  readonly #reader: AnswerReader;
  readonly #bounds: ExchangeBounds;
  #controller: Dispatcher.DispatchController | undefined;
  #abortReason: Error | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #body: Buffer | undefined;
  #more: Buffer[] | undefined;
  #size = 0;
  #events: SseDecoder | undefined;

  constructor(reader: AnswerReader, bounds: ExchangeBounds) {
    this.#reader = reader;
    this.#bounds = bounds;
  }

  /** Closes the connection. The reader hears of it through `onFault` or `onStreamEnd`. */
  abort(reason: Error): void {
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortReason !== undefined) controller.abort(this.#abortReason);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return; // informational, RFC 9110 §15.2
    this.#status = status;
    this.#headers = headers;
    this.#bounds.onReached();
    if (status === 200 && eventStream.test(headers['content-type'] ?? '')) {
      this.#events = new SseDecoder(this.#bounds.maxBytes);
    } else if (Number(headers['content-length']) > this.#bounds.maxBytes) throw this.#tooLarge();
    this.#reader.onHead?.(headers);
    if (this.#events !== undefined) this.#reader.onStream?.();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#events !== undefined) return this.#deliver(controller, this.#events.push(chunk), 0);
    this.#size += chunk.length;
    if (this.#size > this.#bounds.maxBytes) throw this.#tooLarge();
    if (this.#body === undefined) this.#body = chunk;
    else (this.#more ??= [this.#body]).push(chunk);
  }

  onResponseEnd(): void {
    this.#bounds.onOver(undefined);
    if (this.#events !== undefined) return this.#reader.onStreamEnd(this.#events);
    const body = this.#more === undefined ? (this.#body ?? nothing) : Buffer.concat(this.#more, this.#size);
    this.#reader.onAnswer(this.#status, body, this.#headers);
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#bounds.onOver(error);
    if (this.#events !== undefined) this.#reader.onStreamEnd(this.#events, error);
    else this.#reader.onFault(error);
  }

  #deliver(controller: Dispatcher.DispatchController, events: readonly SseEvent[], from: number): void {
    for (let index = from; index < events.length; index++) {
      const held = this.#reader.onEvent(events[index]!);
      if (held === undefined) continue;
      controller.pause();
      held.then(
        () => this.#deliver(controller, events, index + 1),
        (error: Error) => controller.abort(error),
      );
      return;
    }
    if (controller.paused) controller.resume();
  }

  #tooLarge(): GenkanError {
    return new GenkanError('inspect_body_too_large', { limit: this.#bounds.maxBytes });
  }
}

const nothing = Buffer.alloc(0);
const eventStream = /^text\/event-stream\b/i;
