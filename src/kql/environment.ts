// What names mean at a place of a query: columns are the expression's own matter, all else is bound by `let`, parameters and `as`.
import type { Bound } from './bound.ts';
import type { Plan } from './plan.ts';
import { isStable } from './stability.ts';
import type { Lambda } from './syntax.ts';

export interface UserFunction {
  readonly name: string;
  readonly lambda: Lambda;
  /** Where it was made: its body sees these names, not those of whoever calls. */
  readonly environment: Environment;
}

/** Never changed: each `let` makes the next one, so that a function sees only what stands before it. */
export interface Environment {
  readonly scalars: ReadonlyMap<string, Bound>;
  /** Scalars whose value hangs on the clock or on other queries. */
  readonly unstable: ReadonlySet<string>;
  /** Bound anew at each use. */
  readonly tables: ReadonlyMap<string, () => Plan>;
  readonly functions: ReadonlyMap<string, UserFunction>;
  /** The calls that led here: the same place of a text, reached by two calls, is two places. */
  readonly path: string;
}

export const emptyEnvironment: Environment = {
  scalars: new Map(),
  unstable: new Set(),
  tables: new Map(),
  functions: new Map(),
  path: '',
};

const entryWith = <T>(map: ReadonlyMap<string, T>, name: string, value: T): ReadonlyMap<string, T> =>
  new Map(map).set(name, value);
const entryWithout = <T>(map: ReadonlyMap<string, T>, name: string): ReadonlyMap<string, T> => {
  if (!map.has(name)) return map;
  const rest = new Map(map);
  rest.delete(name);
  return rest;
};

/** A name means one thing: the latest. */
export function withScalar(environment: Environment, name: string, value: Bound): Environment {
  return {
    ...environment,
    scalars: entryWith(environment.scalars, name, value),
    unstable: isStable(value) ? environment.unstable : new Set(environment.unstable).add(name),
    tables: entryWithout(environment.tables, name),
    functions: entryWithout(environment.functions, name),
  };
}

export function withTable(environment: Environment, name: string, plan: () => Plan): Environment {
  return {
    ...environment,
    scalars: entryWithout(environment.scalars, name),
    tables: entryWith(environment.tables, name, plan),
    functions: entryWithout(environment.functions, name),
  };
}

export function withFunction(environment: Environment, userFunction: UserFunction): Environment {
  const { name } = userFunction;
  return {
    ...environment,
    scalars: entryWithout(environment.scalars, name),
    tables: entryWithout(environment.tables, name),
    functions: entryWith(environment.functions, name, userFunction),
  };
}
