// Durations, times and places as people read them on pages; the wire's own spelling stays in what they post.
import { parseDuration } from '../../base/duration.ts';
import type { Language } from '../../base/text.ts';
import { visible } from '../../base/visible.ts';
import { Html, html } from '../html.ts';

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `PT1H30M` as "1 hour 30 minutes"; anything else as it is. */
export function durationText(iso: string, language: Language): string {
  let leftMs = parseDuration(iso) ?? 0;
  const parts = units.flatMap(([unit, unitMs]) => {
    const count = Math.floor(leftMs / unitMs);
    leftMs -= count * unitMs;
    const number = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
    return count === 0 ? [] : [number.format(count)];
  });
  return parts.join(' ') || iso;
}

/** A time to the second, in UTC: nobody has told us where the reader is. */
export function timeText(iso: string, language: Language): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
    timeZoneName: 'short',
  }).format(time);
}

/** A scope, to be broken behind its slashes where it is longer than a line. */
export const placeText = (scope: string): Html =>
  html`${visible(scope)
    .split('/')
    .flatMap((part, index) => (index < 2 ? ['/'.repeat(index), part] : ['/', lineBreak, part]))}`;

const lineBreak = new Html('<wbr>');
