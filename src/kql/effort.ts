// Steps inside of one value: a single call can be long, and whoever asked for it may want no more of it meanwhile.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Batches } from './plan.ts';
import type { Row, Value } from './values.ts';

/** Throws where no more may be done. */
type Look = () => void;

const looks = new AsyncLocalStorage<Look>();
/** About a tenth of a millisecond of the cheapest steps. */
const stepsBetweenLooks = 16_384;
let steps = 0;

/** Says that so many steps are made; now and then the clock and the signal are looked at. */
export function spend(more: number): void {
  steps += more;
  if (steps < stepsBetweenLooks) return;
  steps = 0;
  looks.getStore()?.();
}

/** Steps that a function may need to go through a value once. */
export function stepsThrough(value: Value): number {
  if (typeof value === 'string') return value.length >> 4;
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? 1024 : 0;
}

/** Work that ends as soon as `look` throws, what it waits for included. */
export function limited<T>(look: Look, work: () => T): T {
  return looks.run(look, work);
}

/** Batches whose making ends as soon as `look` throws. */
export async function* limitedBatches(look: Look, batches: Batches): AsyncGenerator<readonly Row[]> {
  const iterator = batches[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await looks.run(look, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}
