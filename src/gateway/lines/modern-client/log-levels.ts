// How much a legacy server logs for a connection that several modern requests share: as much as the most curious of them wants.
import { logLevels } from '../../../protocol/envelope.ts';
import type { LogLevel } from '../../../protocol/envelope.ts';
import { reservedPrefix } from '../../../protocol/envelope.ts';
import type { JsonObject, NotificationMessage } from '../../../protocol/message.ts';

export interface LogLevels {
  /**
   * Waits until the server logs at least this much.
   * @returns to be called when the request is over
   */
  want(level: LogLevel | undefined): Promise<() => void>;
}

/** @param ask tells the server the level; must not reject */
export function createLogLevels(ask: (level: LogLevel) => Promise<void>): LogLevels {
  const wanted = new Set<{ readonly rank: number }>();
  let current: number | undefined;
  let settled = Promise.resolve();
  return {
    async want(level) {
      if (level === undefined) return () => undefined;
      const mine = { rank: logLevels.indexOf(level) };
      wanted.add(mine);
      const most = Math.min(...[...wanted].map(({ rank }) => rank));
      if (most !== current) {
        current = most;
        settled = settled.then(() => ask(logLevels[most]!));
      }
      await settled;
      return () => void wanted.delete(mine);
    },
  };
}

/** The level that a request wants (its envelope has been read), if it wants any logs at all. */
export const wantedLevel = (params: JsonObject): LogLevel | undefined =>
  (params['_meta'] as JsonObject | undefined)?.[`${reservedPrefix}logLevel`] as LogLevel | undefined;

/** MCP 2026-07-28, logging: nothing below the level that the request names, and nothing at all where it names none. */
export function isWanted({ params }: NotificationMessage, level: LogLevel | undefined): boolean {
  const rank = (logLevels as readonly unknown[]).indexOf(params['level']);
  return level !== undefined && rank >= logLevels.indexOf(level);
}
