// Texts as Kusto reads them: literals, and what `todatetime`, `totimespan`, `tolong` and their like make of a string.
import { justBefore } from './write-value.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Where Kusto's time begins and ends: 0001-01-01 to 9999-12-31. */
export const firstMs = -62_135_596_800_000;
export const endMs = 253_402_300_800_000;
/** Longer texts are no number and no time. */
const longest = 64;

const yearFirst = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T ]([^]*))?$/;
const monthFirst = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4})(?:[T ]([^]*))?$/;
const monthByName = /^(?:[A-Z]{3,9},? )?(\d{1,2})[ -]([A-Z]{3})[A-Z]{0,6}[ -](\d{4}|\d{2})(?: ([^]*))?$/i;
const clock =
  /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7})\d{0,5})?)? ?(AM|PM)? ?(Z|GMT|UTC|[+-]\d{1,2}(?::?\d{2})?)?$/i;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Reads a moment (documentation, "The datetime data type", "Supported formats"). What names no zone is UTC.
 * @returns milliseconds since the Unix epoch, or null
 */
export function readDatetime(written: string): number | null {
  const text = written.length > longest ? '' : written.trim();
  let match = yearFirst.exec(text);
  if (match !== null) return moment(Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1), match[4]);
  match = monthFirst.exec(text);
  if (match !== null) return moment(Number(match[3]), Number(match[1]), Number(match[2]), match[4]);
  match = monthByName.exec(text);
  if (match === null) return null;
  const short = match[3]!.length === 2;
  const year = Number(match[3]) + (short ? (Number(match[3]) < 50 ? 2000 : 1900) : 0);
  return moment(year, months.indexOf(match[2]!.toLowerCase()) + 1, Number(match[1]), match[4]);
}

function moment(year: number, month: number, day: number, time: string | undefined): number | null {
  const date = dateMs(year, month, day);
  if (date === null || time === undefined || time === '') return date;
  const match = clock.exec(time.trim());
  if (match === null) return null;
  const [, hours, minutes, seconds = '0', fraction = '0', half, zone] = match;
  let hour = Number(hours);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);
  }
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const whole = date + hour * hourMs + Number(minutes) * minuteMs + Number(seconds) * secondMs - zoneMs(zone);
  const ms = withFraction(whole, Number(fraction.padEnd(7, '0')));
  return ms >= firstMs && ms < endMs ? ms : null;
}

/** A whole second and ticks after it: never the next second. */
function withFraction(wholeMs: number, ticks: number): number {
  const ms = wholeMs + (ticks % 10 === 0 ? ticks / 10 / 1000 : ticks / 10_000);
  return ms < wholeMs + secondMs ? ms : justBefore(wholeMs + secondMs);
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const digits = zone.slice(1).replace(':', '');
  const hours = Number(digits.length > 2 ? digits.slice(0, -2) : digits);
  const minutes = digits.length > 2 ? Number(digits.slice(-2)) : 0;
  return (zone.startsWith('-') ? -1 : 1) * (hours * hourMs + minutes * minuteMs);
}

/** Midnight of a day of the Gregorian calendar, or null where there is no such day. */
export function dateMs(year: number, month: number, day: number): number | null {
  if (!(year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCDate() === day ? date.getTime() : null;
}

/** Milliseconds of the units that literals and `timespan(…)` know. */
export const unitsMs: ReadonlyMap<string, number> = new Map(
  Object.entries({
    d: dayMs,
    day: dayMs,
    days: dayMs,
    h: hourMs,
    hr: hourMs,
    hrs: hourMs,
    hour: hourMs,
    hours: hourMs,
    m: minuteMs,
    min: minuteMs,
    minute: minuteMs,
    minutes: minuteMs,
    s: secondMs,
    sec: secondMs,
    second: secondMs,
    seconds: secondMs,
    ms: 1,
    milli: 1,
    millis: 1,
    millisec: 1,
    millisecond: 1,
    milliseconds: 1,
    micro: 0.001,
    micros: 0.001,
    microsec: 0.001,
    microsecond: 0.001,
    microseconds: 0.001,
    nano: 0.000_001,
    nanos: 0.000_001,
    nanosecond: 0.000_001,
    nanoseconds: 0.000_001,
    tick: 0.000_1,
    ticks: 0.000_1,
  }),
);

const clockSpan = /^([-+]?)(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/;
const unitSpan = /^([-+]?\d{1,15}(?:\.\d{1,15})?)\s?([a-z]{0,12})$/i;

/**
 * Reads a length of time: `d.hh:mm:ss.fffffff`, `hh:mm`, `1.5h`, `15 seconds`; a bare number counts days.
 * @returns milliseconds, or null
 */
export function readTimespan(written: string): number | null {
  const text = written.length > longest ? '' : written.trim();
  const match = clockSpan.exec(text);
  if (match !== null) {
    const [, sign, days = '0', hours, minutes, seconds = '0', fraction = '0'] = match;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
    const ms =
      Number(days) * dayMs +
      Number(hours) * hourMs +
      Number(minutes) * minuteMs +
      Number(seconds) * secondMs +
      Number(fraction.padEnd(7, '0')) / 10_000;
    return sign === '-' ? -ms : ms;
  }
  const [, amount, unit] = unitSpan.exec(text) ?? [];
  const unitMs = unitsMs.get(unit?.toLowerCase() || 'd');
  return amount === undefined || unitMs === undefined ? null : toTicks(Number(amount) * unitMs);
}

/** To whole ticks, so that what is computed in binary fractions compares as what is written. */
export function toTicks(ms: number): number {
  return Math.abs(ms) < 4e11 ? Math.round(ms * 10_000) / 10_000 : ms;
}

export function readLong(written: string): number | null {
  const text = written.length > longest ? '' : written.trim();
  if (/^[+-]?\d{1,20}$/.test(text)) return withinLong(Number(text));
  return /^0x[0-9a-f]{1,16}$/i.test(text) ? withinLong(Number(text)) : null;
}

function withinLong(value: number): number | null {
  return value >= -(2 ** 63) && value <= 2 ** 63 ? value : null;
}

export function readReal(written: string): number | null {
  const text = written.length > longest ? '' : written.trim();
  if (/^[+-]?(?:\d{1,60}\.?|\d{0,60}\.\d{1,60})(?:e[+-]?\d{1,4})?$/i.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return NaN;
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return readLong(text);
}

export function readBool(written: string): boolean | null {
  if (written.length > longest) return null;
  const text = written.trim().toLowerCase();
  if (text === 'true') return true;
  if (text === 'false') return false;
  const number = readLong(text);
  return number === null ? null : number !== 0;
}

const guidForm = /^[({]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[)}]?$/i;

export function readGuid(written: string): string | null {
  const match = written.length > longest ? null : guidForm.exec(written.trim());
  return match === null ? null : match.slice(1, 6).join('-').toLowerCase();
}
