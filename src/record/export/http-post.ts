// One delivery by HTTP: no redirects, nothing of the address or of headers in errors, and little of the answer read.
import type { Clock } from '../../base/clock.ts';
import { oneLine } from '../../base/one-line.ts';
import { retryAfterMs } from '../../base/retry-after.ts';
import { SinkError } from './sink.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  /** Finds in the beginning of an answer that is no acknowledgement what people are to read. */
  readonly explain?: (answer: string, status: number) => string | undefined;
  /** Looks at the whole of an answer with 2xx; throws SinkError when it is no acknowledgement after all. Without it, nobody reads that. */
  readonly accepted?: (answer: string) => void;
  /** Statuses after which the same may be sent again; all but those that say that the request is at fault, unless given. */
  readonly isRetryable?: (status: number) => boolean;
}

/** What the request itself is at fault for: smaller ones, or other ones, may pass. */
const refusing = new Set([400, 413, 422]);
const isNotRefusing = (status: number): boolean => !refusing.has(status);
const longestAnswer = 4096;
const longestAcknowledgement = 1_048_576;

/** @throws SinkError unless the receiver answers with 2xx */
export async function post(
  { url, headers, body, signal, explain, accepted, isRetryable = isNotRefusing }: Post,
  { fetch, clock }: { readonly fetch: typeof globalThis.fetch; readonly clock: Clock },
): Promise<void> {
  // A redirect would carry what is confidential to somewhere that nobody has chosen.
  const request = { method: 'POST', headers, body, redirect: 'manual', signal } as const;
  const response = await fetch(url, request).catch((cause: unknown) => {
    const { code, name } = (cause instanceof Error ? (cause.cause ?? cause) : {}) as { code?: string; name?: string };
    const why = name === 'TimeoutError' ? 'not in time' : (code ?? name ?? 'no connection');
    throw new SinkError(`nobody answered: ${why}`, { retryable: true, cause });
  });
  const { status } = response;
  if (response.ok) {
    if (accepted !== undefined) return accepted(await wholeOf(response));
    // It may go on for ever with what nobody reads.
    await response.body?.cancel().catch(() => undefined);
    return;
  }
  const said = explain?.((await beginningOf(response, longestAnswer)).text, status);
  throw new SinkError(
    `it answered ${status}${status >= 300 && status < 400 ? ', a redirect, which is not followed' : ''}${said === undefined ? '' : `: ${oneLine(said)}`}`,
    {
      retryable: isRetryable(status),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), clock.now()),
    },
  );
}

/** @throws SinkError when it breaks off or goes on for too long: what it would have said is not known */
async function wholeOf(response: Response): Promise<string> {
  const { text, isWhole } = await beginningOf(response, longestAcknowledgement);
  if (!isWhole) throw new SinkError('its answer did not come to an end', { retryable: true });
  return text;
}

async function beginningOf(response: Response, longest: number): Promise<{ text: string; isWhole: boolean }> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isWhole = reader === undefined;
  try {
    while (reader !== undefined && length <= longest) {
      const { done, value } = await reader.read();
      isWhole = done;
      if (done) break;
      chunks.push(value);
      length += value.length;
    }
  } catch {
    // What comes with a refusal is only for people; that it is one is known.
  }
  await reader?.cancel().catch(() => undefined);
  return { text: Buffer.concat(chunks).subarray(0, longest).toString(), isWhole: isWhole && length <= longest };
}

/**
 * What a header may hold (RFC 9110 §5.5): visible characters and spaces between them. Said here, since a library's error might
 * quote it.
 */
export function headerOf(name: string, secret: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]{0,8190}[\x21-\x7e])?$/.test(secret)) return secret;
  throw new SinkError(`what stands for the ${name} header can stand in none`, { retryable: true });
}
