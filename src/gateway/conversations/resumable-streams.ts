// What a session keeps of its event streams for a client that comes back after a cut (MCP 2025-11-25, "Resumability and Redelivery").
import { encodeSseEvent } from '../../protocol/sse.ts';
import type { Answer } from '../answer.ts';

const retryMs = 1000; // soon enough for a call under way, seldom enough when Genkan restarts
const maxStreamBytes = 1_048_576;
/** For all streams of a session; the oldest give way. */
const maxBytes = 8_388_608;
/** What a stream costs besides its events. */
const ownBytes = 16_384;
const keptAfterEndMs = 300_000;
const nothing = Buffer.alloc(0);

/** The streams of one session by name. The names mean nothing in any other session. */
export class ResumableStreams {
  /** Oldest first. */
  readonly #streams = new Map<string, KeptStream>();
  #bytes = 0;
  #begun = 0;

  /** Keeps the stream that an answer has become. */
  begin(answer: Answer): KeptStream {
    const name = String(this.#begun++);
    const stream = new KeptStream(name, answer, (bytes) => this.#grew(name, bytes));
    this.#streams.set(name, stream);
    this.#grew(name, ownBytes);
    return stream;
  }

  /**
   * Lets the stream with the event of this id go on in another answer.
   * @returns false where it is not kept, or not any more
   */
  goOn(lastEventId: string, place: Answer): boolean {
    const [, name = '', index] = /^(\d{1,15})\.(\d{1,15})$/.exec(lastEventId) ?? [];
    const stream = this.#streams.get(name);
    const missed = stream?.after(Number(index));
    if (stream === undefined || missed === undefined) return false;
    stream.answer.goOn(missed, stream.ended, place);
    return true;
  }

  dropAll(): void {
    for (const stream of this.#streams.values()) stream.drop();
  }

  /** @param bytes negative when the stream was dropped */
  #grew(name: string, bytes: number): void {
    this.#bytes += bytes;
    if (bytes < 0) this.#streams.delete(name);
    for (const oldest of this.#streams.values()) {
      if (this.#bytes <= maxBytes) break;
      oldest.drop();
    }
  }
}

/** The events of one stream. Event n has the id `<name>.<n>`. */
export class KeptStream {
  readonly answer: Answer;
  readonly #name: string;
  readonly #grew: (bytes: number) => void;
  #events: Buffer[] | undefined = [];
  #bytes = ownBytes;
  #dropLater: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(name: string, answer: Answer, grew: (bytes: number) => void) {
    this.#name = name;
    this.answer = answer;
    this.#grew = grew;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** False once the stream has become too large to be kept. */
  get kept(): boolean {
    return this.#events !== undefined;
  }

  /** The first event: an id to come back with, before there is anything to say. */
  prime(): Buffer {
    return this.encode(nothing);
  }

  /** Encodes an event and keeps it. One that is too much has no id, and from then on nothing is kept. */
  encode(data: Buffer): Buffer {
    if (this.#bytes + data.length > maxStreamBytes) this.drop();
    if (this.#events === undefined) return encodeSseEvent({ data });
    const id = `${this.#name}.${this.#events.length}`;
    const event = encodeSseEvent({ id, data, ...(data === nothing && { retryMs }) });
    this.#events.push(event);
    this.#bytes += event.length;
    this.#grew(event.length);
    return event;
  }

  /** The events after the one of this number; undefined where there is no such event. */
  after(index: number): readonly Buffer[] | undefined {
    return this.#events !== undefined && index < this.#events.length ? this.#events.slice(index + 1) : undefined;
  }

  /** Nothing follows; what is kept is kept for some more time. */
  end(): void {
    this.#ended = true;
    if (this.kept) this.#dropLater = setTimeout(() => this.drop(), keptAfterEndMs).unref();
  }

  drop(): void {
    clearTimeout(this.#dropLater);
    if (this.#events === undefined) return;
    this.#events = undefined;
    this.#grew(-this.#bytes);
  }
}
