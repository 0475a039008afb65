// Posts JSON to an address that an administrator has chosen: no redirects, a bounded wait, and nothing of the address in errors.
import { retryAfterMs } from '../../base/retry-after.ts';
import { NotTaken } from './channel.ts';

const longestMs = 15_000;

/** @param fetch as the platform's own */
export async function post(
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  nowMs: number = Date.now(),
): Promise<void> {
  // A redirect would carry what is confidential to somewhere that nobody has chosen.
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    redirect: 'manual',
    signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
  }).catch((cause: unknown) => {
    const { code, name } = (cause instanceof Error ? (cause.cause ?? cause) : {}) as { code?: string; name?: string };
    throw new NotTaken(`nobody answered: ${code ?? name ?? 'no connection'}`, { inMs: 0 });
  });
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  const isPassing = status === 408 || status === 425 || status === 429 || status >= 500;
  const later = retryAfterMs(response.headers.get('retry-after'), nowMs) ?? 0;
  throw new NotTaken(`it answered ${status}`, isPassing && { inMs: later });
}
