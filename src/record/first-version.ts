// Records of the first version: nothing of them is sealed, and what has members of its own since then stood in their details.
import type { AuditEntry, StoredEntry } from './entry.ts';

type Mutable<T> = { -readonly [Member in keyof T]: T[Member] };

/** Members that had the same names among the details. */
// prettier-ignore
const alike = [
  'server', 'effect', 'because', 'groups', 'rules', 'findings', 'moreFindings', 'durationMs', 'bytesIn', 'bytesOut',
] as const;

/** Reads a leaf of the first version as a record of today. Its bytes stay as they were hashed. */
export function entryOfFirstVersion(leaf: unknown): StoredEntry {
  const { details, ...entry } = leaf as Mutable<StoredEntry>;
  const { person, client, actors, approval, approvedBy, requires, ...more } = details as Readonly<
    Record<string, never>
  >;
  const moved: Mutable<Partial<AuditEntry>> = {};
  if (person !== undefined || actors !== undefined) moved.actor = { name: person, act: actors };
  if (client !== undefined) moved.client = client;
  if (requires !== undefined) moved.actionRequired = requires;
  if (typeof approval === 'string') moved.approval = { id: approval, by: approvedBy };
  const left: Record<string, unknown> = { ...more };
  for (const name of alike) {
    if (left[name] === undefined || (name === 'server' && typeof left[name] !== 'string')) continue;
    Object.assign(moved, { [name]: left[name] });
    delete left[name];
  }
  return { ...entry, ...moved, details: left };
}
