// Functions of moments and lengths of time: parts of them, their beginnings and ends, differences in calendar units.
import { constant, isConstant, typeProblem } from '../nodes.ts';
import type { Bound } from '../bound.ts';
import { dateMs, toTicks } from '../read-value.ts';
import type { Value } from '../values.ts';
import { justBefore, secondsAndTicks } from '../write-value.ts';
import { convert, moment } from './conversions.ts';
import { define, prepare, wrongCount } from './define.ts';
import type { Binder } from './define.ts';

export const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;

const year = (ms: number): number => new Date(ms).getUTCFullYear();
const month = (ms: number): number => new Date(ms).getUTCMonth();
const dayOf = (ms: number): number => Math.floor(ms / dayMs);
/** 1970-01-01 was a Thursday; weeks begin on Sundays. */
const weekday = (ms: number): number => modulo(dayOf(ms) + 4, 7);
const modulo = (value: number, by: number): number => ((value % by) + by) % by;

/** The first day of a month counted from January of a year; null outside of the calendar. */
function monthStart(years: number, months: number): number | null {
  const sum = years * 12 + months;
  return dateMs(Math.floor(sum / 12), modulo(sum, 12) + 1, 1);
}

type Start = (ms: number, offset?: number) => number | null;
const starts: Record<'day' | 'week' | 'month' | 'year', Start> = {
  day: (ms, offset = 0) => moment((dayOf(ms) + offset) * dayMs),
  week: (ms, offset = 0) => moment((dayOf(ms) - weekday(ms) + 7 * offset) * dayMs),
  month: (ms, offset = 0) => monthStart(year(ms), month(ms) + offset),
  year: (ms, offset = 0) => monthStart(year(ms) + offset, 0),
};

/** The last tick before the next one begins. */
function endOf(start: Start): Start {
  return (ms, offset = 0) => {
    const next = start(ms, offset + 1);
    return next === null ? null : moment(justBefore(next));
  };
}

/** ISO 8601: the week belongs to the year in which its Thursday lies. */
function weekOfYear(ms: number): number {
  const thursday = (dayOf(ms) - modulo(weekday(ms) - 1, 7) + 3) * dayMs;
  return Math.floor((dayOf(thursday) - dayOf(dateMs(year(thursday), 1, 1)!)) / 7) + 1;
}

const dayOfYear = (ms: number): number => dayOf(ms) - dayOf(dateMs(year(ms), 1, 1)!) + 1;

const parts: ReadonlyMap<string, (ms: number) => number> = new Map<string, (ms: number) => number>([
  ['year', year],
  ['quarter', (ms) => Math.floor(month(ms) / 3) + 1],
  ['month', (ms) => month(ms) + 1],
  ['week_of_year', weekOfYear],
  ['weekofyear', weekOfYear],
  ['day', (ms) => new Date(ms).getUTCDate()],
  ['dayofyear', dayOfYear],
  ['hour', (ms) => modulo(Math.floor(ms / hourMs), 24)],
  ['minute', (ms) => modulo(Math.floor(ms / minuteMs), 60)],
  ['second', (ms) => modulo(Math.floor(ms / 1000), 60)],
  ['millisecond', (ms) => Math.floor(secondsAndTicks(ms).ticks / 10_000)],
  ['microsecond', (ms) => Math.floor(secondsAndTicks(ms).ticks / 10)],
  ['nanosecond', (ms) => secondsAndTicks(ms).ticks * 100],
]);

/** How many boundaries of a unit lie between two moments. */
const counts: ReadonlyMap<string, (ms: number) => number> = new Map<string, (ms: number) => number>([
  ['year', year],
  ['quarter', (ms) => year(ms) * 4 + Math.floor(month(ms) / 3)],
  ['month', (ms) => year(ms) * 12 + month(ms)],
  ['week', (ms) => Math.floor((dayOf(ms) + 4) / 7)],
  ['day', dayOf],
  ['hour', (ms) => Math.floor(ms / hourMs)],
  ['minute', (ms) => Math.floor(ms / minuteMs)],
  ['second', (ms) => Math.floor(ms / 1000)],
  ['millisecond', (ms) => Math.floor(ticks(ms) / 10_000)],
  ['microsecond', (ms) => Math.floor(ticks(ms) / 10)],
]);

const ticks = (ms: number): number => {
  const { seconds, ticks: rest } = secondsAndTicks(ms);
  return seconds * 10_000_000 + rest;
};

function unitAmong<T>(name: string, part: Bound, known: ReadonlyMap<string, T>, extra?: string): string {
  const unit = isConstant(part) && typeof part.value === 'string' ? part.value.toLowerCase() : '';
  if (known.has(unit) || unit === extra) return unit;
  throw typeProblem(
    `${name}() takes one of ${[...known.keys(), ...(extra ? [extra] : [])].join(', ')} as its first argument`,
    part,
  );
}

const datetimePart: Binder = prepare('string!, datetime', 'int', ([part]) => {
  const compute = parts.get(unitAmong('datetime_part', part!, parts))!;
  return (_: string, ms: number) => compute(ms);
});

const datetimeDiff: Binder = prepare('string!, datetime, datetime', 'long', ([part]) => {
  const unit = unitAmong('datetime_diff', part!, counts, 'nanosecond');
  if (unit === 'nanosecond') return (_: string, a: number, b: number) => Math.round(toTicks(a - b) * 10_000) * 100;
  const count = counts.get(unit)!;
  return (_: string, a: number, b: number) => count(a) - count(b);
});

const lengths: ReadonlyMap<string, number> = new Map([
  ['week', 7 * dayMs],
  ['day', dayMs],
  ['hour', hourMs],
  ['minute', minuteMs],
  ['second', 1000],
  ['millisecond', 1],
  ['microsecond', 1 / 1000],
  ['nanosecond', 1 / 1_000_000],
  ['year', 0],
  ['quarter', 0],
  ['month', 0],
]);
const monthsOf: ReadonlyMap<string, number> = new Map([
  ['year', 12],
  ['quarter', 3],
  ['month', 1],
]);

/** The same day in another month, or its last day where there is none. */
function addMonths(ms: number, count: number): number | null {
  const start = monthStart(year(ms), month(ms) + count);
  const next = monthStart(year(ms), month(ms) + count + 1);
  if (start === null) return null;
  const days = next === null ? 31 : (next - start) / dayMs;
  const day = Math.min(new Date(ms).getUTCDate(), days);
  return moment(start + (day - 1) * dayMs + (ms - dayOf(ms) * dayMs));
}

const datetimeAdd: Binder = prepare('string!, integer, datetime', 'datetime', ([part]) => {
  const unit = unitAmong('datetime_add', part!, lengths);
  const months = monthsOf.get(unit);
  if (months !== undefined) return (_: string, count: number, ms: number) => addMonths(ms, count * months);
  const length = lengths.get(unit)!;
  return (_: string, count: number, ms: number) => moment(ms + count * length);
});

/** The moment when the query was asked: the same throughout. */
const now: Binder = (name, given, place, { nowMs }) => {
  if (given.length > 1) throw wrongCount(name, 0, 1, given.length, place);
  if (given.length === 0) return constant('datetime', nowMs, place);
  return define('timespan', 'datetime', (offset: number) => moment(nowMs + offset))(name, given, place, neverScope);
};

const ago: Binder = (name, given, place, { nowMs }) =>
  define('timespan', 'datetime', (length: number) => moment(nowMs - length))(name, given, place, neverScope);

/** Functions made by `define` do not look at names. */
const neverScope = undefined as never;

function momentOf(...given: number[]): number | null {
  const [years, months, days, hours = 0, minutes = 0, seconds = 0] = given as [number, number, number];
  const date = dateMs(Math.trunc(years), Math.trunc(months), Math.trunc(days));
  const valid = hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  if (date === null || !valid) return null;
  return date + Math.trunc(hours) * hourMs + Math.trunc(minutes) * minuteMs + toTicks(seconds * 1000);
}

const ofParts = define('number, number, number, number?, number?, number?', 'datetime', momentOf);

/** Of one argument it is `todatetime`: its documentation knows only the parts, and rules that run in Sentinel say it so. */
const makeDatetime: Binder = (name, given, place, scope) =>
  given.length === 1 ? convert(given[0]!, 'datetime', place) : ofParts(name, given, place, scope);

/** `make_timespan(hours, minutes[, seconds])` and `make_timespan(days, hours, minutes, seconds)`. */
function makeTimespan(...given: number[]): number | null {
  const [days, hours, minutes, seconds = 0] = given.length === 4 ? given : [0, ...given];
  const valid = hours! >= 0 && hours! < 24 && minutes! >= 0 && minutes! < 60 && seconds >= 0 && seconds < 60;
  return valid && Number.isFinite(days)
    ? toTicks(days! * dayMs + hours! * hourMs + minutes! * minuteMs + seconds * 1000)
    : null;
}

const fromUnix = (unitMs: number): Binder =>
  define('number', 'datetime', (value: number): Value => moment(unitMs >= 1 ? value * unitMs : value / (1 / unitMs)));

export const timeFunctions: readonly (readonly [string, Binder])[] = [
  ['now', now],
  ['ago', ago],
  ...(['day', 'week', 'month', 'year'] as const).flatMap((unit): (readonly [string, Binder])[] => [
    [`startof${unit}`, define('datetime, integer?', 'datetime', starts[unit])],
    [`endof${unit}`, define('datetime, integer?', 'datetime', endOf(starts[unit]))],
  ]),
  ['dayofweek', define('datetime', 'timespan', (ms: number) => weekday(ms) * dayMs)],
  ['dayofmonth', define('datetime', 'int', parts.get('day')!)],
  ['dayofyear', define('datetime', 'int', dayOfYear)],
  ['hourofday', define('datetime', 'int', parts.get('hour')!)],
  ['monthofyear', define('datetime', 'int', parts.get('month')!)],
  ['getmonth', define('datetime', 'int', parts.get('month')!)],
  ['getyear', define('datetime', 'int', year)],
  ['week_of_year', define('datetime', 'int', weekOfYear)],
  ['datetime_part', datetimePart],
  ['datetime_diff', datetimeDiff],
  ['datetime_add', datetimeAdd],
  ['make_datetime', makeDatetime],
  ['make_timespan', define('number, number, number?, number?', 'timespan', makeTimespan)],
  ['unixtime_seconds_todatetime', fromUnix(1000)],
  ['unixtime_milliseconds_todatetime', fromUnix(1)],
  ['unixtime_microseconds_todatetime', fromUnix(1 / 1000)],
  ['unixtime_nanoseconds_todatetime', fromUnix(1 / 1_000_000)],
];
