// Server-sent events as the WHATWG writes them down (HTML §9.2), decoded from bytes in any chunks, and encoded.
import { GenkanError } from '../base/errors.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import { blankLineBreaks } from './lines.ts';

export interface SseEvent {
  /** Set by this very event; `SseDecoder.lastEventId` remembers the last one. */
  readonly id?: string;
  /** `message` when absent. */
  readonly event?: string;
  /** UTF-8, not yet checked; may be empty. */
  readonly data: Buffer;
  readonly retryMs?: number;
}

export class SseDecoder {
  /** For `Last-Event-ID` on reconnection; also set by blocks without data, which are no events. */
  lastEventId: string | undefined;
  /** The latest reconnection time that the server asked for. */
  retryMs: number | undefined;

  readonly #maxEventBytes: number;
  readonly #partial: GatheredBytes;
  readonly #joined: GatheredBytes;
  #atStart = true;
  #afterCr = false;
  #data: Buffer | undefined;
  #event: string | undefined;
  #id: string | undefined;
  #retryMs: number | undefined;

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
    this.#partial = new GatheredBytes(maxEventBytes);
    this.#joined = new GatheredBytes(maxEventBytes);
  }

  /**
   * @returns the events that the chunk completes
   * @throws GenkanError `inspect_body_too_large` when an event exceeds the bound; the stream cannot be read on after that
   */
  push(chunk: Buffer): SseEvent[] {
    const events: SseEvent[] = [];
    let start = 0;
    // Both searches resume where they last found something: a stream without CR is searched for it once a chunk.
    let lf = chunk.indexOf(LF);
    let cr = chunk.indexOf(CR);
    if (this.#afterCr && chunk.length > 0) {
      this.#afterCr = false;
      if (lf === 0) {
        start = 1;
        lf = chunk.indexOf(LF, 1);
      }
    }
    while (lf !== -1 || cr !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      const event = this.#line(this.#complete(chunk.subarray(start, end)));
      if (event !== undefined) events.push(event);
      start = end + 1;
      if (end === cr) {
        if (lf === start)
          start++; // CRLF is one line end
        else if (start === chunk.length) this.#afterCr = true;
        cr = chunk.indexOf(CR, start);
      }
      if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start);
    }
    if (start < chunk.length) this.#partial.append(chunk.subarray(start));
    return events;
  }

  #complete(end: Buffer): Buffer {
    let line = end;
    if (this.#partial.length > 0) {
      this.#partial.append(end);
      line = this.#partial.take();
    } else if (end.length > this.#maxEventBytes) {
      throw new GenkanError('inspect_body_too_large', { limit: this.#maxEventBytes });
    }
    if (!this.#atStart) return line;
    this.#atStart = false;
    return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
  }

  #line(line: Buffer): SseEvent | undefined {
    if (line.length === 0) return this.#dispatch();
    const colon = line.indexOf(COLON);
    if (colon === 0) return undefined; // a comment
    const field = line.toString('latin1', 0, colon === -1 ? line.length : colon);
    const value = colon === -1 ? EMPTY : line.subarray(line[colon + 1] === SPACE ? colon + 2 : colon + 1);
    switch (field) {
      case 'data':
        this.#append(value);
        break;
      case 'event':
        this.#event = value.toString('utf8') || undefined;
        break;
      case 'id':
        if (!value.includes(0)) this.#id = this.lastEventId = value.toString('utf8');
        break;
      case 'retry':
        if (/^[0-9]{1,9}$/.test(value.toString('latin1'))) this.#retryMs = this.retryMs = Number(value);
    }
    return undefined;
  }

  /** Nearly all events have one line of data, which is not copied. */
  #append(value: Buffer): void {
    if (this.#data === undefined) {
      this.#data = value;
      return;
    }
    if (this.#joined.length === 0) this.#joined.append(this.#data);
    this.#joined.append(LINE_FEED);
    this.#joined.append(value);
  }

  #dispatch(): SseEvent | undefined {
    const data = this.#joined.length > 0 ? this.#joined.take() : this.#data;
    const event = { id: this.#id, event: this.#event, retryMs: this.#retryMs };
    this.#data = this.#event = this.#id = this.#retryMs = undefined;
    return data === undefined ? undefined : { ...event, data };
  }
}

/**
 * Encodes one event. Line breaks in `data`, which JSON allows between tokens only, become spaces.
 * @throws TypeError when `id` or `event` would break out of its line
 */
export function encodeSseEvent(event: {
  readonly id?: string;
  readonly event?: string;
  /** How long the client is to wait before it comes back for a stream that was cut off. */
  readonly retryMs?: number;
  readonly data: Buffer;
}): Buffer {
  if (/[\r\n\0]/.test(`${event.id ?? ''}${event.event ?? ''}`)) throw new TypeError('an SSE field with a line break');
  const id = event.id === undefined ? '' : `id: ${event.id}\n`;
  const retry = event.retryMs === undefined ? '' : `retry: ${event.retryMs}\n`;
  const head = Buffer.from(`${id}${retry}${event.event === undefined ? '' : `event: ${event.event}\n`}data: `);
  const encoded = Buffer.concat([head, event.data, END]);
  blankLineBreaks(encoded.subarray(head.length, encoded.length - END.length));
  return encoded;
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const EMPTY = Buffer.alloc(0);
const LINE_FEED = Buffer.of(LF);
const END = Buffer.from('\n\n');
