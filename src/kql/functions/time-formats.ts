// `format_datetime` and `format_timespan`, and moments on the clocks of time zones.
import type { Bound } from '../bound.ts';
import { isConstant, typeProblem } from '../nodes.ts';
import { toTicks } from '../read-value.ts';
import { pad, secondsAndTicks } from '../write-value.ts';
import { moment } from './conversions.ts';
import { define, prepare } from './define.ts';
import type { Binder } from './define.ts';

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ticks: number;
}

type Write = (parts: Parts) => string;

const fraction = ({ ticks }: Parts, digits: number): string => pad(ticks, 7).slice(0, digits);
function withoutZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}
const twelve = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);

/** By letter and how often it stands there (documentation of `format_datetime`). */
function datetimeElement(letter: string, count: number): Write | undefined {
  switch (letter) {
    case 'd':
      return count <= 2 ? ({ day }) => pad(day, count) : undefined;
    case 'M':
      return count <= 2 ? ({ month }) => pad(month, count) : undefined;
    case 'y':
      if (count <= 2) return ({ year }) => pad(year % 100, count);
      return count === 4 ? ({ year }) => pad(year, 4) : undefined;
    case 'h':
      return count <= 2 ? ({ hour }) => pad(twelve(hour), count) : undefined;
    case 't':
      return count === 2 ? ({ hour }) => (hour < 12 ? 'AM' : 'PM') : undefined;
    default:
      return clockElement(letter, count);
  }
}

function timespanElement(letter: string, count: number): Write | undefined {
  if (letter === 'd') return count <= 8 ? ({ day }) => pad(day, count) : undefined;
  if (letter === 'h') return clockElement('H', count);
  return clockElement(letter, count);
}

function clockElement(letter: string, count: number): Write | undefined {
  if (letter === 'f') return count <= 7 ? (parts) => fraction(parts, count) : undefined;
  if (letter === 'F') return count <= 7 ? (parts) => withoutZeros(fraction(parts, count)) : undefined;
  if (count > 2) return undefined;
  if (letter === 'H') return ({ hour }) => pad(hour, count);
  if (letter === 'm') return ({ minute }) => pad(minute, count);
  return letter === 's' ? ({ second }) => pad(second, count) : undefined;
}

/** `T` and `Z` stand for themselves, so that ISO 8601 can be written. */
const delimiters = new Set(' /-:,._[]TZ'.split(''));

function writer(name: string, part: Bound, element: (letter: string, count: number) => Write | undefined): Write {
  const format = isConstant(part) ? (part.value as string) : '';
  const writes = Array.from(format.matchAll(/(.)\1*/gsu), ([run, letter]): Write => {
    if (delimiters.has(letter!)) return () => run;
    const write = element(letter!, run.length);
    if (write === undefined) throw typeProblem(`${name}() knows no '${run}'`, part);
    return write;
  });
  return (parts) => writes.map((write) => write(parts)).join('');
}

function partsOf(ms: number): Parts {
  const { seconds, ticks } = secondsAndTicks(ms);
  const date = new Date(seconds * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    ticks,
  };
}

function spanParts(ms: number): Parts {
  const all = Math.round(toTicks(Math.abs(ms)) * 10_000);
  const seconds = Math.floor(all / 10_000_000);
  return {
    year: 0,
    month: 0,
    day: Math.floor(seconds / 86_400),
    hour: Math.floor(seconds / 3600) % 24,
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    ticks: all % 10_000_000,
  };
}

const formatter = (type: 'datetime' | 'timespan'): Binder => {
  const [element, parts] = type === 'datetime' ? [datetimeElement, partsOf] : [timespanElement, spanParts];
  return prepare(`${type}, string!`, 'string', ([, format]) => {
    const write = writer(`format_${type}`, format!, element);
    return (ms: number) => write(parts(ms));
  });
};

/** How far a zone's clocks are ahead of UTC at a moment; undefined for what is no zone. */
function offsetMs(zone: string, ms: number): number | undefined {
  const format = formatOf(zone);
  if (format === undefined) return undefined;
  const at = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const local = Date.UTC(
    at.get('year')!,
    at.get('month')! - 1,
    at.get('day'),
    at.get('hour'),
    at.get('minute'),
    at.get('second'),
  );
  return local - Math.floor(ms / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>();
const maxZones = 64;

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(zone)) return formats.get(zone);
  if (formats.size >= maxZones) formats.clear();
  let format: Intl.DateTimeFormat | undefined;
  try {
    const numeric = 'numeric';
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
  } catch {
    format = undefined;
  }
  formats.set(zone, format);
  return format;
}

function toLocal(ms: number, zone: string): number | null {
  const offset = offsetMs(zone, ms);
  return offset === undefined ? null : moment(ms + offset);
}

/** An hour that clocks show twice is the first one; one that they pass over is read with the offset after the change. */
function toUtc(ms: number, zone: string): number | null {
  const before = offsetMs(zone, ms - 86_400_000);
  const after = offsetMs(zone, ms + 86_400_000);
  if (before === undefined || after === undefined) return null;
  return moment(ms - (offsetMs(zone, ms - before) === before ? before : after));
}

export const timeFormats: readonly (readonly [string, Binder])[] = [
  ['format_datetime', formatter('datetime')],
  ['format_timespan', formatter('timespan')],
  ['datetime_utc_to_local', define('datetime, string', 'datetime', toLocal)],
  ['datetime_local_to_utc', define('datetime, string', 'datetime', toUtc)],
];
