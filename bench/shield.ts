// How long the prompt shield takes a kilobyte, over texts as they are met: those that it was divided for, not those it learned from.
import path from 'node:path';
import { createShield } from '../src/inspect/shield/linear-shield.ts';
import { divide, readCorpus } from '../src/inspect/training/corpus.ts';

export interface ShieldFigures {
  readonly texts: number;
  /** Microseconds for each KB (1,024 bytes of UTF-8) of a text. */
  readonly p50Micros: number;
  readonly p95Micros: number;
  /** The same for one text of 64 KiB made of harmless ones. */
  readonly long64KiBMicros: number;
}

const rounds = 5;

export function measureShield(): ShieldFigures {
  const all = readCorpus(path.join(import.meta.dirname, '../src/inspect/training'));
  const places = divide(all);
  const texts = all.filter(({ text }, index) => places[index]!.part === 'report' && Buffer.byteLength(text) >= 256);
  const { scan } = createShield();
  const perKb = (text: string): number => {
    const started = performance.now();
    scan(text);
    return ((performance.now() - started) * 1000 * 1024) / Buffer.byteLength(text);
  };
  for (const { text } of texts) scan(text);
  // Of several rounds the quickest: what a text takes, not what the machine was doing meanwhile.
  const figures = texts
    .map(({ text }) => Math.min(...Array.from({ length: rounds }, () => perKb(text))))
    .sort((a, b) => a - b);
  const harmless = texts.filter(({ label }) => label === 0).map(({ text }) => text);
  const long = Buffer.from(harmless.join('\n')).subarray(0, 65_536).toString('utf8');
  const longFigures = Array.from({ length: 50 }, () => perKb(long)).sort((a, b) => a - b);
  const at = (share: number): number => Number(figures[Math.floor(figures.length * share)]!.toFixed(1));
  return {
    texts: texts.length,
    p50Micros: at(0.5),
    p95Micros: at(0.95),
    long64KiBMicros: Number(longFigures[25]!.toFixed(1)),
  };
}
