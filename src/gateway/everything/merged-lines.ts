// The lines of a conversation at `/mcp`: one to each server, opened when it is needed and again when it has ended.
import { GenkanError } from '../../base/errors.ts';
import type { Line } from '../lines/line.ts';
import type { Waits } from './waits.ts';

export interface MergedLines {
  /**
   * The line to a server.
   * @throws GenkanError when it cannot be opened, or not soon; it is then there for whoever asks later
   */
  to(server: string): Promise<Line>;
  /** Those that stand. */
  standing(): Line[];
  /** Lets go of servers that the person may not use any more. */
  keepOnly(servers: readonly string[]): void;
  close(): Promise<void>;
}

interface Place {
  readonly opening: Promise<Line>;
  readonly sinceMs: number;
  line: Line | undefined;
}

export function createMergedLines(open: (server: string) => Promise<Line>, waits: Waits): MergedLines {
  const places = new Map<string, Place>();
  let closed = false;

  function place(server: string): Place {
    const known = places.get(server);
    if (known !== undefined && known.line?.alive() !== false) return known;
    if (known?.line !== undefined) void letGo(known.line);
    const opened: Place = { opening: open(server), sinceMs: performance.now(), line: undefined };
    places.set(server, opened);
    opened.opening.then(
      (line) => {
        opened.line = line;
        if (closed || places.get(server) !== opened) void letGo(line);
      },
      () => {
        if (places.get(server) === opened) places.delete(server);
      },
    );
    return opened;
  }

  return {
    async to(server) {
      if (closed) throw new GenkanError('upstream_unavailable', { server });
      const { line, opening, sinceMs } = place(server);
      return line ?? (await waits.within(server, opening, sinceMs));
    },
    standing: () => [...places.values()].flatMap(({ line }) => (line?.alive() === true ? [line] : [])),
    keepOnly(servers) {
      for (const [server, { line }] of places) {
        if (servers.includes(server)) continue;
        places.delete(server);
        if (line !== undefined) void letGo(line);
      }
    },
    async close() {
      closed = true; // what is being opened closes itself
      await Promise.all([...places.values()].map(({ line }) => line && letGo(line)));
      places.clear();
    },
  };
}

const letGo = (line: Line): Promise<void> => line.close().catch(() => undefined);
