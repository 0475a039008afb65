// Why a sign-in at an identity provider failed, in words that may be written down.

/**
 * Messages of the libraries and of `fetch` name the check that failed; their causes can hold whole answers, so they stay out.
 */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  const { code, error } = cause as { code?: unknown; error?: unknown };
  return [cause.message, code, error]
    .filter((part) => typeof part === 'string')
    .join(' · ')
    .slice(0, 300);
}
