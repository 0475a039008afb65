// Rates of what is found and of false alarms, and what is sure about them.
import { chanceOf, logOddsOf } from '../shield/windows.ts';
import type { Text } from './corpus.ts';

/** Harmless texts of everyday: not those that were chosen because they look like attacks. */
export const isOrdinary = ({ label, family }: Text): boolean =>
  label === 0 && !/^twins|notinject|security/.test(family);

/** The lowest score at which at most this share of harmless texts is taken for an attack. */
export function thresholdAt(harmless: readonly number[], share: number): number {
  const sorted = [...harmless].sort((a, b) => b - a);
  const allowed = Math.floor(sorted.length * share);
  return Math.min(0.999_999, Number(((sorted[allowed] ?? 0) + 1e-6).toFixed(6)));
}

/**
 * The score that this share of harmless texts reaches, where they are too few to count that: what exceeds a high threshold
 * is spread exponentially (Pickands 1975), in log odds, so that all of the highest tell where the very highest end.
 */
export function rareThresholdAt(harmless: readonly number[], share: number): number {
  const sorted = harmless.map((score) => logOddsOf(Math.min(0.999_999, score))).sort((a, b) => b - a);
  const count = Math.floor(sorted.length * tail);
  const from = sorted[count]!;
  const excess = sorted.slice(0, count).reduce((sum, logOdds) => sum + logOdds - from, 0) / count;
  return Number(chanceOf(from + excess * Math.log(tail / share)).toFixed(6));
}

const tail = 0.03;

/** Wilson's interval at 95 %, in percent. */
export function interval(hits: number, of: number): readonly [number, number] {
  if (of === 0) return [0, 100];
  const z = 1.96;
  const share = hits / of;
  const middle = share + (z * z) / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share) + (z * z) / (4 * of)) / of);
  const whole = 1 + (z * z) / of;
  return [Math.max(0, (100 * (middle - spread)) / whole), Math.min(100, (100 * (middle + spread)) / whole)];
}
