// The texts that the model learns from: read, put into groups of near-duplicates, and divided into three parts.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

export interface Text {
  readonly id: string;
  readonly lang: string;
  /** 1 for attacks. */
  readonly label: 0 | 1;
  readonly family: string;
  /** Who wrote it. */
  readonly source: string;
  readonly text: string;
  /** Where in the text the attack stands, where only a part of it is one. */
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

export type Part = 'train' | 'choose' | 'report';

/**
 * Whether a text teaches anything. Not in attacks whose words are those of any tool or task, which are reported and not
 * claimed; and not attacks grafted onto real tool descriptions, whose every other word is harmless.
 */
export const taught = ({ family }: Pick<Text, 'family'>): boolean =>
  family !== 'attack_taskinsert' && family !== 'tool_malcap' && family !== 'tool_poison_graft';

/** All texts, in an order that does not depend on the machine. */
export function readCorpus(folder: string): readonly Text[] {
  return [...readPublic(path.join(folder, 'public/dev.jsonl.gz')), ...readWritten(path.join(folder, 'texts'))];
}

interface Row {
  readonly id: string;
  readonly lang: string;
  readonly kind: string;
  readonly label: 0 | 1;
  readonly text: string;
  readonly source: string;
}

function readPublic(file: string): Text[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { id, lang, kind, label, text, source } = JSON.parse(line) as Row;
    return { id: String(id), lang, label, family: kind, source, text, spans: [] };
  });
}

/** Files `{lang}-{author}-{attacks|twins|ordinary}.txt`: a text a line, `@` begins a family, ⟦⟧ mark the attack. */
function readWritten(folder: string): Text[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()
    .flatMap((file) => {
      const [lang, author, sort] = path.basename(file, '.txt').split('-') as [string, string, string];
      const label = sort === 'attacks' ? 1 : 0;
      let family = '';
      return readFileSync(path.join(folder, file), 'utf8')
        .split('\n')
        .flatMap((line, index): Text[] => {
          if (line.startsWith('@ ')) family = line.slice(2).trim();
          if (line.trim() === '' || index === 0 || line.startsWith('@ ')) return [];
          const { text, spans } = unmarked(unescaped(line.replace(reserved, invented)));
          const id = `${lang}-${author}-${sort}-${index + 1}`;
          return [{ id, lang, label, family: `${sort}/${family}`, source: `${lang}-${author}`, text, spans }];
        });
    });
}

/** Invented hosts end in `.example` (RFC 2606), in attacks more often than elsewhere; the model must not learn that. */
const reserved = /([\w-]+)\.example(?:\.(?:com|net|org))?/g;
const endings = ['com', 'net', 'io', 'org', 'dev', 'co.jp', 'jp', 'kr', 'co.kr', 'tw', 'com.tw', 'cn', 'eu', 'app'];
const invented = (_: string, host: string): string => `${host}.${endings[hash(host) % endings.length]!}`;

const unescaped = (line: string): string =>
  line.replace(/\\([nt\\])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter === 't' ? '\t' : '\\'));

function unmarked(marked: string): Pick<Text, 'text' | 'spans'> {
  const spans: { from: number; to: number }[] = [];
  let text = '';
  let from: number | undefined;
  for (const character of marked) {
    if (character === '⟦') from = text.length;
    else if (character === '⟧') {
      if (from !== undefined) spans.push({ from, to: text.length });
      from = undefined;
    } else text += character;
  }
  return { text, spans };
}

/** Where a text belongs: its part, and whether it is the first of its near-duplicates, which count as one. */
export interface Place {
  readonly part: Part;
  readonly first: boolean;
}

/**
 * Divides the texts. Near-duplicates (a third of their shingles of 24 letters in common, by four min-hashes) stay on one side.
 * Attacks are few, so most of them train; of harmless texts many are needed to tell what one in a thousand does.
 */
export function divide(texts: readonly Text[]): readonly Place[] {
  const parent = texts.map((_, index) => index);
  const root = (index: number): number => (parent[index] === index ? index : (parent[index] = root(parent[index]!)));
  const met = new Map<string, number>();
  for (const [index, { text }] of texts.entries())
    for (const key of keysOf(text)) {
      const other = met.get(key);
      if (other === undefined) met.set(key, index);
      else parent[root(index)] = root(other);
    }
  return texts.map(({ label }, index) => {
    const place = hash(texts[root(index)]!.id) % 100;
    const part = place < (label === 1 ? 70 : 50) ? 'train' : place < (label === 1 ? 85 : 80) ? 'choose' : 'report';
    return { part, first: root(index) === index };
  });
}

function keysOf(text: string): string[] {
  const plain = text.toLowerCase().replace(/[\s\p{P}\p{N}]+/gu, '');
  const lowest = [Infinity, Infinity, Infinity, Infinity];
  const size = 24;
  for (let at = 0; at + size <= plain.length || at === 0; at += 1) {
    const shingle = hash(plain.slice(at, at + size));
    for (let each = 0; each < lowest.length; each++) {
      const value = Math.imul(shingle ^ (each * 0x9e3779b1), 0x85ebca6b) >>> 0;
      if (value < lowest[each]!) lowest[each] = value;
    }
  }
  return lowest.map((value, each) => `${each}:${value}`);
}

export function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return (sum ^ (sum >>> 15)) >>> 0;
}
