// Finding out after how many points a series repeats itself, by how alike it is to itself so many points later.
import { spend } from '../effort.ts';

/** The shortest period that Kusto detects; the longest is half of the series. */
const shortest = 4;

export interface Period {
  readonly points: number;
  /** Between 0 and 1. */
  readonly score: number;
}

/**
 * Periods by their scores, best first. What lies close to a better one, or is a multiple of it, is the same rhythm; what is less
 * than half like itself is none.
 */
export function detectPeriods(
  values: readonly number[],
  least: number,
  most: number,
  count: number,
): readonly Period[] {
  const alike = autocorrelation(values);
  const last = Math.min(Math.floor(most), Math.ceil(values.length / 2) - 1);
  const peaks: Period[] = [];
  for (let lag = Math.max(shortest, Math.ceil(least)); lag <= last; lag++) {
    const peak = alike[lag]! >= alike[lag - 1]! && alike[lag]! >= (alike[lag + 1] ?? -1);
    // The longer a period, the fewer of them there are to be alike.
    const score = Math.min(1, alike[lag]! * Math.sqrt(1 - lag / values.length));
    if (peak && score >= leastScore) peaks.push({ points: lag, score });
  }
  peaks.sort((a, b) => b.score - a.score);
  const best: Period[] = [];
  for (const peak of peaks) {
    if (best.length >= count) break;
    if (!best.some(({ points }) => isSameRhythm(peak.points, points))) best.push(peak);
  }
  return best;
}

const leastScore = 0.5;

function isSameRhythm(a: number, b: number): boolean {
  const [short, long] = a < b ? [a, b] : [b, a];
  const times = Math.round(long / short);
  return Math.abs(long - times * short) <= Math.max(1, short / 4);
}

/** By the Fourier transform, in time n log n. */
function autocorrelation(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let size = 1;
  while (size < 2 * values.length) size *= 2;
  const [real, imaginary] = [new Float64Array(size), new Float64Array(size)];
  values.forEach((value, index) => (real[index] = value - mean));
  transform(real, imaginary);
  for (let at = 0; at < size; at++) {
    real[at] = real[at]! ** 2 + imaginary[at]! ** 2;
    imaginary[at] = 0;
  }
  transform(real, imaginary);
  const zero = real[0]! / values.length || 1;
  // Fewer pairs of points lie far apart: each lag counts by the pairs that it has.
  return real.map((value, lag) => (lag < values.length ? value / (values.length - lag) / zero : 0));
}

/** Cooley and Tukey's transform in place; the length is a power of two. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length;
  for (let at = 1, mirrored = 0; at < size; at++) {
    let bit = size >> 1;
    for (; mirrored & bit; bit >>= 1) mirrored ^= bit;
    mirrored ^= bit;
    if (at >= mirrored) continue;
    [real[at], real[mirrored]] = [real[mirrored]!, real[at]!];
    [imaginary[at], imaginary[mirrored]] = [imaginary[mirrored]!, imaginary[at]!];
  }
  const half = size / 2;
  const cosines = Float64Array.from({ length: half }, (_, at) => Math.cos((Math.PI * at) / half));
  const sines = Float64Array.from({ length: half }, (_, at) => -Math.sin((Math.PI * at) / half));
  for (let length = 2; length <= size; length *= 2) {
    spend(size);
    const stride = size / length;
    for (let begin = 0; begin < size; begin += length)
      for (let step = 0; step < length / 2; step++) {
        const [cos, sin] = [cosines[step * stride]!, sines[step * stride]!];
        const [low, high] = [begin + step, begin + step + length / 2];
        const re = real[high]! * cos - imaginary[high]! * sin;
        const im = real[high]! * sin + imaginary[high]! * cos;
        [real[high], imaginary[high]] = [real[low]! - re, imaginary[low]! - im];
        [real[low], imaginary[low]] = [real[low]! + re, imaginary[low]! + im];
      }
  }
}
