// How limits are written and measured: rates such as 60/min, and the days of a time zone.
import { parseDuration } from '../../base/duration.ts';

export interface Rate {
  readonly count: number;
  readonly perMicros: number;
  /** Microseconds until one unit of allowance is back. Rounded up, so that never more than the rate passes. */
  readonly emissionMicros: number;
}

const units: Readonly<Record<string, string>> = {
  s: '1s',
  sec: '1s',
  second: '1s',
  min: '1m',
  minute: '1m',
  h: '1h',
  hour: '1h',
  d: '1d',
  day: '1d',
};
/** Above, rounding to whole microseconds would make a rate wrong by more than one in a hundred. */
const shortestMicros = 100;

/** Reads `60/min`, `5/s`, `100/15m` or `20/PT10M`. */
export function readRate(text: string): Rate | undefined {
  const [, count, per] = /^([1-9]\d{0,8})\/(\w+)$/.exec(text) ?? [];
  const perMs = per === undefined ? undefined : parseDuration(units[per] ?? per);
  if (perMs === undefined) return undefined;
  const perMicros = perMs * 1000;
  const emissionMicros = Math.ceil(perMicros / Number(count));
  return emissionMicros < shortestMicros ? undefined : { count: Number(count), perMicros, emissionMicros };
}

const quarterMs = 900_000;
const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * When the day of a moment began in a time zone, in milliseconds. Days there may have 23 or 25 hours, or begin at one
 * o'clock.
 * @returns undefined when there is no such time zone
 */
export function startOfDay(zone: string, atMs: number): number | undefined {
  const format = formatIn(zone);
  if (format === undefined) return undefined;
  const day = format.format(atMs);
  // Offsets of today's time zones, and their changes, are whole quarters of an hour.
  let startMs = Math.floor(atMs / quarterMs) * quarterMs;
  let stepMs = quarterMs * 16;
  while (stepMs >= quarterMs) {
    if (format.format(startMs - stepMs) === day) startMs -= stepMs;
    else stepMs /= 2;
  }
  return startMs;
}

/** Beginnings of yesterday, today, tomorrow and the day after: whoever else has the time right within a day finds it here. */
export function daysAround(zone: string, atMs: number): readonly [number, number, number, number] {
  const start = (ms: number): number => startOfDay(zone, ms)!;
  const today = start(atMs);
  const tomorrow = start(today + dayMs + dayMs / 8);
  return [start(today - 1), today, tomorrow, start(tomorrow + dayMs + dayMs / 8)];
}

function formatIn(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}
