// What was found in a message, as it is told: to clients, to the record, and to whatever looks at the next message.
import type { JsonObject } from '../../protocol/message.ts';
import type { Finding, FindingKind, Stretch } from '../finding.ts';
import { textWith } from './edits.ts';
import type { Seen } from './looking.ts';
import type { Part } from './parts.ts';
import type { Action } from './settings.ts';

/** A finding, and what was done. */
export interface Noted extends Finding {
  readonly action: Action | Hidden['act'];
}

/** A stretch that redaction has found. */
export interface Hidden extends Stretch {
  readonly kind: FindingKind;
  readonly rule: string;
  readonly act: 'flag' | 'redact' | 'tokenise' | 'block';
  readonly replacement: string;
}

export interface Judged extends Seen {
  readonly action: Action;
}

/** Told of one message; there may be thousands. */
const maxTold = 32;
const maxTail = 600;
/** Told of a place: what stands deeper is found from there. */
const maxPlace = 256;

export const noted = (judged: readonly Judged[]): Noted[] =>
  judged.map(({ part, from, to, score, why, action }) => {
    const [rule, at] = [why[0] ?? 'model', part.at.slice(0, maxPlace)];
    return { kind: 'injection', rule, score: Math.round(score * 1000) / 1000, at, from, to, action };
  });

export const notedOf = (hidden: ReadonlyMap<Part, readonly Hidden[]>): Noted[] =>
  [...hidden].flatMap(([{ at }, found]) =>
    found.map(({ kind, rule, from, to, act }): Noted => ({
      kind,
      rule,
      at: at.slice(0, maxPlace),
      from,
      to,
      action: act,
    })),
  );

/** What clients see: where, what and why, never the text. Positions are those of the text as its server wrote it. */
export const told = (findings: readonly Noted[], server: string): JsonObject => ({
  server,
  findings: findings.slice(0, maxTold),
  ...(findings.length > maxTold && { more: findings.length - maxTold }),
});

/** Without what was taken out or fenced: that is no beginning of anything any more. */
export function tailOf(parts: readonly Part[], judged: readonly Judged[]): string {
  const edits = Map.groupBy(
    judged.filter(({ action }) => action !== 'flag'),
    ({ part }) => part,
  );
  let tail = '';
  for (let index = parts.length - 1; index >= 0 && tail.length < maxTail; index--) {
    const part = parts[index]!;
    if (!part.flows) continue;
    const without = edits.get(part)?.map(({ from, to, action }) => ({
      ...(action === 'block' ? { from: 0, to: part.text.length } : { from, to }),
      replace: () => '',
    }));
    const text = without === undefined ? part.text : textWith(part.text, [], without);
    if (text !== '') tail = tail === '' ? text : `${text} ${tail}`;
  }
  return tail.slice(-maxTail);
}
