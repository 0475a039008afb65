// Paths of tiles and of bundles of records (c2sp.org/tlog-tiles): one spelling for each, and no other.
import { tileWidth } from './tree.ts';

export interface TilePath {
  /** `entries` for the records themselves, else the level of hashes. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; less than 256 is a partial tile. */
  readonly width: number;
}

const form = /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** @param path what follows the prefix of the log */
export function readTilePath(path: string): TilePath | undefined {
  const [, level, digits, partial] = form.exec(path) ?? [];
  if (level === undefined || digits === undefined || digits.startsWith('x000/')) return undefined;
  const width = partial === undefined ? tileWidth : Number(partial);
  if (partial !== undefined && width >= tileWidth) return undefined;
  return { level: level === 'entries' ? level : Number(level), index: Number(digits.replace(/[x/]/g, '')), width };
}

export function writeTilePath({ level, index, width }: TilePath): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g)!;
  const written = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${written}${width === tileWidth ? '' : `.p/${width}`}`;
}
