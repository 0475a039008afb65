// A server that has had too many requests is left alone for as long as it asks, or longer and longer where it does not say.
import type { Clock } from '../base/clock.ts';

export interface Cooldown {
  /** For how long no request is to be sent; 0 when one may be. */
  leftMs(): number;
  /** It has refused a request. @param askedMs what its `Retry-After` says */
  refused(askedMs: number | undefined): void;
  /** It has answered one. */
  answered(): void;
}

const firstMs = 1000;
/** A server that says more is asked again then all the same: a mistake of its must not be the end of it. */
const longestMs = 300_000;
const longestUnsaidMs = 30_000;
/** Share of the time that is added at random, so that not everybody who waited comes in the same moment. */
const spread = 0.1;

export function createCooldown(clock: Clock, random: () => number = Math.random): Cooldown {
  let untilMs = 0;
  let refusals = 0;
  return {
    leftMs: () => Math.max(0, untilMs - clock.now()),
    refused(askedMs) {
      const unsaidMs = Math.min(firstMs * 2 ** Math.min(refusals++, 10), longestUnsaidMs);
      const ms = Math.min(askedMs ?? unsaidMs, longestMs);
      untilMs = Math.max(untilMs, clock.now() + Math.min(ms * (1 + spread * random()), longestMs));
    },
    answered: () => void (refusals = 0),
  };
}
