// Everything sensitive in a text, in it as it stands and in its other readings, as stretches of the text itself.
import type { Stretch } from '../finding.ts';
import { base64, classAt, runEnd } from './characters.ts';
import { openBase64 } from './base64-layer.ts';
import type { Layer } from './base64-layer.ts';
import { findManifestSecrets } from './manifests.ts';
import { ruleGroups } from './rules.ts';
import type { Group, Hit } from './rules.ts';
import { kindOfName, mayEndName } from './secret-names.ts';
import type { NameKind } from './secret-names.ts';
import { isSecretValue } from './secret-values.ts';
import { scan } from './scanner.ts';
import { unveil } from './views.ts';

/** Base64 in base64; deeper it is not looked for. */
const maxLayers = 2;
/** `%2541`, or JSON in JSON in JSON. */
const maxViews = 2;
/** Of a line of base64 that goes on in the next: PEM has 64 characters, MIME 76. */
const leastLine = 56;

/** How far around a veiled character the other reading reaches, and how far the next blank may be where it is cut. */
const reach = 512;
const maxWord = 256;

/** @param key name of the member that the text is the value of, or '' */
export function readSensitive(text: string, key: string, layers = 0): readonly Hit[] {
  const named = kindOfMember(key);
  if (named !== undefined && isSecretValue(named, text, { quoted: true, exact: false }))
    return [{ from: 0, to: text.length, rule: named === 'password' ? 'password' : 'secret', mask: '****' }];
  const hits: Hit[] = [];
  for (const window of readAsItStands(text, key, layers, hits))
    readUnveiled(text, window, { key, layers, views: 1 }, hits);
  return hits.length < 2 ? hits : withoutOverlaps(hits);
}

interface Reading {
  readonly key: string;
  readonly layers: number;
  readonly views: number;
}

/** Reads a part of a text without its veil; what is found there stands in the text where its characters do. */
function readUnveiled(text: string, { from, to }: Stretch, reading: Reading, hits: Hit[]): void {
  const view = unveil(text.slice(from, to));
  if (view === undefined) return;
  const found: Hit[] = [];
  const veils = readAsItStands(view.text, reading.key, reading.layers, found);
  if (reading.views < maxViews)
    for (const window of veils) readUnveiled(view.text, window, { ...reading, views: reading.views + 1 }, found);
  for (const hit of found) hits.push({ ...hit, from: from + view.places[hit.from]!, to: from + view.places[hit.to]! });
}

/** @returns where the text is written in a way that another reading would undo, with what stands around it */
function readAsItStands(text: string, key: string, layers: number, hits: Hit[]): readonly Stretch[] {
  let runsFrom = 0;
  const veils: { from: number; to: number }[] = [];
  const report = (from: number, to: number, rule: Hit['rule'], mask: string): void => {
    hits.push({ from, to, rule, mask });
  };
  const onVeil = (at: number): void => {
    const last = veils.at(-1);
    if (last !== undefined && at - reach - maxWord <= last.to) last.to = at + reach;
    else veils.push({ from: at - reach, to: at + reach });
  };
  scan(text, { key, report, onRun, onVeil });
  findManifestSecrets(text, report);
  return veils.map(({ from, to }) => ({ from: blankBefore(text, from), to: blankAfter(text, to) }));

  function onRun(from: number, to: number): void {
    if (layers >= maxLayers || from < runsFrom) return;
    const end = to - from >= leastLine && (to - from) % 4 === 0 ? lastLine(text, to) : to;
    runsFrom = end;
    for (const { layer, begin, stop } of aligned(text, from, end)) {
      const inner = readSensitive(layer.text, key, layers + 1);
      if (inner.length === 0) continue;
      const padded = runEnd(text, stop, 64, stop + 2);
      hits.push({
        from: begin,
        to: padded,
        rule: gravest(inner).rule,
        mask: '****',
        inner: {
          text: layer.text,
          hits: inner,
          goesOn: text.length >= leastSlice && padded === stop && stop > text.length - 4,
          encode: (changed) => pad(layer.encode(changed), padded > stop),
        },
      });
      return;
    }
  }
}

function blankBefore(text: string, from: number): number {
  let at = Math.max(0, from);
  while (at > 0 && at > from - maxWord / 2 && text.charCodeAt(at - 1) > 32) at--;
  return at;
}

function blankAfter(text: string, to: number): number {
  let at = Math.min(text.length, to);
  while (at < text.length && at < to + maxWord / 2 && text.charCodeAt(at) > 32) at++;
  return at;
}

/** From so many characters on a text may be a slice of a longer one: what is cut there goes on elsewhere. */
const leastSlice = 32_768;

/** A slice may begin and end anywhere within four characters of base64; read from the wrong one it may look like a text, too. */
function* aligned(text: string, from: number, end: number): Generator<{ layer: Layer; begin: number; stop: number }> {
  const sliced = text.length >= leastSlice;
  for (let begin = from; begin < from + (sliced && from === 0 ? 4 : 1); begin++) {
    const stop = sliced && end === text.length ? end - ((end - begin) % 4) : end;
    const layer = openBase64(text, begin, stop);
    if (layer !== undefined) yield { layer, begin, stop };
  }
}

const kindOfMember = (key: string): NameKind | undefined =>
  key !== '' && key.length <= 64 && mayEndName(key, key.length) ? kindOfName(key) : undefined;

const pad = (encoded: string, padded: boolean): string =>
  padded ? encoded + '='.repeat((4 - (encoded.replace(/\n/g, '').length % 4)) % 4) : encoded;

function lastLine(text: string, to: number): number {
  let end = to;
  for (;;) {
    const next = text.startsWith('\r\n', end) ? end + 2 : text[end] === '\n' ? end + 1 : end;
    if (next === end || (classAt(text, next) & base64) === 0) return end;
    end = runEnd(text, next, base64);
  }
}

const weight: Record<Group, number> = { secrets: 2, numbers: 1, contacts: 0 };
const weightOf = ({ rule }: Hit): number => weight[ruleGroups[rule]];
const gravest = (hits: readonly Hit[]): Hit =>
  hits.reduce((one, other) => (weightOf(other) > weightOf(one) ? other : one));

/** Where stretches meet, one takes all: nothing of either is left, and it is called by the graver. */
function withoutOverlaps(hits: Hit[]): readonly Hit[] {
  hits.sort((one, other) => one.from - other.from || other.to - one.to);
  const apart: Hit[] = [];
  for (const hit of hits) {
    const last = apart.at(-1);
    if (last === undefined || hit.from >= last.to) apart.push(hit);
    else if (hit.from === last.from && hit.to === last.to) apart[apart.length - 1] = better(last, hit);
    else if (hit.to > last.to || weightOf(hit) > weightOf(last)) {
      const { inner, ...plain } =
        weightOf(hit) > weightOf(last) || hit.to - hit.from > last.to - last.from ? hit : last;
      const covers = plain.from <= last.from && plain.to >= Math.max(last.to, hit.to);
      apart[apart.length - 1] = covers
        ? { ...plain, inner }
        : { ...plain, from: last.from, to: Math.max(last.to, hit.to), mask: '****' };
    }
  }
  return apart;
}

const better = (one: Hit, other: Hit): Hit =>
  weightOf(other) > weightOf(one) || (one.rule === 'secret' && other.rule !== 'secret') ? other : one;
