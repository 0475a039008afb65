// What a request is for, as whoever decides reads it: all of it, or a mark where it was cut, and nothing that a browser would hide.
import type { Language } from '../../base/text.ts';
import { longestShown, readPart, shownText } from '../../base/read-details.ts';
import { visible, visibleLines } from '../../base/visible.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { ShownApproval } from './acts.ts';
import type { actionTexts } from './action-texts.ts';
import { durationText, placeText } from './shown-values.ts';

type Asked = Pick<ShownApproval, 'kind' | 'details'>;
export type Say = (key: keyof typeof actionTexts, params?: Record<string, string>) => string;

export function detailRows(asked: Asked, say: Say, language: Language): Html {
  const details = readPart(asked);
  if (asked.kind === 'call') return callRows(details, say);
  if (asked.kind !== 'policy-change') return roleRows(details, say, language);
  const { changes, ...others } = details;
  return html`${detail(say('changes'), changes)}
  ${Object.entries(others).flatMap(([name, value]) => detail(name, value))}`;
}

const effectTexts = { read: 'effectRead', write: 'effectWrite', destroy: 'effectDestroy' } as const;

const callParts = ['arguments', 'server', 'rule', 'client', 'sourceIP'] as const;

/** What is called and with what, first of all; then the rest under the names that the record has for it. */
function callRows(details: ShownApproval['details'], say: Say): Html {
  const { primitive, name, effect, ...parts } = details;
  const known = effectTexts[effect as keyof typeof effectTexts];
  const others = Object.entries(parts).filter(([part]) => !(callParts as readonly string[]).includes(part));
  return html`${detail(primitive === 'tools' ? say('tool') : String(primitive), name)}
  ${callParts.flatMap((part) => detail(say(part), parts[part]))}
  ${detail(say('effect'), known === undefined ? effect : say(known))}
  ${others.flatMap(([part, value]) => detail(part, value))}`;
}

/** What is asked for, in the reader's words. Who enforces it is said where that is not Genkan. */
function roleRows(details: ShownApproval['details'], say: Say, language: Language): Html {
  const text = (name: string): string => String(details[name] ?? '');
  return html`${row(say('role'), visible(text('role')))} ${row(say('scope'), placeText(text('scope')))}
  ${row(say('duration'), durationText(text('duration'), language))}
  ${text('enforcedBy') !== 'genkan' && html`${detail('enforcedBy', details['enforcedBy'])}`}`;
}

export const row = (label: string, value: Html | string): Html =>
  html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`;

function detail(name: string, value: unknown): Html[] {
  const text = shownText(value);
  if (text === '') return [];
  const shown = text.length > longestShown ? `${text.slice(0, longestShown)}\n…` : text;
  const isLong = shown.includes('\n') || shown.length > 80;
  return [row(visible(name), isLong ? html`<pre>${visibleLines(shown)}</pre>` : visible(shown))];
}
