// Leaves Entra ID alone while it asks for that, or gives no answer: whoever comes meanwhile is told at once instead of waiting as well.
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import { retryAfterMs } from '../../base/retry-after.ts';
import type { EntraFetch } from './entra-fetch.ts';

const afterSilenceMs = 5_000;
const longestMs = 300_000;
/** One for each tenant, and those are listed in the settings. */
const maxPlaces = 1000;

export function createConsiderateFetch(send: EntraFetch, clock: Clock): EntraFetch {
  const notBeforeMs = new Map<string, number>();
  return async (address, asking) => {
    const { origin, pathname } = new URL(address);
    const place = origin + pathname;
    const waitMs = (notBeforeMs.get(place) ?? 0) - clock.now();
    // A person waits in front of a browser, and their code does not last: that is always tried.
    const isSignIn = asking?.body?.includes('grant_type=authorization_code') === true;
    if (waitMs > 0 && !isSignIn) throw unavailable(`${origin} is left alone for ${Math.ceil(waitMs / 1000)} s`);
    const pause = (ms: number): void => {
      if (notBeforeMs.size >= maxPlaces) notBeforeMs.clear();
      notBeforeMs.set(place, clock.now() + Math.min(ms, longestMs));
    };
    try {
      const answer = await send(address, asking);
      const asks = retryAfterMs(answer.headers['retry-after'], clock.now());
      if ((answer.status === 429 || answer.status === 503) && asks !== undefined) pause(asks);
      else notBeforeMs.delete(place);
      return answer;
    } catch (error) {
      if (((error as Error).cause as Error | undefined)?.name === 'TimeoutError') pause(afterSilenceMs);
      throw error;
    }
  };
}

const unavailable = (detail: string): GenkanError => new GenkanError('identity_provider_unavailable', {}, { detail });
