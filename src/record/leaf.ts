// How one audit record becomes bytes: the JSON that is hashed into the tree, and back. What may tell a person stands in it sealed.
import type { Kept } from './contents.ts';
import { contentsHash } from './contents.ts';
import type { AuditEntry, StoredEntry } from './entry.ts';
import { entryOfFirstVersion } from './first-version.ts';
import type { Subject } from './subject.ts';

/** A record on its way to the writer: a snapshot in which nothing can change any more. */
export interface PreparedEntry {
  readonly timestamp: number;
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly result: AuditEntry['result'];
  readonly correlationId: string;
  readonly server: string;
  readonly tool: string;
  readonly durationMs?: number | undefined;
  /** The leaf without its beginning, which only the writer knows. */
  readonly rest: string;
  /** Sealed contents of the call, to lie beside the log. */
  readonly contents?: string;
}

/** Members of an entry that tell nothing of a person: they stay readable, in this order. */
// prettier-ignore
const open = [
  'action', 'resource', 'result', 'correlationId', 'server', 'tool', 'effect', 'actionRequired', 'rules', 'findings',
  'moreFindings', 'durationMs', 'bytesIn', 'bytesOut', 'traceId', 'spanId',
] as const;
/** All others. */
// prettier-ignore
const personal = [
  'user', 'actor', 'client', 'details', 'sourceIP', 'userAgent', 'because', 'groups', 'approval', 'arguments', 'answer',
] as const;

// With strings and lists of this length, and details of at most 24 KiB, a leaf stays below the 65,535 bytes that an entry
// bundle of c2sp.org/tlog-tiles can hold; one that is nothing but signs which JSON has to escape is cut once more.
const maxCharacters = 1024;
const maxItems = 64;
const maxLeafBytes = 65_000;
const tight = { characters: 96, items: 4, detailsBytes: 1024 };

/** A user id as records keep it: whoever looks for the key, the records or a hold of somebody looks for this. */
export const keptUser = (user: string): string => cut(user, maxCharacters);

/**
 * Takes a snapshot of a record.
 * @param subject the person; without one, all of the record can be read by whoever has the log
 * @throws TypeError when it cannot be written as JSON
 */
export function prepareEntry(
  entry: AuditEntry,
  maxDetailsBytes: number,
  subject?: Subject,
  kept: Kept = {},
): PreparedEntry {
  if (!Number.isSafeInteger(entry.timestamp)) throw new TypeError('the timestamp of a record must be an integer');
  const prepared = encode(entry, subject, kept, maxCharacters, maxItems, maxDetailsBytes);
  // Every UTF-16 unit is at most three bytes.
  if (prepared.rest.length * 3 <= maxLeafBytes || Buffer.byteLength(prepared.rest) <= maxLeafBytes) return prepared;
  return encode(entry, subject, kept, tight.characters, tight.items, tight.detailsBytes);
}

function encode(
  entry: AuditEntry,
  subject: Subject | undefined,
  kept: Kept,
  characters: number,
  items: number,
  detailsBytes: number,
): PreparedEntry {
  const user = keptUser(entry.user);
  const encoded = (value: unknown): string => {
    if (typeof value === 'string') return JSON.stringify(cut(value, characters));
    const text = JSON.stringify(value);
    return text.length <= characters ? text : JSON.stringify(cutAll(value, characters, items));
  };
  const whole: Readonly<Record<string, unknown>> = { ...entry, arguments: kept.arguments, answer: kept.answer };
  const members = (names: readonly string[]): string => {
    let written = '';
    for (const name of names) {
      const value = whole[name];
      if (value === undefined) continue;
      let text: string;
      if (name === 'user') text = JSON.stringify(user);
      else text = name === 'details' ? encodeDetails(entry.details, detailsBytes) : encoded(value);
      written += `,"${name}":${text}`;
    }
    return written;
  };
  const correlationId = cut(entry.correlationId, characters);
  const head = subject === undefined ? '' : `,"subject":"${subject.pseudonym}"`;
  const contents = kept.sealed === undefined ? '' : `,"contents":"${contentsHash(kept.sealed)}"`;
  const hidden = members(personal);
  const own =
    subject === undefined ? hidden : `,"sealed":"${subject.seal(`{${hidden.slice(1)}}`, placeOf(correlationId))}"`;
  return {
    timestamp: entry.timestamp,
    user,
    action: cut(entry.action, characters),
    resource: cut(entry.resource, characters),
    result: entry.result,
    correlationId,
    server: cut(entry.server ?? '', characters),
    tool: cut(entry.tool ?? '', characters),
    durationMs: entry.durationMs,
    rest: `${head}${members(open)}${contents}${own}}`,
    ...(kept.sealed !== undefined && { contents: kept.sealed }),
  };
}

const placeOf = (correlationId: string): readonly string[] => ['record', correlationId];

/** Encodes the leaf of a record: JSON without white space, members always in this order. */
export const encodeLeaf = (index: number, { timestamp, rest }: PreparedEntry): Buffer =>
  Buffer.from(`{"index":${index},"v":2,"timestamp":${timestamp}${rest}`);

/** A leaf as it was written. */
export interface Leaf extends Pick<
  AuditEntry,
  'timestamp' | 'action' | 'resource' | 'result' | 'correlationId' | 'server' | 'tool'
> {
  readonly index: number;
  /** Absent in those of the first version. */
  readonly v?: number;
  readonly user?: string;
  readonly subject?: string;
  readonly sealed?: string;
  /** Hash of the sealed contents beside the log. */
  readonly contents?: string;
}

/** @throws SyntaxError if the leaf is damaged */
export const parseLeaf = (leaf: Uint8Array | string): Leaf =>
  JSON.parse(typeof leaf === 'string' ? leaf : Buffer.from(leaf).toString()) as Leaf;

/**
 * Reads a leaf.
 * @param subject the person, where their key is at hand
 * @throws SyntaxError if the leaf is damaged; Error if it was not sealed with this key
 */
export const decodeLeaf = (leaf: Uint8Array | string, subject?: Subject | 'erased'): StoredEntry =>
  entryOf(parseLeaf(leaf), subject);

/** @throws Error if it was not sealed with this key */
export function entryOf(leaf: Leaf, subject?: Subject | 'erased'): StoredEntry {
  const { v, sealed, contents: _, ...rest } = leaf;
  if (v === undefined) return entryOfFirstVersion(rest);
  if (sealed === undefined) return rest as StoredEntry;
  const { subject: pseudonym = '' } = leaf;
  if (subject === undefined || subject === 'erased' || subject.pseudonym !== pseudonym)
    return {
      user: pseudonym,
      details: {},
      sourceIP: '',
      userAgent: '',
      ...rest,
      withheld: subject === undefined ? 'no key' : 'erased',
    };
  const text = subject.open(sealed, placeOf(leaf.correlationId));
  if (text === undefined) throw new Error('it was not sealed with the key of its person');
  // What was said of it openly, after the fact, counts.
  return { ...(JSON.parse(text) as StoredEntry), ...rest };
}

/** The outcome of an intent that a crash left without one: all that was said of the intent, and that it is not known. */
export function unknownOutcome(intent: Leaf & { readonly columnUser: string }, atMs: number): PreparedEntry {
  const { index, v: _, timestamp: __, columnUser, contents: ___, ...said } = intent;
  const outcome = {
    ...said,
    result: 'unknown' as const,
    details: { reason: 'Genkan stopped before the outcome was known', intent: index },
  };
  return {
    timestamp: atMs,
    user: columnUser,
    action: said.action,
    resource: said.resource,
    result: 'unknown',
    correlationId: said.correlationId,
    server: intent.server ?? '',
    tool: intent.tool ?? '',
    rest: `,${JSON.stringify(outcome).slice(1)}`,
  };
}

function cut(value: string, characters: number): string {
  const whole = value.toWellFormed(); // SQLite could not keep a lone surrogate, and its column would differ from the leaf
  if (whole.length <= characters) return whole;
  return `${whole.slice(0, characters - 32).toWellFormed()}… (of ${whole.length} characters)`;
}

function cutAll(value: unknown, characters: number, items: number): unknown {
  if (typeof value === 'string') return cut(value, characters);
  if (Array.isArray(value)) return value.slice(0, items).map((each) => cutAll(each, characters, items));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cutAll(each, characters, items)]));
}

function encodeDetails(details: AuditEntry['details'], maxBytes: number): string {
  const encoded = JSON.stringify(details);
  if (encoded.length * 3 <= maxBytes) return encoded;
  const bytes = Buffer.byteLength(encoded);
  if (bytes <= maxBytes) return encoded;
  // Escaping what is itself JSON makes it longer, by how much depends on it.
  for (let length = maxBytes; ; length = Math.floor(length * 0.8)) {
    const notice = JSON.stringify({
      notice: `details cut: ${bytes} bytes of JSON, at most ${maxBytes} are kept`,
      beginning: encoded.slice(0, length).toWellFormed(),
    });
    if (Buffer.byteLength(notice) <= maxBytes) return notice;
  }
}
