// Functions of IP addresses: reading, comparing under a prefix, ranges, and addresses that stand in a text.
import { isIPv6 } from 'node:net';
import type { Bound } from '../bound.ts';
import { spend, stepsThrough } from '../effort.ts';
import { isArray } from '../json.ts';
import { aType } from '../types.ts';
import { call, typeProblem } from '../nodes.ts';
import type { Value } from '../values.ts';
import { writeDynamic, writeValue } from '../write-value.ts';
import { define, wrongCount } from './define.ts';
import type { Binder } from './define.ts';

interface Address {
  readonly bits: bigint;
  readonly prefix: number;
}

const longest = 64;

/** `1.2.3.4` or `1.2.3.0/24`; null for what is none. */
function readIpv4(text: string): Address | null {
  if (text.length > longest) return null;
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text.trim());
  if (match === null) return null;
  const bytes = match.slice(1, 5).map(Number);
  const prefix = match[5] === undefined ? 32 : Number(match[5]);
  if (prefix > 32 || bytes.some((byte) => byte > 255)) return null;
  return { bits: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n), prefix };
}

/** An IPv4 address is read as the IPv6 address that stands for it (`::ffff:1.2.3.4`). */
function readIpv6(text: string): Address | null {
  const v4 = readIpv4(text);
  if (v4 !== null) return { bits: 0xffff_0000_0000n | v4.bits, prefix: 96 + v4.prefix };
  const [address, length, ...more] = text.length > longest ? [''] : text.trim().split('/');
  if (!isIPv6(address!) || address!.includes('%') || more.length > 0) return null;
  if (length !== undefined && !(/^\d{1,3}$/.test(length) && Number(length) <= 128)) return null;
  return { bits: bitsOf(address!), prefix: length === undefined ? 128 : Number(length) };
}

function bitsOf(address: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const v4 = dotted === null ? null : readIpv4(dotted[2]!);
  const groups =
    v4 === null ? address : `${dotted![1]}${(v4.bits >> 16n).toString(16)}:${(v4.bits & 0xffffn).toString(16)}`;
  const [head = '', tail] = groups.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

interface Family {
  readonly width: number;
  readonly read: (text: string) => Address | null;
}
const v4: Family = { width: 32, read: readIpv4 };
const v6: Family = { width: 128, read: readIpv6 };

function masked(bits: bigint, prefix: number, width: number): bigint {
  const rest = BigInt(width - prefix);
  return (bits >> rest) << rest;
}

/** Under the shortest of all prefixes; null where one is no address. */
function compared({ width, read }: Family, a: string, b: string, prefix = width): number | null {
  const [left, right] = [read(a), read(b)];
  if (left === null || right === null || prefix < 0 || prefix > width) return null;
  const common = Math.min(left.prefix, right.prefix, prefix);
  const [x, y] = [masked(left.bits, common, width), masked(right.bits, common, width)];
  return x < y ? -1 : x > y ? 1 : 0;
}

const compare = (family: Family): Binder =>
  define('string, string, integer?', 'long', (a: string, b: string, prefix?: number) => compared(family, a, b, prefix));

const match = (family: Family): Binder =>
  define('string, string, integer?', 'bool', (a: string, b: string, prefix?: number) => {
    const order = compared(family, a, b, prefix);
    return order === null ? null : order === 0;
  });

/** The range's own prefix decides. */
function inRange({ width, read }: Family, address: string, range: string): boolean | null {
  const [inner, outer] = [read(address), read(range)];
  if (inner === null || outer === null) return null;
  return masked(inner.bits, outer.prefix, width) === masked(outer.bits, outer.prefix, width);
}

/** `f(text, one, two, …)` and `f(text, array)` */
const anyOf =
  (test: (text: string, each: string) => boolean | null): Binder =>
  (name, parts, place) => {
    if (parts.length < 2) throw wrongCount(name, 2, Infinity, parts.length, place);
    for (const { type, from, to } of parts)
      if (type !== 'string' && type !== 'dynamic')
        throw typeProblem(`${name}() takes strings or dynamic arrays of them, and this is ${aType(type)}`, {
          from,
          to,
        });
    const [text, ...others] = parts as [Bound, ...Bound[]];
    return call(name, 'bool', parts, place, (row) => {
      const value = writeValue(text.evaluate(row), text.type);
      let known = false;
      for (const { evaluate } of others) {
        const given = evaluate(row);
        for (const each of isArray(given) ? given : [given]) {
          // A text is written out once, and looked through for each of them.
          spend(16 + stepsThrough(value));
          const result = test(value, writeDynamic(each));
          if (result === true) return true;
          known ||= result === false;
        }
      }
      return known ? false : null;
    });
  };

const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

function isPrivate(text: string): boolean | null {
  if (readIpv4(text) === null) return null;
  return privateRanges.some((range) => inRange(v4, text, range) === true);
}

function parsed(text: string, prefix = 32): number | null {
  const address = readIpv4(text);
  if (address === null || prefix < 0 || prefix > 32) return null;
  return Number(masked(address.bits, Math.min(prefix, address.prefix), 32));
}

function parsedV6(text: string, prefix = 128): string | null {
  const address = readIpv6(text);
  if (address === null || prefix < 0 || prefix > 128) return null;
  const bits = masked(address.bits, Math.min(prefix, address.prefix), 128);
  return bits.toString(16).padStart(32, '0').match(/.{4}/g)!.join(':');
}

function dotted(bits: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.');
}

const format =
  (withMask: boolean) =>
  (address: Value, prefix = 32): string | null => {
    const isNumber = typeof address === 'number';
    const read = isNumber ? null : readIpv4(writeDynamic(address));
    if (prefix < 0 || prefix > 32 || (isNumber ? !(address >= 0 && address < 2 ** 32) : read === null)) return null;
    const length = Math.min(prefix, read?.prefix ?? 32);
    const bits = isNumber ? BigInt(Math.trunc(address)) : read!.bits;
    return dotted(Number(masked(bits, length, 32))) + (withMask ? `/${length}` : '');
  };

/** Addresses that stand in a text by themselves, between characters that are no letters and digits. */
function standsIn(text: string, wanted: string, isWanted: (address: string) => boolean): boolean {
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    spend(4);
    if (at > 0 && /[A-Za-z0-9.]/.test(text[at - 1]!)) continue;
    const address = /^[0-9.]{7,15}/.exec(text.slice(at, at + 15))?.[0] ?? '';
    const after = text[at + address.length] ?? '';
    const whole = address.endsWith('.') ? address.slice(0, -1) : address;
    if (!/[A-Za-z0-9]/.test(after) && readIpv4(whole) !== null && isWanted(whole)) return true;
  }
  return false;
}

function hasIpv4(text: string, wanted: string): boolean {
  return !wanted.includes('/') && readIpv4(wanted) !== null && standsIn(text, wanted, (address) => address === wanted);
}

/** A whole address, or the beginning of one that ends with a dot. */
function hasIpv4Prefix(text: string, wanted: string): boolean {
  if (!wanted.endsWith('.')) return hasIpv4(text, wanted);
  const bytes = wanted.slice(0, -1).split('.');
  if (bytes.length > 3 || !bytes.every((byte) => /^\d{1,3}$/.test(byte) && Number(byte) < 256)) return false;
  return standsIn(text, wanted, (address) => address.startsWith(wanted));
}

export const addressFunctions: readonly (readonly [string, Binder])[] = [
  ['ipv4_compare', compare(v4)],
  ['ipv4_is_match', match(v4)],
  ['ipv4_is_in_range', define('string, string', 'bool', (ip: string, range: string) => inRange(v4, ip, range))],
  ['ipv4_is_in_any_range', anyOf((ip, range) => inRange(v4, ip, range))],
  ['ipv4_is_private', define('string', 'bool', isPrivate)],
  ['ipv4_netmask_suffix', define('string', 'long', (ip: string) => readIpv4(ip)?.prefix ?? null)],
  ['ipv6_compare', compare(v6)],
  ['ipv6_is_match', match(v6)],
  ['ipv6_is_in_range', define('string, string', 'bool', (ip: string, range: string) => inRange(v6, ip, range))],
  ['ipv6_is_in_any_range', anyOf((ip, range) => inRange(v6, ip, range))],
  ['parse_ipv4', define('string', 'long', (ip: string) => parsed(ip))],
  ['parse_ipv4_mask', define('string, integer', 'long', parsed)],
  ['parse_ipv6', define('string', 'string', (ip: string) => parsedV6(ip))],
  ['parse_ipv6_mask', define('string, integer', 'string', parsedV6)],
  ['format_ipv4', define('scalar, integer?', 'string', format(false))],
  ['format_ipv4_mask', define('scalar, integer', 'string', format(true))],
  ['has_ipv4', define('string, string', 'bool', hasIpv4)],
  ['has_any_ipv4', anyOf(hasIpv4)],
  ['has_ipv4_prefix', define('string, string', 'bool', hasIpv4Prefix)],
  ['has_any_ipv4_prefix', anyOf(hasIpv4Prefix)],
];
