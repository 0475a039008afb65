// What arguments of the Azure MCP Server say of the thing that a call makes or changes, read as the server itself reads them.
import type { Attributes, AttributeValue } from '../conditions/condition.ts';
import { foldCase } from '../wildcard.ts';

type Args = Readonly<Record<string, unknown>>;

/** Finds one attribute in the arguments of a call; `undefined` where the server or Azure would choose. */
export type AttributeReader = (args: Args) => AttributeValue;

/**
 * The text that the server makes of a value: it joins a list with blanks. What it makes nothing of is no text, and neither
 * is one far longer than any of these values.
 */
function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === 'string') ? textOf(value.join(' ')) : undefined;
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value.length <= 10_000 ? value : undefined;
}

/** A region as Azure compares it: `Japan East` is `japaneast`. */
export const locationIn =
  (argument: string): AttributeReader =>
  (args) =>
    foldCase((textOf(args[argument]) ?? '').replace(/\s/g, '')) || undefined;

/** A name that Azure compares without regard to case, such as a SKU. `otherwise` is what the tool's description says it is. */
export const nameIn =
  (argument: string, otherwise?: string): AttributeReader =>
  (args) =>
    foldCase((textOf(args[argument]) ?? '').trim() || (otherwise ?? '')) || undefined;

/** A number, in whatever form it comes. */
export const countIn =
  (argument: string, otherwise?: number): AttributeReader =>
  (args) => {
    const text = textOf(args[argument])?.trim() ?? '';
    if (text === '') return otherwise;
    const count = Number(text);
    return Number.isFinite(count) ? count : undefined;
  };

/** A switch: `true` and `Enabled` in any case are on. `otherwise` is what the tool's description says it is. */
export const switchIn =
  (argument: string, otherwise?: boolean): AttributeReader =>
  (args) => {
    const text = foldCase((textOf(args[argument]) ?? '').trim());
    if (text === '') return otherwise;
    return text === 'true' || text === 'enabled';
  };

/** Whether there is a public address: there is one unless the switch that forbids it is on. */
export const publicIpUnless =
  (argument: string): AttributeReader =>
  (args) =>
    args[argument] !== true;

const anywhere = /^(\*|any|internet|0\.0\.0\.0\/0|::\/0)$/;

/** Who is let in, as a prefix; all the spellings of everybody are `*`. */
export const prefixIn =
  (argument: string, otherwise: string): AttributeReader =>
  (args) => {
    const text = foldCase((textOf(args[argument]) ?? '').trim()) || otherwise;
    return anywhere.test(text) ? '*' : text;
  };

/** Who is let in by a range of IPv4 addresses: the smallest prefix that holds it, never less than the range. */
export const prefixOfRange =
  (from: string, to: string): AttributeReader =>
  (args) => {
    const [first, last] = [addressIn(textOf(args[from])), addressIn(textOf(args[to]))];
    if (first === undefined || last === undefined) return undefined;
    // To Azure this range means every service within Azure, whoever runs it.
    if (first === 0 && last === 0) return '*';
    let length = 32;
    while (length > 0 && networkOf(first, length) !== networkOf(last, length)) length -= 1;
    const network = networkOf(first, length);
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256);
    return length === 0 ? '*' : `${bytes.join('.')}/${length}`;
  };

function addressIn(text: string | undefined): number | undefined {
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
    .exec(text?.trim() ?? '')
    ?.slice(1)
    .map(Number);
  if (bytes === undefined || bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((address, byte) => address * 256 + byte, 0);
}

const networkOf = (address: number, length: number): number => address - (address % 2 ** (32 - length));

/** How a tool writes tags: `a=1,b=2`, `a=1 b=2`, a JSON object, or a list of `a=1`. */
export type TagSyntax = 'commas' | 'blanks' | 'json' | 'list';

// Azure keeps no more on one resource.
const mostTags = 50;

/** `name=value` for each tag, names in lower case as Azure compares them; values keep theirs. */
export const tagsIn =
  (argument: string, syntax: TagSyntax): AttributeReader =>
  (args) => {
    const value = args[argument];
    if (value === undefined || value === null) return undefined;
    const pairs = syntax === 'json' ? jsonPairs(textOf(value)) : pairsOf(value, syntax);
    if (pairs === undefined) return undefined;
    const tags = new Map(pairs.map(([name, held]) => [foldCase(name), held]));
    return tags.size > mostTags ? undefined : [...tags].map(([name, held]) => `${name}=${held}`);
  };

type Pair = readonly [name: string, value: string];

function pairsOf(value: unknown, syntax: Exclude<TagSyntax, 'json'>): Pair[] | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  if (syntax === 'list') return (Array.isArray(value) ? (value as string[]) : [text]).flatMap((item) => pairIn(item));
  const trim = (part: string): string => (syntax === 'commas' ? part.trim() : part);
  return text
    .split(syntax === 'commas' ? ',' : ' ')
    .flatMap((item) => pairIn(item))
    .map(([name, held]) => [trim(name), trim(held)]);
}

function pairIn(text: string): Pair[] {
  const at = text.indexOf('=');
  return at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
}

function jsonPairs(text: string | undefined): Pair[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text ?? '');
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    const pairs = Object.entries(parsed);
    return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string') ? pairs : undefined;
  } catch {
    return undefined;
  }
}

/** Puts together what a row's readers find; what they do not find has no entry. */
export function readAttributes(readers: Readonly<Record<string, AttributeReader>>, args: Args): Attributes {
  const found: Record<string, AttributeValue> = {};
  for (const [name, read] of Object.entries(readers)) {
    const value = read(args);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
