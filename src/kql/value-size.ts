// How much a value weighs, so that no function builds one that nobody can carry.
import { spend } from './effort.ts';
import { maxDepth } from './json.ts';
import { KqlError } from './problem.ts';
import type { Value } from './values.ts';

export const maxValueBytes = 8 * 1024 * 1024;

interface Weight {
  readonly bytes: number;
  readonly depth: number;
}

/** Values are never changed once made, so each is weighed once, and one that holds another many times is as heavy as it reads. */
const weighed = new WeakMap<object, Weight>();

function weigh(value: Value): Weight {
  if (typeof value === 'string') return { bytes: 16 + 2 * value.length, depth: 0 };
  if (typeof value !== 'object' || value === null) return scalar;
  const known = weighed.get(value);
  if (known !== undefined) return known;
  let bytes = 16;
  let depth = 0;
  const add = (each: Value): void => {
    const weight = weigh(each);
    bytes += weight.bytes;
    depth = Math.max(depth, weight.depth);
  };
  if (Array.isArray(value)) {
    spend(value.length);
    for (const each of value as readonly Value[]) add(each);
  } else
    for (const [name, each] of Object.entries(value as { readonly [name: string]: Value })) {
      spend(2);
      bytes += 2 * name.length;
      add(each);
    }
  const weight = { bytes, depth: depth + 1 };
  weighed.set(value, weight);
  return weight;
}

const scalar: Weight = { bytes: 8, depth: 0 };

/** Rough bytes of a value in memory, were nothing in it shared. */
export function sizeOf(value: Value): number {
  return weigh(value).bytes;
}

/** @throws KqlError `budget` for a value that is too large or too deep */
export function refuseTooLarge(value: Value, place: { readonly from: number; readonly to: number }): Value {
  if (typeof value === 'string') {
    if (2 * value.length > maxValueBytes) throw tooLarge(place);
  } else if (typeof value === 'object' && value !== null) {
    const { bytes, depth } = weigh(value);
    if (bytes > maxValueBytes || depth > maxDepth) throw tooLarge(place);
  }
  return value;
}

export function tooLarge(place: { readonly from: number; readonly to: number }): KqlError {
  return new KqlError('budget', 'This makes a value of more than 8 MB, or deeper than 200 levels', place);
}
