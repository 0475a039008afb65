// How one audit record becomes bytes: the canonical JSON that is hashed into the tree, and back.
import type { AuditEntry, StoredEntry } from './entry.ts';

/** A record on its way to the writer: a snapshot in which nothing can change any more. */
export type PreparedEntry = Omit<AuditEntry, 'details'> & {
  /** Details as JSON, already cut to size. */
  readonly details: string;
};

// With six such strings of at most six bytes a character in JSON, and details of at most 24 KiB, a leaf stays below
// the 65,535 bytes that an entry bundle of c2sp.org/tlog-tiles can hold.
const maxCharacters = 1024;

/**
 * Takes a snapshot of a record.
 * @throws TypeError when it cannot be written as JSON
 */
export function prepareEntry(entry: AuditEntry, maxDetailsBytes: number): PreparedEntry {
  if (!Number.isSafeInteger(entry.timestamp)) throw new TypeError('the timestamp of a record must be an integer');
  return {
    timestamp: entry.timestamp,
    user: cut(entry.user),
    action: cut(entry.action),
    resource: cut(entry.resource),
    result: entry.result,
    details: encodeDetails(entry.details, maxDetailsBytes),
    correlationId: cut(entry.correlationId),
    sourceIP: cut(entry.sourceIP),
    userAgent: cut(entry.userAgent),
  };
}

/** Encodes the leaf of a record: JSON without white space, members always in this order. */
export function encodeLeaf(index: number, entry: PreparedEntry): Buffer {
  const text = JSON.stringify;
  return Buffer.from(
    `{"index":${index},"timestamp":${entry.timestamp},"user":${text(entry.user)},"action":${text(entry.action)},` +
      `"resource":${text(entry.resource)},"result":${text(entry.result)},"details":${entry.details},` +
      `"correlationId":${text(entry.correlationId)},"sourceIP":${text(entry.sourceIP)},` +
      `"userAgent":${text(entry.userAgent)}}`,
  );
}

/** @throws SyntaxError if the leaf is damaged */
export const decodeLeaf = (leaf: Uint8Array | string): StoredEntry =>
  JSON.parse(typeof leaf === 'string' ? leaf : Buffer.from(leaf).toString()) as StoredEntry;

function cut(value: string): string {
  const whole = value.toWellFormed(); // SQLite could not keep a lone surrogate, and its column would differ from the leaf
  if (whole.length <= maxCharacters) return whole;
  return `${whole.slice(0, maxCharacters - 32).toWellFormed()}… (of ${whole.length} characters)`;
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
