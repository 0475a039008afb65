// The prompt shield itself: a window slides over the text, and its worst places are told with what speaks for them.
import { Features, ideaNames } from './features.ts';
import { layersOf } from './layers.ts';
import type { Model } from './model.ts';
import { readModel } from './model.ts';
import { plainText } from './plain-text.ts';
import type { Shield, ShieldScan, ShieldSpan } from './shield.ts';
import { maxSlice, Units } from './units.ts';
import { chanceOf, scaleOf, windowUnits } from './windows.ts';

/** What two neighbouring slices have in common: more than the longest window of ordinary words. */
const overlap = 1024;

/** Characters that nobody sees spell something: that alone is reason enough to look twice, and more so if it reads like an order. */
const hiddenLogOdds = 3;
const fewestHidden = 8;

export function createShield(model: Model = readModel()): Shield {
  const { weights, step, bias, thresholds } = model;
  const units = new Units();
  const features = new Features();
  const sums = new Int32Array(maxSlice + 1);
  const floor = Math.log(thresholds.spotlight / (1 - thresholds.spotlight));

  interface Found {
    best: number;
    readonly spans: { from: number; to: number; best: number; why: Map<string, number> }[];
  }

  /** One slice; positions of what is found are moved by `offset`. */
  function read(given: string, offset: number, found: Found, place?: { from: number; to: number; as: string }): void {
    let origin: Uint32Array | undefined;
    let text = given;
    if (!units.read(text)) {
      const plain = plainText(text);
      text = plain.text.slice(0, maxSlice); // ligatures grow; what is cut off here is in the next slice
      origin = plain.origin;
      units.read(text);
      if (plain.hidden.length >= fewestHidden) hidden(plain.hidden, given, offset, found);
      units.read(text); // what was hidden has been read with the same arrays
    }
    features.extract(units);
    const { count } = units;
    const { end, place: places } = features;
    let sum = 0;
    for (let unit = 0, at = 0; unit < count; unit++) {
      for (const stop = end[unit]!; at < stop; at++) sum += weights[places[at]!]!;
      sums[unit + 1] = sum;
    }
    const shortest = Math.min(windowUnits, count);
    for (let last = shortest - 1; last < count; last++) {
      const first = Math.max(0, last + 1 - windowUnits);
      const size = end[last]! - (first === 0 ? 0 : end[first - 1]!);
      const logOdds = (sums[last + 1]! - sums[first]!) * step * scaleOf(size) + bias;
      if (logOdds > found.best) found.best = logOdds;
      if (logOdds >= floor) note(found, logOdds, first, last, offset, origin, place);
    }
  }

  function note(
    { spans }: Found,
    logOdds: number,
    first: number,
    last: number,
    offset: number,
    origin: Uint32Array | undefined,
    place: { from: number; to: number; as: string } | undefined,
  ): void {
    // What speaks against it at the edges is not part of it.
    while (first < last && sums[first + 1]! <= sums[first]!) first++;
    while (last > first && sums[last + 1]! <= sums[last]!) last--;
    const at = (position: number): number => offset + (origin?.[position] ?? position);
    const from = place?.from ?? at(units.from[first]!);
    const to = place?.to ?? at(units.to[last]!);
    let span = spans.at(-1);
    if (span === undefined || from > span.to || to < span.from) {
      span = { from, to, best: logOdds, why: new Map() };
      spans.push(span);
    } else {
      span.from = Math.min(span.from, from);
      span.to = Math.max(span.to, to);
      span.best = Math.max(span.best, logOdds);
    }
    if (place !== undefined) span.why.set(place.as, Infinity);
    for (let unit = first; unit <= last; unit++) {
      const idea = features.idea[unit]!;
      if (idea === 0) continue;
      const worth = sums[unit + 1]! - sums[unit]!;
      const name = ideaNames[idea]!;
      if (worth > 0) span.why.set(name, Math.max(span.why.get(name) ?? 0, worth));
    }
  }

  function hidden(said: string, given: string, offset: number, found: Found): void {
    const inner: Found = { best: bias, spans: [] };
    read(said, 0, inner);
    const logOdds = Math.max(inner.best, 0) + hiddenLogOdds;
    const from = given.search(/\udb40[\udc00-\udfff]/);
    found.best = Math.max(found.best, logOdds);
    found.spans.push({
      from: offset + from,
      to:
        offset +
        given.length -
        [...given]
          .reverse()
          .join('')
          .search(/[\udc00-\udfff]/),
      best: logOdds,
      why: new Map([['hidden-text', Infinity], ...inner.spans.flatMap(({ why }) => [...why])]),
    });
  }

  function scan(text: string): ShieldScan {
    const found: Found = { best: bias, spans: [] };
    for (let from = 0; from === 0 || from + overlap < text.length; from += maxSlice - overlap) {
      const slice = text.length <= maxSlice ? text : text.slice(from, from + maxSlice);
      read(slice, from, found);
      const { longest, single, coded } = units;
      for (const layer of layersOf(slice, { longest, single, coded })) {
        const place = { from: from + layer.from, to: from + layer.to, as: layer.as };
        for (let at = 0; at === 0 || at + overlap < layer.text.length; at += maxSlice - overlap)
          read(layer.text.slice(at, at + maxSlice), 0, found, place);
      }
    }
    return { score: chanceOf(found.best), spans: inOrder(found.spans) };
  }

  const inOrder = (spans: Found['spans']): ShieldSpan[] => {
    const told: { from: number; to: number; best: number; why: Map<string, number> }[] = [];
    for (const span of [...spans].sort((a, b) => a.from - b.from)) {
      const before = told.at(-1);
      if (before === undefined || span.from >= before.to) told.push(span);
      else {
        before.to = Math.max(before.to, span.to);
        before.best = Math.max(before.best, span.best);
        for (const [name, worth] of span.why) before.why.set(name, Math.max(worth, before.why.get(name) ?? 0));
      }
    }
    return told.map(({ from, to, best, why }) => ({ from, to, score: chanceOf(best), why: strongest(why) }));
  };

  return {
    thresholds,
    scan,
    stream() {
      let tail = '';
      let before = 0; // length of all that was pushed
      let told = 0; // where the last span ended
      return {
        push(part) {
          const text = tail + part;
          const offset = before - tail.length;
          before += part.length;
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

const mostReasons = 4;

const strongest = (why: ReadonlyMap<string, number>): string[] =>
  [...why]
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostReasons)
    .map(([name]) => name);
