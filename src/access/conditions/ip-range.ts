// IP addresses and prefixes as numbers, to tell whether one lies within another.
import { isIP } from 'node:net';

export interface IpRange {
  readonly version: 4 | 6;
  readonly value: bigint;
  /** Leading bits that are fixed. */
  readonly bits: number;
}

/** @param text an address or a prefix in CIDR; an IPv4 address in the clothes of IPv6 (RFC 4291 §2.5.5.2) is read as IPv4 */
export function readRange(text: string): IpRange | undefined {
  if (text.length > 64) return undefined;
  const [, address = '', written] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 4) return ranged(4, numberOf4(address), Number(written ?? 32));
  if (version !== 6) return undefined;
  const value = numberOf6(address);
  const bits = Number(written ?? 128);
  return value >> 32n === 0xffffn && bits >= 96 ? ranged(4, value & 0xffff_ffffn, bits - 96) : ranged(6, value, bits);
}

/** Whether everything of `inner` lies within `outer`. */
export function contains(outer: IpRange, inner: IpRange): boolean {
  const size = outer.version === 4 ? 32 : 128;
  const open = BigInt(size - outer.bits);
  return outer.version === inner.version && outer.bits <= inner.bits && outer.value >> open === inner.value >> open;
}

const ranged = (version: 4 | 6, value: bigint, bits: number): IpRange | undefined =>
  bits <= (version === 4 ? 32 : 128) ? { version, value, bits } : undefined;

const numberOf4 = (address: string): bigint => address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);

function numberOf6(address: string): bigint {
  // The URL parser writes every IPv6 address in one way, without dots (RFC 5952).
  const [left = '', right] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groupsOf(left), groupsOf(right ?? '')];
  const gap = Array<string>(right === undefined ? 0 : 8 - head.length - tail.length).fill('0');
  return [...head, ...gap, ...tail].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
