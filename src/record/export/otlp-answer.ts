// What receivers of OTLP/HTTP answer, in JSON: the same for logs, metrics and traces.
import { oneLine } from '../../base/one-line.ts';
import { SinkError } from './sink.ts';

/**
 * What the answer to a failure says, where it is a `Status` in JSON ("Failures").
 * @param secrets that were sent: people read this, and some receivers repeat what they do not like
 */
export function messageIn(answer: string, secrets: readonly string[]): string | undefined {
  const message = read(answer)?.['message'];
  return typeof message === 'string' ? withoutSecrets(message, secrets) : undefined;
}

/** A header may be a scheme and its secret. */
const withoutSecrets = (message: string, secrets: readonly string[]): string =>
  secrets
    .flatMap((secret) => secret.split(' '))
    .filter((part) => part.length >= 6 && part.toLowerCase() !== 'bearer')
    .reduce((text, part) => text.replaceAll(part, '…'), message);

/**
 * "Partial Success": how much of a request was rejected. The client must not send the request again.
 * @throws SinkError where it is no answer of OTLP
 */
export function rejectedIn(
  answer: string,
  field: 'rejectedLogRecords' | 'rejectedDataPoints' | 'rejectedSpans',
  secrets: readonly string[],
): { readonly rejected: number; readonly message?: string } {
  if (answer.trim() === '') return { rejected: 0 };
  const said = read(answer);
  // A page that asks to sign in is an answer, too, but no acknowledgement.
  if (said === undefined) throw notOtlp();
  const { [field]: rejected = 0, errorMessage } = (said['partialSuccess'] ?? {}) as Readonly<Record<string, unknown>>;
  // 64-bit numbers are texts in JSON, and warnings come with none rejected.
  const count = Number(rejected);
  if (!Number.isSafeInteger(count) || count < 0) throw notOtlp();
  return {
    rejected: count,
    ...(typeof errorMessage === 'string' && { message: oneLine(withoutSecrets(errorMessage, secrets)) }),
  };
}

const notOtlp = (): SinkError => new SinkError('it answered with something else than OTLP', { retryable: true });

function read(answer: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
