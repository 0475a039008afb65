// Streams that stay open without a request: looked at again while they are open, and ended when Genkan stops.
import { concerns } from './presences.ts';
import type { Ended, Whose } from './presences.ts';

export interface OpenStream {
  /** Whether its owner may still have it; asked again and again. */
  readonly allowed: () => Promise<boolean>;
  readonly end: () => void;
  /** Whose it is, where that alone may end it. */
  readonly whose?: Whose;
  /** What Genkan's own end means for it, where answers to requests are still to come on it; `end` unless given. */
  readonly retire?: () => void;
}

export interface OpenStreams {
  /** @returns a function that takes the stream off the list */
  add(stream: OpenStream): () => void;
  /** Looks at all of them before it is time: rights have changed. */
  recheck(): void;
  /** Ends those of somebody who may no longer come in, without asking again. */
  endFor(ended: Ended): void;
  endAll(): void;
  count(): number;
  close(): void;
}

const settleMs = 200;

/** A token is checked when a stream is opened; here it is checked that the stream does not outlive it. */
export function createOpenStreams(recheckMs: number): OpenStreams {
  const streams = new Set<OpenStream>();
  const recheck = async (stream: OpenStream): Promise<void> => {
    if (!(await stream.allowed().catch(() => false))) stream.end();
  };
  const recheckAll = (): void => {
    for (const stream of streams) void recheck(stream);
  };
  const timer = setInterval(recheckAll, recheckMs).unref();
  let soon: NodeJS.Timeout | undefined;
  return {
    add(stream) {
      streams.add(stream);
      return () => void streams.delete(stream);
    },
    recheck() {
      // Many changes in a row are one look.
      soon ??= setTimeout(() => {
        soon = undefined;
        recheckAll();
      }, settleMs).unref();
    },
    endFor(ended) {
      for (const { whose, end } of streams) if (whose !== undefined && concerns(ended, whose)) end();
    },
    endAll() {
      for (const { end, retire } of streams) (retire ?? end)();
    },
    count: () => streams.size,
    close() {
      clearInterval(timer);
      clearTimeout(soon);
    },
  };
}
