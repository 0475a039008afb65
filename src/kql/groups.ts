// Things by several values: the groups of `summarize`, the keys of joins.
import type { Value } from './values.ts';

type Level<T> = Map<Value, Level<T> | T>;

/** One map inside the other, a level for each value. Null is a value like any other; dynamic values are no keys. */
export class Groups<T> {
  readonly #depth: number;
  readonly #top: Level<T> = new Map();
  #last: T | undefined;
  readonly all: T[] = [];

  constructor(depth: number) {
    this.#depth = depth;
  }

  get(keys: readonly Value[]): T | undefined {
    if (this.#depth === 0) return this.#last;
    let level = this.#top;
    for (let at = 0; at < this.#depth - 1; at++) {
      const next = level.get(keys[at]!);
      if (next === undefined) return undefined;
      level = next as Level<T>;
    }
    return level.get(keys[this.#depth - 1]!) as T | undefined;
  }

  set(keys: readonly Value[], value: T): void {
    this.all.push(value);
    this.#last = value;
    let level = this.#top;
    for (let at = 0; at < this.#depth - 1; at++) {
      let next = level.get(keys[at]!);
      if (next === undefined) {
        next = new Map();
        level.set(keys[at]!, next);
      }
      level = next as Level<T>;
    }
    if (this.#depth > 0) level.set(keys[this.#depth - 1]!, value);
  }
}
