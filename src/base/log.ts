// The structured log: pino with one redaction list, so that no secret reaches it.
import { pino } from 'pino';
import type { Logger } from 'pino';

export type Log = Logger;

const secretPaths = [
  'authorization',
  'cookie',
  'token',
  'access_token',
  'refresh_token',
  'client_secret',
  'password',
  'code',
];

/**
 * Creates the process's log, one JSON object a line on standard error.
 * @param level pino level name, e.g. `info`; `silent` for tests.
 */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretPaths.flatMap((path) => [path, `*.${path}`, `headers.${path}`]), censor: '[redacted]' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
