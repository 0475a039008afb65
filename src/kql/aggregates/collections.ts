// Aggregates that keep values: lists, sets and bags.
import type { Bound } from '../bound.ts';
import { emptyBag, isArray, isBag, keyOf } from '../json.ts';
import { asDynamic, typeProblem } from '../nodes.ts';
import type { Place } from '../nodes.ts';
import { aType } from '../types.ts';
import { maxValueBytes, sizeOf, tooLarge } from '../value-size.ts';
import type { Value } from '../values.ts';
import { limitOf } from './define.ts';
import type { AggregateDefinition, Made } from './define.ts';

/** Weighs what it keeps: no value becomes larger than a function may make. */
function weigher(place: Place): { add(value: Value): void; size(): number } {
  let bytes = 32;
  return {
    add(value) {
      bytes += 16 + sizeOf(value);
      if (bytes > maxValueBytes) throw tooLarge(place);
    },
    size: () => bytes,
  };
}

function list(part: Bound, most: number, withNulls: boolean, place: Place): Made {
  const { evaluate } = asDynamic(part);
  return {
    type: 'dynamic',
    create() {
      const values: Value[] = [];
      const weight = weigher(place);
      return {
        add(row) {
          if (values.length >= most) return;
          const value = evaluate(row);
          if (value === null && !withNulls) return;
          weight.add(value);
          values.push(value);
        },
        result: () => values,
        size: weight.size,
      };
    },
  };
}

function set(part: Bound, most: number, place: Place): Made {
  const { evaluate } = asDynamic(part);
  return {
    type: 'dynamic',
    create() {
      const values = new Map<string, Value>();
      const weight = weigher(place);
      const add = (value: Value): void => {
        const key = keyOf(value);
        if (value === null || values.size >= most || values.has(key)) return;
        weight.add(value);
        values.set(key, value);
      };
      return {
        // A set of arrays is the set of what is in them (documentation of `make_set`).
        add(row) {
          const value = evaluate(row);
          if (isArray(value)) value.forEach(add);
          else add(value);
        },
        result: () => [...values.values()],
        size: weight.size,
      };
    },
  };
}

function bag(part: Bound, most: number, place: Place): Made {
  const { evaluate } = part;
  return {
    type: 'dynamic',
    create() {
      const all = emptyBag();
      const weight = weigher(place);
      let slots = 0;
      return {
        add(row) {
          const value = evaluate(row);
          if (!isBag(value)) return;
          for (const [name, each] of Object.entries(value)) {
            if (Object.hasOwn(all, name) || slots >= most) continue;
            weight.add(name);
            weight.add(each);
            all[name] = each;
            slots++;
          }
        },
        result: () => all,
        size: weight.size,
      };
    },
  };
}

export const collections: readonly (readonly [string, AggregateDefinition])[] = [
  [
    'make_list',
    {
      least: 1,
      most: 2,
      prefix: 'list',
      make: ([part, most], name, place) => list(part!, limitOf(name, most), false, place),
    },
  ],
  [
    'make_list_with_nulls',
    {
      least: 1,
      most: 1,
      prefix: 'list',
      make: ([part], name, place) => list(part!, limitOf(name, undefined), true, place),
    },
  ],
  [
    'make_set',
    { least: 1, most: 2, prefix: 'set', make: ([part, most], name, place) => set(part!, limitOf(name, most), place) },
  ],
  [
    'make_bag',
    {
      least: 1,
      most: 2,
      prefix: 'bag',
      make([part, most], name, place) {
        if (part!.type !== 'dynamic')
          throw typeProblem(`${name}() takes a dynamic property bag, and this is ${aType(part!.type)}`, part!);
        return bag(part!, limitOf(name, most), place);
      },
    },
  ],
];
