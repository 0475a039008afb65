// Values as Kusto prints them: what `tostring` gives, and what stands in the cells of an answer.
import type { KqlType, Value } from './values.ts';

/** Ticks of 100 ns, a millisecond of them. */
const ticksOfMs = 10_000;
const dayMs = 86_400_000;

/** The empty string for null. */
export function writeValue(value: Value, type: KqlType): string {
  if (value === null) return '';
  switch (type) {
    case 'datetime':
      return writeDatetime(value as number);
    case 'timespan':
      return writeTimespan(value as number);
    case 'real':
      return writeReal(value as number);
    case 'dynamic':
      return writeDynamic(value);
    default:
      return String(value);
  }
}

/** `yyyy-MM-ddTHH:mm:ss.fffffffZ` */
export function writeDatetime(ms: number): string {
  const { seconds, ticks } = secondsAndTicks(ms);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${pad(ticks, 7)}Z`;
}

/**
 * Milliseconds since the epoch are a number that holds whole microseconds exactly and ticks nearly: what reads as whole
 * microseconds is meant so, and the last number before a second is the last tick before it.
 */
export function secondsAndTicks(ms: number): { readonly seconds: number; readonly ticks: number } {
  const seconds = Math.floor(ms / 1000);
  const rest = ms - seconds * 1000;
  if (ms === justBefore(seconds * 1000 + 1000)) return { seconds, ticks: 9_999_999 };
  const microseconds = Math.round(rest * 1000);
  if (seconds * 1000 + microseconds / 1000 === ms && microseconds < 1_000_000)
    return { seconds, ticks: microseconds * 10 };
  return { seconds, ticks: Math.min(9_999_999, Math.round(rest * ticksOfMs)) };
}

/** The last moment before one, no more than a tick before it unless numbers cannot say that. */
export function justBefore(ms: number): number {
  const tick = ms - 1 / ticksOfMs;
  if (tick < ms) return tick;
  const spacing = 2 ** (Math.floor(Math.log2(Math.abs(ms))) - 52);
  return ms - spacing;
}

/** `[-][d.]hh:mm:ss[.fffffff]` */
export function writeTimespan(ms: number): string {
  const length = Math.abs(ms);
  let days = Math.floor(length / dayMs);
  let ticks = Math.round((length - days * dayMs) * ticksOfMs);
  if (ticks === dayMs * ticksOfMs) [days, ticks] = [days + 1, 0];
  const seconds = Math.floor(ticks / 10_000_000);
  const fraction = ticks % 10_000_000;
  const clock = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return `${ms < 0 && (days > 0 || ticks > 0) ? '-' : ''}${days > 0 ? `${days}.` : ''}${clock}${fraction > 0 ? `.${pad(fraction, 7)}` : ''}`;
}

function writeReal(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

/** A string as it is, everything else as JSON. */
export function writeDynamic(value: Value): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As a dynamic value holds it: times in words, and what JSON cannot say as null. */
export function toDynamic(value: Value, type: KqlType): Value {
  if (value === null) return null;
  if (type === 'datetime') return writeDatetime(value as number);
  if (type === 'timespan') return writeTimespan(value as number);
  return value;
}

export function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
