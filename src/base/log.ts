// The structured log: pino with one redaction list, so that no secret reaches it.
import { pino } from 'pino';
import type { Logger } from 'pino';
import { errorTable } from './errors.ts';

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

/** What `code` holds is an authorization code, or the code of an error: of ours, or of Node's such as ECONNREFUSED. */
const censor = (value: unknown, path: readonly string[]): unknown => {
  const isError = typeof value === 'string' && (Object.hasOwn(errorTable, value) || /^[A-Z][A-Z_]{3,49}$/.test(value));
  return path.at(-1) === 'code' && isError ? value : '[redacted]';
};

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
      redact: { paths: secretPaths.flatMap((path) => [path, `*.${path}`, `headers.${path}`]), censor },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
