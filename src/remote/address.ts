// The address of a Genkan as a person writes it.
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';

/**
 * The origin by which a Genkan is known. A bare name is one that is reached by https; http is for this machine alone.
 * @returns refusal `remote_address_invalid`
 */
export function remoteAddress(written: string): string | Refusal {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `https://${written}`);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url === null || !isSafe || url.href !== `${url.origin}/`)
    return refuse('remote_address_invalid', { address: written.slice(0, 200) });
  return url.origin;
}
