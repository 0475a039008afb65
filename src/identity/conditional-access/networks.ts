// IP ranges of named locations: IPv4 and IPv6, in whichever way an address is written.
import { BlockList, isIP } from 'node:net';

export interface Networks {
  has(address: string): boolean;
}

const mappedPrefix = 96;

/** @returns undefined when a range is not one in CIDR */
export function networksOf(ranges: readonly string[]): Networks | undefined {
  const list = new BlockList();
  for (const range of ranges) {
    const [, network = '', written = ''] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(range) ?? [];
    const version = isIP(network);
    const prefix = Number(written);
    if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
    // A range of IPv4 addresses in the clothes of IPv6 would never match one that comes as it is.
    const plain = version === 6 ? plainAddress(network) : network;
    const unwrapped = version === 6 && isIP(plain) === 4;
    if (unwrapped && prefix < mappedPrefix) return undefined;
    list.addSubnet(plain, unwrapped ? prefix - mappedPrefix : prefix, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    has(address) {
      const plain = plainAddress(address);
      const version = isIP(plain);
      return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

/** An address as it is meant: without a zone, and an IPv4 address that is wrapped in IPv6 (RFC 4291 §2.5.5.2) as IPv4. */
export function plainAddress(address: string): string {
  const bare = address.split('%', 1)[0]!;
  if (isIP(bare) !== 6) return bare;
  // The URL parser writes every IPv6 address in one way (RFC 5952).
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(new URL(`http://[${bare}]`).hostname) ?? [];
  if (high === undefined || low === undefined) return bare;
  const number = parseInt(high, 16) * 0x1_0000 + parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
