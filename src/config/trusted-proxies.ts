// The proxies in front of Genkan that are believed about who is behind them.
import { isIP } from 'node:net';
import { networksOf } from '../identity/conditional-access/networks.ts';
import type { Networks } from '../identity/conditional-access/networks.ts';

/**
 * @param written ranges in CIDR, or single addresses
 * @returns undefined where one of them is neither, or is every address there is: then anybody could say where they are
 */
export function proxiesIn(written: readonly string[]): Networks | undefined {
  const ranges = written.map((one) => (isIP(one) === 0 ? one : `${one}/${isIP(one) === 4 ? 32 : 128}`));
  return ranges.some((range) => range.endsWith('/0')) ? undefined : networksOf(ranges);
}

/** Whether connections come from a proxy that is not known as one: Genkan itself speaks plain HTTP. */
export const placesHidden = (publicUrl: string, trustedProxies: readonly string[]): boolean =>
  publicUrl.startsWith('https:') && trustedProxies.length === 0;
