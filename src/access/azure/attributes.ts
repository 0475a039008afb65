// What arguments say of the thing that a call makes or changes, read as the Azure MCP Server reads them: one value, or `malformed`.
import { malformed } from '../conditions/condition.ts';
import type { Attributes, AttributeValue } from '../conditions/condition.ts';
import { foldCase } from '../wildcard.ts';
import { costClassOf } from './cost-class.ts';

type Args = Readonly<Record<string, unknown>>;
export type Malformed = typeof malformed;

/** Finds one attribute in the arguments of a call; `undefined` where the server or Azure would choose. */
export type AttributeReader = (args: Args) => AttributeValue;

/** None of these values is longer. */
export const longestText = 10_000;

/** The one text that stands there. */
export function textOf(value: unknown): string | Malformed | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value.length <= longestText ? value : malformed;
  if (!Array.isArray(value)) return malformed;
  // Servers take one of several values, or join them: which, the list does not say.
  if (value.length > 1 || (value.length === 1 && typeof value[0] !== 'string')) return malformed;
  return textOf(value[0]);
}

/** What is made of the one text that stands there; blanks are nothing. */
function readOne<Value>(
  value: unknown,
  make: (text: string) => Value,
  otherwise?: Value,
): Value | Malformed | undefined {
  const text = textOf(value);
  if (text === malformed) return malformed;
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? otherwise : make(trimmed);
}

/** One word in lower case, as none of those that are read so holds what stands between several. */
const wordIn = (text: string): string | Malformed => (/[,;|]/.test(text) ? malformed : foldCase(text));

/** A region as Azure compares it: `Japan East` is `japaneast`. */
export const locationIn =
  (argument: string): AttributeReader =>
  (args) =>
    readOne(args[argument], (text) => wordIn(text.replace(/\s/g, '')));

/** A name that Azure compares without regard to case, such as a SKU. `otherwise` is what the tool's description says it is. */
export const nameIn =
  (argument: string, otherwise?: string): AttributeReader =>
  (args) =>
    readOne<AttributeValue>(args[argument], wordIn, otherwise && foldCase(otherwise));

/** A number, in whatever form it comes. */
export const countIn =
  (argument: string, otherwise?: number): AttributeReader =>
  (args) =>
    readOne<AttributeValue>(args[argument], numberIn, otherwise);

function numberIn(text: string): number | Malformed {
  const count = Number(text);
  return Number.isFinite(count) ? count : malformed;
}

/** A switch in the words that servers take. `otherwise` is what the tool's description says it is. */
export const switchIn =
  (argument: string, otherwise?: boolean): AttributeReader =>
  (args) =>
    readOne<AttributeValue>(args[argument], (text) => switches.get(foldCase(text)) ?? malformed, otherwise);

const switches: ReadonlyMap<string, boolean> = new Map([
  ...['true', '1', 'yes', 'on', 'enabled'].map((word) => [word, true] as const),
  ...['false', '0', 'no', 'off', 'disabled'].map((word) => [word, false] as const),
]);

/** Whether there is a public address: there is one unless the switch that forbids it is on. */
export const publicIpUnless =
  (argument: string): AttributeReader =>
  (args) =>
    args[argument] !== true;

const anywhere = /^(\*|any|internet|0\.0\.0\.0\/0|::\/0)$/;

/** Who is let in, as a prefix; all the spellings of everybody are `*`. */
export const prefixIn =
  (argument: string, otherwise?: string): AttributeReader =>
  (args) =>
    readOne<AttributeValue>(args[argument], prefixOf, otherwise);

function prefixOf(text: string): string | Malformed {
  if (anywhere.test(foldCase(text))) return '*';
  return /\s/.test(text) ? malformed : wordIn(text);
}

/** Who is let in by a range of IPv4 addresses: the smallest prefix that holds it, never less than the range. */
export const prefixOfRange =
  (from: string, to: string): AttributeReader =>
  (args) => {
    const [first, last] = [from, to].map((name) => readOne<number | Malformed>(args[name], addressIn));
    if (first === malformed || last === malformed) return malformed;
    if (first === undefined || last === undefined) return undefined;
    // To Azure this range means every service within Azure, whoever runs it.
    if (first === 0 && last === 0) return '*';
    let length = 32;
    while (length > 0 && networkOf(first, length) !== networkOf(last, length)) length -= 1;
    const network = networkOf(first, length);
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256);
    return length === 0 ? '*' : `${bytes.join('.')}/${length}`;
  };

function addressIn(text: string): number | Malformed {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (bytes === undefined || bytes.some((byte) => byte > 255)) return malformed;
  return bytes.reduce((address, byte) => address * 256 + byte, 0);
}

const networkOf = (address: number, length: number): number => address - (address % 2 ** (32 - length));

/** Puts together what a row's readers find, and what a size costs; what they do not find has no entry. */
export function readAttributes(readers: Readonly<Record<string, AttributeReader>>, args: Args): Attributes {
  const found: Record<string, AttributeValue> = {};
  for (const [name, read] of Object.entries(readers)) {
    const value = read(args);
    if (value !== undefined) found[name] = value;
  }
  const { sku } = found;
  if (sku !== undefined) found['costClass'] = typeof sku === 'string' ? costClassOf(sku) : malformed;
  return found;
}
