// What every export is made of: records with an id that receivers deduplicate by, formats, and the sinks that deliver them.
import type { StoredEntry } from '../entry.ts';

/** A record on its way out. */
export interface ExportedRecord extends StoredEntry {
  /** Name of the log, hash of its key, index, and beginning of its own hash: the same at every attempt, and of no other record anywhere. */
  readonly eventId: string;
}

/** What formats say of the sender. */
export interface FormatContext {
  /** Version of Genkan. */
  readonly version: string;
  /** Name of the log, as its checkpoints bear it. */
  readonly origin: string;
  /** Name of this machine. */
  readonly host: string;
}

/** Writes a record as somebody else's schema wants it: an object to be sent as JSON, or a line. */
export type Format = (record: ExportedRecord, context: FormatContext) => object | string;

/** Where records go. */
export interface Sink {
  /** As the settings call it. */
  readonly name: string;
  /** Its `type` in the settings. */
  readonly kind: string;
  /**
   * Delivers a batch in order; resolves when the receiver has acknowledged all of it. Deliveries never overlap.
   * @param signal ends the attempt; whatever arrived by then is delivered once more later
   * @throws SinkError when it was not acknowledged; anything else counts as retryable
   */
  send(batch: readonly ExportedRecord[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** A batch was not acknowledged. */
export class SinkError extends Error {
  /** `false` when the receiver refuses what these records say or how large they are, so that a smaller batch may pass. */
  readonly retryable: boolean;
  /** How long the receiver wants to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** Nothing passes before this time, epoch milliseconds: the receiver's daily cap. */
  readonly waitUntilMs: number | undefined;

  /** @param detail for operators: what the receiver said; nothing secret */
  constructor(
    detail: string,
    options: ErrorOptions & {
      readonly retryable: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly waitUntilMs?: number | undefined;
    },
  ) {
    super(detail, options);
    this.name = 'SinkError';
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
    this.waitUntilMs = options.waitUntilMs;
  }
}

/**
 * What is sent of records. An exception of a format is held against them, as a refusal of the receiver is: it would come every time.
 * @throws SinkError
 */
export function inForm<Form>(write: () => Form): Form {
  try {
    return write();
  } catch (cause) {
    throw new SinkError('it cannot be written in this format', { retryable: false, cause });
  }
}
