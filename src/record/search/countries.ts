// The country of an address, by a file of ranges that whoever runs Genkan brings: `first,last,country`, as free lists of countries have it.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

export interface Countries {
  /** Two letters; undefined where the file says nothing. */
  of(address: string): string | undefined;
}

const line = /^"?([0-9a-f.:]{2,45})"?,"?([0-9a-f.:]{2,45})"?,"?([A-Z]{2})"?\s*$/i;

/** @throws Error naming a line that is none of it */
export function readCountries(file: string): Countries {
  const ranges: { readonly first: bigint; readonly last: bigint; readonly country: string }[] = [];
  for (const [place, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (text.trim() === '' || text.startsWith('#')) continue;
    const [, first = '', last = '', country = ''] = line.exec(text) ?? [];
    const [low, high] = [numberOf(first), numberOf(last)];
    if (low === undefined || high === undefined) throw new Error(`${file}, line ${place + 1}: not first,last,country`);
    ranges.push({ first: low, last: high, country: country.toUpperCase() });
  }
  ranges.sort((one, other) => (one.first < other.first ? -1 : 1));
  const known = new Map<string, string | undefined>();

  function find(address: string): string | undefined {
    const number = numberOf(address);
    if (number === undefined) return undefined;
    let [low, high] = [0, ranges.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      if (ranges[middle]!.first <= number) low = middle + 1;
      else high = middle - 1;
    }
    const range = ranges[high];
    return range !== undefined && number <= range.last ? range.country : undefined;
  }

  return {
    of(address) {
      if (known.has(address)) return known.get(address);
      if (known.size >= 10_000) known.clear();
      const country = find(address);
      known.set(address, country);
      return country;
    },
  };
}

/** An address as a number; one of version 4 as the one of version 6 that stands for it (RFC 4291 §2.5.5.2). */
function numberOf(address: string): bigint | undefined {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(plain) === 4)
    return (0xffffn << 32n) | plain.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  if (isIP(plain) !== 6 || plain.includes('%')) return undefined;
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - before!.length - after!.length }, () => '0');
  return [...before!, ...zeros, ...after!].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}
