// Looks at texts: each by itself, where they meet also together with their neighbours, and long ones in slices between which others have their turn.
import type { Stretch } from '../finding.ts';
import type { Shield, ShieldSpan } from '../shield/shield.ts';
import type { Part } from './parts.ts';

/** Work that stops now and then, also to wait for something; whoever runs it decides whether others get a turn. */
export type Work<Value> = Generator<void | Promise<void>, Value>;

/** Runs work that is short at once, and what is not in turns with everything else. */
export function run<Value>(work: Work<Value>): Value | Promise<Value> {
  const first = work.next();
  return first.done === true ? first.value : inTurns(work, first.value);
}

async function inTurns<Value>(work: Work<Value>, first: void | Promise<void>): Promise<Value> {
  for (let stop = first; ;) {
    await (stop ?? new Promise(setImmediate));
    const step = work.next();
    if (step.done === true) return step.value;
    stop = step.value;
  }
}

/** Characters that are looked at before others have their turn: about a millisecond. */
const turn = 65_536;

/** Characters that going from one text to the next takes as long as. */
export const perText = 32;

/** Counts what was looked at since the last stop. */
export interface Pace {
  left: number;
}
export const fresh = (): Pace => ({ left: turn });

/** Stops before the next `length` characters when enough was done. */
export function* pause(pace: Pace, length: number): Work<void> {
  if (pace.left < length && pace.left < turn) {
    yield;
    pace.left = turn;
  }
  pace.left -= length;
}

/** The spans of one text, however long. */
export function* spansIn(shield: Shield, text: string, pace: Pace): Work<readonly ShieldSpan[]> {
  if (text.length <= turn) {
    if (text.length <= pace.left) pace.left -= text.length;
    else yield* pause(pace, text.length);
    return shield.scan(text).spans;
  }
  const stream = shield.stream();
  let spans: ShieldSpan[] = [];
  for (let from = 0; from < text.length;) {
    const to = wholeAt(text, from + turn);
    yield* pause(pace, to - from);
    for (const span of stream.push(text.slice(from, to)).spans) {
      if (span.from >= (spans.at(-1)?.to ?? 0)) spans.push(span);
      else spans = together(spans, span);
    }
    from = to;
  }
  return spans;
}

/** A span is told again when it grew. */
function together(spans: readonly ShieldSpan[], span: ShieldSpan): ShieldSpan[] {
  const touching = spans.filter((each) => each.from < span.to && span.from < each.to);
  if (touching.length === 0) return [...spans, span];
  const all = [...touching, span];
  const strongest = all.reduce((one, other) => (other.score > one.score ? other : one));
  const from = Math.min(...all.map((each) => each.from));
  const to = Math.max(...all.map((each) => each.to));
  return [...spans.filter((each) => !touching.includes(each)), { ...strongest, from, to }];
}

/** What a linear search finds in one text, however long: in slices that overlap by as much as one find may be long. */
export function* findIn<Found extends Stretch>(
  find: (slice: string) => readonly Found[],
  text: string,
  pace: Pace,
): Work<Found[]> {
  const found: Found[] = [];
  for (let from = 0; from < text.length || from === 0;) {
    const to = wholeAt(text, from + turn);
    const end = wholeAt(text, to + longestFind);
    const slice = from === 0 && end === text.length ? text : text.slice(from, end);
    const isLast = end === text.length;
    yield* pause(pace, slice.length);
    let next = to;
    for (const each of find(slice)) {
      if (!isLast && from + each.from >= to) break; // the next slice finds it, whole
      found.push({ ...each, from: from + each.from, to: from + each.to });
      next = Math.max(next, from + each.to);
    }
    if (isLast) break;
    from = next;
  }
  return found;
}

/** A private key of 4096 bits, armoured, with room. */
const longestFind = 8192;

/** A position at which no surrogate pair is cut. */
export function wholeAt(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}

export interface Seen extends ShieldSpan {
  readonly part: Part;
  /** It begins or ends in another text. */
  readonly across?: true;
  /** A judge says so, and not the shield. */
  readonly byJudge?: true;
}

/**
 * Everything that the shield finds in these texts. An order that is cut into pieces over several texts that stand beside each
 * other is found where they are read together.
 * @param before what was said before them, in another message
 */
export function* look(shield: Shield, parts: readonly Part[], pace: Pace, before = ''): Work<Seen[]> {
  const seen: Seen[] = [];
  const names = new Map<string, readonly ShieldSpan[]>(); // the same ones stand in every row of a table
  for (const part of parts) {
    if ((pace.left -= perText) < 0) yield* pause(pace, 0);
    if (isOneWord(part.text)) continue;
    const spans = (part.isName && names.get(part.text)) || (yield* spansIn(shield, part.text, pace));
    if (part.isName) names.set(part.text, spans);
    for (const span of spans) seen.push({ ...span, part });
  }
  const known = Map.groupBy(seen, ({ part }) => part);
  for (const pieces of runsOf(parts, before !== '')) {
    const length = pieces.reduce((sum, { text }) => sum + text.length, before.length);
    for (const glue of length <= most ? [' ', ''] : [' ']) {
      yield* pause(pace, 0);
      let text = before;
      const placed = pieces.map((piece) => {
        if (text !== '') text += glue;
        const from = text.length;
        text += piece.text;
        return { ...piece, from, to: text.length };
      });
      for (const span of yield* spansIn(shield, text, pace)) {
        if ((pace.left -= perText) < 0) yield* pause(pace, 0);
        const touched = touching(placed, span);
        const across = touched.length > 1 || span.from < before.length;
        for (const { part, offset, from, to } of across ? touched : []) {
          // A name cannot be fenced, so all of it would go; the words beside it can.
          if (part.isName && span.score < shield.thresholds.block) continue;
          const stretch = {
            from: offset + Math.max(span.from, from) - from,
            to: offset + Math.min(span.to, to) - from,
          };
          const own = known.get(part) ?? [];
          if (own.some((each) => each.from < stretch.to && stretch.from < each.to && each.score >= span.score))
            continue;
          const found: Seen = { ...span, ...stretch, part, across: true };
          seen.push(found);
          known.set(part, [...own, found]);
        }
      }
    }
  }
  return seen;
}

/** Those of ordered pieces that a span touches. */
function touching<Each extends Stretch>(pieces: readonly Each[], span: Stretch): readonly Each[] {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pieces[middle]!.to > span.from) high = middle;
    else low = middle + 1;
  }
  let end = low;
  while (end < pieces.length && pieces[end]!.from < span.to) end++;
  return pieces.slice(low, end);
}

/** Where a text meets its neighbours: all of a small one, the ends of a long one. */
interface Piece {
  readonly part: Part;
  readonly offset: number;
  readonly text: string;
}

/** Texts that follow each other and fall by the same blow. */
function* runsOf(parts: readonly Part[], alone: boolean): Generator<Piece[]> {
  let run: Piece[] = [];
  let last: Part | undefined;
  const isRun = (): boolean => run.length > 1 || (alone && run.length === 1);
  for (const part of parts) {
    if (!part.flows) continue; // what only programs read stands between nothing
    if (last !== undefined && !isBeside(last, part)) {
      if (isRun()) yield run;
      run = [];
    }
    last = part;
    const { text } = part;
    if (text.length <= small) {
      run.push({ part, offset: 0, text });
      continue;
    }
    run.push({ part, offset: 0, text: text.slice(0, wholeAt(text, small)) });
    if (isRun()) yield run;
    const offset = wholeAt(text, text.length - small);
    run = [{ part, offset, text: text.slice(offset) }];
  }
  if (isRun()) yield run;
}

export const isBeside = (one: Part, other: Part): boolean =>
  one.direction === other.direction &&
  one.unit.kind === other.unit.kind &&
  (one.unit.kind !== 'item' || other.unit.kind !== 'item' || one.unit.at === other.unit.at);

/** So much of an order is looked for on either side of a seam. */
const small = 600;
/** Also read without blanks between them: an order cut in the middle of its words. */
const most = 16_384;
/** By itself no order, encoded or not. */
export const isOneWord = (text: string): boolean => text.length <= 24 && /^[\x21-\x7e]*$/.test(text);
