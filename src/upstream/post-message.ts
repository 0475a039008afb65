// Hands a message over to a server whose answer comes elsewhere.
import type { IncomingHttpHeaders } from 'node:http';
import type { HeaderList, HttpLink } from './http-link.ts';

/**
 * @param purpose as for `HttpLink.post`
 * @param path from `HttpLink.pathOf`
 * @throws GenkanError `upstream_unavailable`, `upstream_timeout`; `upstream_rate_limited`; a `HttpStatusFault` when the server did not take it
 */
export function postMessage(
  link: HttpLink,
  purpose: 'call' | 'word',
  path: string,
  raw: Buffer,
  headers: HeaderList,
  silenceMs: number,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const reader = {
    // 202; some say 200 or 204.
    onAnswer: (status: number, _body: Buffer, head: IncomingHttpHeaders): void =>
      status >= 200 && status < 300 ? resolve() : reject(link.statusFault(status, head)),
    onEvent() {},
    onStreamEnd: () => resolve(),
    onFault: (error: Error) => reject(link.fault(error, silenceMs)),
  };
  link.post(purpose, raw, headers, reader, { head: silenceMs, body: silenceMs }, path);
  return promise;
}
