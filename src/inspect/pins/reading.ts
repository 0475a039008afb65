// Reads what a server shows before it is judged: slow where there is much of it, and so never while others wait for the database.
import { orderedAbout } from './cross-references.ts';
import type { Others } from './cross-references.ts';
import { wordsOf } from './surface.ts';
import type { Item } from './surface.ts';

export interface ReadItem {
  /** What is suspicious in it, as rules. */
  readonly rules: readonly string[];
  /** Names of other servers, or of their tools, about which it gives orders. */
  readonly names: readonly string[];
}

interface Reader {
  /** What is suspicious in a text, as rules; undefined when nothing is. */
  readonly suspects: (text: string, name: string) => readonly string[] | undefined;
  readonly own: (name: string) => boolean;
  readonly others: Others;
}

/** Characters, about a millisecond of work. */
const turn = 65_536;

export async function readThrough(
  items: readonly Item[],
  { suspects, own, others }: Reader,
): Promise<ReadonlyMap<string, ReadItem>> {
  const read = new Map<string, ReadItem>();
  let left = turn;
  const pause = async (length: number): Promise<void> => {
    if ((left -= length) > 0) return;
    left = turn;
    await new Promise(setImmediate);
  };
  for (const item of items) {
    await pause(item.text.length);
    const words = wordsOf(item);
    const names = orderedAbout(words.join('\n'), own, others);
    const rules = new Set<string>();
    for (const text of readingsOf(words)) {
      await pause(text.length + 64);
      for (const rule of suspects(text, item.name) ?? []) rules.add(rule);
    }
    read.set(item.digest, { rules: [...rules], names });
  }
  return read;
}

/** Short ones are also read together: names and titles may make a sentence. */
const sentenceLength = 40;

const readingsOf = (words: readonly string[]): ReadonlySet<string> =>
  new Set([
    ...words.filter((text) => !isOneWord(text)),
    words.filter(({ length }) => length < sentenceLength).join('\n'),
  ]);

/** As the examination has it: by itself no order. */
const isOneWord = (text: string): boolean => text.length <= 24 && /^[\x21-\x7e]*$/.test(text);
