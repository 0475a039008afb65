// The stretch of time that conditions leave: what a source reads from its index.
import type { Bound } from './bound.ts';

export interface TimeRange {
  /** Both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Functions that only go back in time: what they leave at or after a moment was at or after it. */
const roundsDown = new Set(['bin', 'floor', 'startofday', 'startofweek', 'startofmonth', 'startofyear']);
const mirrored: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==' };

/**
 * Rows outside of the range meet none of the conditions; those inside may or may not.
 * @param column the place of the column of time
 */
export function timeRange(where: readonly Bound[], column: number): TimeRange {
  let fromMs = -Infinity;
  let toMs = Infinity;
  for (const condition of where) {
    const { from, to } = rangeOf(condition, column);
    fromMs = Math.max(fromMs, from);
    toMs = Math.min(toMs, to);
  }
  return { fromMs, toMs };
}

interface Ends {
  readonly from: number;
  readonly to: number;
}
const open: Ends = { from: -Infinity, to: Infinity };

function rangeOf(condition: Bound, column: number): Ends {
  if (condition.kind !== 'call') return open;
  const { name, arguments: parts } = condition;
  if (name === 'and') {
    return parts
      .map((part) => rangeOf(part, column))
      .reduce((a, b) => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) }), open);
  }
  const [first, second, third] = parts;
  if (first === undefined || second === undefined) return open;
  if (name === 'between') {
    const low = momentOf(second);
    const high = momentOf(third!);
    if (low === undefined || high === undefined) return open;
    const end = third!.type === 'timespan' ? low + high : high;
    return isTime(first, column)
      ? { from: low, to: end }
      : isRoundedTime(first, column)
        ? { from: low, to: Infinity }
        : open;
  }
  const [value, operator, moment] =
    momentOf(second) === undefined
      ? [second, mirrored[name], momentOf(first)]
      : [first, mirrored[name] && name, momentOf(second)];
  if (moment === undefined || operator === undefined) return open;
  const isExact = isTime(value, column);
  if (!isExact && !isRoundedTime(value, column)) return open;
  const from = operator === '<' || operator === '<=' ? -Infinity : moment;
  const to = isExact && operator !== '>' && operator !== '>=' ? moment : Infinity;
  return { from, to };
}

const momentOf = (bound: Bound): number | undefined =>
  bound.kind === 'constant' && typeof bound.value === 'number' ? bound.value : undefined;

const isTime = (bound: Bound, column: number): boolean => bound.kind === 'column' && bound.index === column;

const isRoundedTime = (bound: Bound, column: number): boolean =>
  bound.kind === 'call' && roundsDown.has(bound.name) && bound.arguments[0] !== undefined &&
  isTime(bound.arguments[0], column) && bound.arguments.slice(1).every(({ kind }) => kind === 'constant'); // prettier-ignore
