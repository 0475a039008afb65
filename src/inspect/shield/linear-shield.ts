// The prompt shield itself: a window slides over the text, and its worst places are told with what speaks for them.
import { Features, ideaNames } from './features.ts';
import { Found } from './found.ts';
import type { Place } from './found.ts';
import { layersOf } from './layers.ts';
import type { Hints, Layer } from './layers.ts';
import { readModel } from './model.ts';
import type { Model } from './model.ts';
import { plainText } from './plain-text.ts';
import { sentenceAround } from './sentence.ts';
import type { Shield, ShieldScan } from './shield.ts';
import { maxSlice, Units } from './units.ts';
import { Weigher } from './weigher.ts';
import { chanceOf, logOddsOf, scaleOf, windows } from './windows.ts';

/** What two neighbouring slices have in common: more than a window of ordinary words. */
const overlap = 1024;

/** So few words order nobody about: "Echo: hello". */
const fewestUnits = 5;

/** Characters that nobody sees spell something: reason enough to look twice, and more so if it reads like an order. */
const hiddenLogOdds = 6;
const fewestHidden = 8;

export function createShield(model: Model = readModel()): Shield {
  const { slots, step, biases, thresholds } = model;
  const least = Math.max(...biases);
  const floor = logOddsOf(thresholds.spotlight);
  const units = new Units();
  const features = new Features();
  const weigher = new Weigher(slots);
  const { sums } = weigher;

  /**
   * Reads one slice. What is found is told at `offset` behind its place, or at the place of the run that it was decoded from.
   * @returns what hints at text in other clothes, wherever in the slice
   */
  function read(slice: string, offset: number, found: Found, decoded?: Layer): Hints {
    if (units.read(slice)) {
      weigh(slice, undefined, offset, found, decoded);
      return { longest: units.longest, single: units.single, coded: units.coded };
    }
    const { text, origin, hidden } = plainText(slice);
    if (hidden.length >= fewestHidden) readHidden(hidden, slice, offset, found);
    const hints = { longest: 0, single: 0, coded: 0 };
    for (const from of slicesOf(text)) {
      const part = text.slice(from, from + maxSlice); // rewriting may have made it longer
      units.read(part);
      hints.longest = Math.max(hints.longest, units.longest);
      hints.single = Math.max(hints.single, units.single);
      hints.coded += units.coded;
      weigh(part, origin.subarray(from), offset, found, decoded);
    }
    return hints;
  }

  /** Weighs what the units have read: `text`, whose characters come from `origin` where it was rewritten. */
  function weigh(
    text: string,
    origin: Uint32Array | undefined,
    offset: number,
    found: Found,
    decoded: Layer | undefined,
  ): void {
    features.extract(units);
    weigher.weigh(features, units.count);
    for (const [size, length] of windows.entries()) slide(length, biases[size]!, text, origin, offset, found, decoded);
  }

  function slide(
    length: number,
    bias: number,
    text: string,
    origin: Uint32Array | undefined,
    offset: number,
    found: Found,
    decoded: Layer | undefined,
  ): void {
    const { count } = units;
    if (count < fewestUnits) return;
    // Window after window finds the same place, or the next part of it.
    let run: { from: number; to: number; logOdds: number } | undefined;
    const tell = (): void => {
      if (run !== undefined) found.add(placeOf(run.from, run.to, run.logOdds, text, offset, origin, decoded));
      run = undefined;
    };
    const span = Math.min(length, count);
    const scale = step * scaleOf(span);
    const needed = (floor - bias) / scale;
    const most = heaviestWindow(sums, span, count);
    found.best = Math.max(found.best, most * scale + bias);
    if (most < needed) return; // as in most slices
    for (let stop = span; stop <= count; stop++) {
      const sum = sums[stop]! - sums[stop - span]!;
      if (sum < needed) continue;
      const [from, to] = heaviest(stop - span, stop - 1);
      if (run !== undefined && (from > run.to + 1 || to < run.from - 1)) tell();
      run ??= { from, to, logOdds: -Infinity };
      run.from = Math.min(run.from, from);
      run.to = Math.max(run.to, to);
      run.logOdds = Math.max(run.logOdds, sum * scale + bias);
    }
    tell();
  }

  function placeOf(
    from: number,
    to: number,
    logOdds: number,
    text: string,
    offset: number,
    origin: Uint32Array | undefined,
    decoded: Layer | undefined,
  ): Place {
    const why = new Map<string, number>(decoded === undefined ? [] : [[decoded.as, Infinity]]);
    for (let unit = from; unit <= to; unit++) {
      const idea = features.idea[unit]!;
      const worth = sums[unit + 1]! - sums[unit]!;
      if (idea !== 0 && worth > 0) why.set(ideaNames[idea]!, Math.max(worth, why.get(ideaNames[idea]!) ?? 0));
    }
    if (decoded !== undefined) return { from: decoded.from, to: decoded.to, logOdds, why };
    const sentence = sentenceAround(text, units.from[from]!, units.to[to]!);
    const at = (position: number): number => offset + (origin?.[position] ?? position);
    return { from: at(sentence.from), to: at(sentence.to), logOdds, why };
  }

  /** The part of a window that speaks for it most (Kadane's maximum sum). */
  function heaviest(first: number, last: number): readonly [number, number] {
    let best: readonly [number, number] = [first, last];
    let most = -Infinity;
    let begin = first;
    for (let unit = first; unit <= last; unit++) {
      if (sums[unit]! <= sums[begin]!) begin = unit;
      if (sums[unit + 1]! - sums[begin]! > most) [most, best] = [sums[unit + 1]! - sums[begin]!, [begin, unit]];
    }
    return best;
  }

  function readHidden(said: string, given: string, offset: number, found: Found): void {
    const inner = new Found(least);
    read(said.slice(0, maxSlice), 0, inner);
    const logOdds = Math.max(inner.best, 0) + hiddenLogOdds;
    const why = new Map([...inner.reasons(), ['hidden-text', Infinity] as const]);
    for (const { index, 0: run } of given.matchAll(tagCharacters))
      found.add({ from: offset + index, to: offset + index + run.length, logOdds, why });
  }

  function scan(text: string): ShieldScan {
    const found = new Found(least);
    for (const from of slicesOf(text)) {
      const slice = text.slice(from, from + maxSlice);
      for (const layer of layersOf(slice, read(slice, from, found))) {
        const decoded = { ...layer, from: from + layer.from, to: from + layer.to };
        for (const at of slicesOf(layer.text)) read(layer.text.slice(at, at + maxSlice), 0, found, decoded);
      }
    }
    return { score: chanceOf(found.best), spans: found.spans() };
  }

  return {
    thresholds,
    scan,
    stream() {
      let tail = '';
      let pushed = 0; // length of all parts
      let told = 0; // where the last span ended
      return {
        push(part) {
          const text = tail + part;
          const offset = pushed - tail.length;
          pushed += part.length;
          tail = text.slice(-overlap);
          const { score, spans } = scan(text);
          const fresh = spans
            .map((span) => ({ ...span, from: span.from + offset, to: span.to + offset }))
            .filter(({ to }) => to > told);
          told = Math.max(told, fresh.at(-1)?.to ?? 0);
          return { score, spans: fresh };
        },
      };
    },
  };
}

function heaviestWindow(sums: Int32Array, span: number, count: number): number {
  let most = sums[span]! - sums[0]!;
  for (let stop = span + 1; stop <= count; stop++) {
    const sum = (sums[stop]! - sums[stop - span]!) | 0;
    if (sum > most) most = sum;
  }
  return most;
}

/** Where the slices of a text begin. */
function* slicesOf(text: string): Generator<number> {
  yield 0;
  for (let from = maxSlice - overlap; from + overlap < text.length; from += maxSlice - overlap) yield from;
}

const tagCharacters = /[\u{e0000}-\u{e0fff}]+/gu;
