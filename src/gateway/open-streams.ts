// Streams that stay open without a request: looked at again while they are open, and ended when Genkan stops.

export interface OpenStream {
  /** Whether its owner may still have it; asked again and again. */
  readonly allowed: () => Promise<boolean>;
  readonly end: () => void;
  /** It carries the answer to a request, which ends it in time. */
  readonly answering?: boolean;
}

export interface OpenStreams {
  /** @returns a function that takes the stream off the list */
  add(stream: OpenStream): () => void;
  endAll(): void;
  close(): void;
}

/** A token is checked when a stream is opened; here it is checked that the stream does not outlive it. */
export function createOpenStreams(recheckMs: number): OpenStreams {
  const streams = new Set<OpenStream>();
  const recheck = async (stream: OpenStream): Promise<void> => {
    if (!(await stream.allowed().catch(() => false))) stream.end();
  };
  const timer = setInterval(() => {
    for (const stream of streams) void recheck(stream);
  }, recheckMs).unref();
  return {
    add(stream) {
      streams.add(stream);
      return () => void streams.delete(stream);
    },
    endAll() {
      for (const stream of streams) if (stream.answering !== true) stream.end();
    },
    close: () => clearInterval(timer),
  };
}
