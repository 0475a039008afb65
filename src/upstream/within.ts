// A deadline for work that may show signs of life without end.
import { GenkanError } from '../base/errors.ts';

/**
 * @param work is told when it is too late, and may end what it began
 * @throws GenkanError `upstream_timeout` when it is not done in time, whatever it says meanwhile
 */
export async function within<Value>(
  server: string,
  ms: number,
  work: (late: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const late = new AbortController();
  const { promise: never, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new GenkanError('upstream_timeout', { server, seconds: ms / 1000 });
    late.abort(error);
    reject(error);
  }, ms);
  try {
    return await Promise.race([work(late.signal), never]);
  } finally {
    clearTimeout(timer);
  }
}
