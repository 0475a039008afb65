// One record as tables look at it: its row is at hand, its leaf is read when somebody looks at it, and what is sealed is opened last.
import type { SQLOutputValue } from 'node:sqlite';
import { GenkanError } from '../../base/errors.ts';
import type { Result, StoredEntry } from '../entry.ts';
import { entryOf, parseLeaf } from '../leaf.ts';
import type { Leaf } from '../leaf.ts';
import { isPseudonym } from '../subject.ts';
import type { Subjects } from '../subjects.ts';

/** How much of a record must be read: columns of its row, the open part of its leaf, or all of it. */
export const depths = ['row', 'open', 'sealed'] as const;
export type Depth = (typeof depths)[number];

type Said = Readonly<Partial<StoredEntry>>;

export interface Found {
  readonly index: number;
  readonly timestamp: number;
  /** In whose name it happened; a pseudonym once the person was erased. */
  readonly user: string;
  readonly action: string;
  readonly resource: string;
  readonly result: Result;
  readonly correlationId: string;
  /** What tells nothing of a person; empty before the leaf is read. */
  open: Said;
  /** All of it; empty before it is opened. */
  entry: Said;
}

export const rowColumns = 'idx, timestamp, user, action, resource, result, correlation_id';
const leafAt = 7;

const nothing: Said = {};

/** @param row the columns above */
export const foundIn = (row: readonly SQLOutputValue[]): Found => ({
  index: row[0] as number,
  timestamp: row[1] as number,
  user: row[2] as string,
  action: row[3] as string,
  resource: row[4] as string,
  result: row[5] as Result,
  correlationId: row[6] as string,
  open: nothing,
  entry: nothing,
});

export interface Opening {
  /** Reads the leaf, which comes after the columns of the row. @throws GenkanError `record_unavailable` when it is damaged */
  read(found: Found, row: readonly SQLOutputValue[]): Leaf;
  /** Opens what is sealed, at once where the key is at hand. */
  open(found: Found, leaf: Leaf): undefined | Promise<void>;
}

/** @param subjects keys of people; without them what is sealed stays so */
export function createOpening(subjects: Pick<Subjects, 'cached' | 'find'> | undefined): Opening {
  return {
    read(found, row) {
      const leaf = whole(found, () => parseLeaf(row[leafAt] as string | Uint8Array));
      found.open = leaf.v === undefined ? whole(found, () => entryOf(leaf)) : (leaf as Said);
      return leaf;
    },
    open(found, leaf) {
      const opened = (subject?: Parameters<typeof entryOf>[1]): undefined => {
        found.entry = whole(found, () => entryOf(leaf, subject));
        return undefined;
      };
      if (leaf.sealed === undefined || subjects === undefined) return opened();
      if (isPseudonym(found.user)) return opened('erased');
      const subject = subjects.cached(found.user);
      if (subject !== undefined) return opened(subject);
      return subjects.find(found.user).then((late) => opened(late ?? 'erased'));
    },
  };
}

function whole<Value>({ index }: Found, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    const detail = `record ${index} is damaged; "genkan audit verify" shows more`;
    throw new GenkanError('record_unavailable', {}, { cause, detail });
  }
}
