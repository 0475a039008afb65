// Finds out which records of a batch a receiver refuses, by halves and in order, so that one of them does not keep the others waiting.
import { SinkError } from './sink.ts';
import type { ExportedRecord, Sink } from './sink.ts';

export interface Refused {
  readonly record: ExportedRecord;
  readonly reason: string;
}

export interface Sifted {
  /** How many from the beginning of the batch are done with: acknowledged, or refused for what they are. */
  readonly settled: number;
  readonly refused: readonly Refused[];
  /** Why the others are not. */
  readonly trouble?: unknown;
  /** Whether it refused all that it was offered. */
  readonly takesNone: boolean;
}

/** A receiver that refuses so many in a row and takes none refuses everything: that lies in the settings, not in records. */
const mostInARow = 8;

/** Never throws. A record counts as refused for what it is only if the receiver takes another one of the batch. */
export async function sift(batch: readonly ExportedRecord[], send: Sink['send'], signal: AbortSignal): Promise<Sifted> {
  const refused: Refused[] = [];
  let [accepted, settled] = [0, 0];

  async function deliver(part: readonly ExportedRecord[]): Promise<void> {
    try {
      await send(part, signal);
      accepted += part.length;
    } catch (error) {
      if (!(error instanceof SinkError) || error.retryable) throw error;
      const [first] = part;
      if (part.length > 1) {
        const half = Math.ceil(part.length / 2);
        await deliver(part.slice(0, half));
        return deliver(part.slice(half));
      }
      refused.push({ record: first!, reason: error.message });
      if (accepted === 0 && refused.length >= mostInARow) throw refusesAll(error);
    }
    settled += part.length;
  }

  try {
    await deliver(batch);
    if (accepted > 0) return { settled, refused, takesNone: false };
    return { settled: 0, refused: [], trouble: refusesAll(new Error(refused.at(-1)?.reason)), takesNone: true };
  } catch (trouble) {
    if (accepted > 0) return { settled, refused, trouble, takesNone: false };
    return { settled: 0, refused: [], trouble, takesNone: refused.length > 0 };
  }
}

const refusesAll = (cause: Error): SinkError =>
  new SinkError(`it refuses every record: ${cause.message}`, { retryable: true, cause });
