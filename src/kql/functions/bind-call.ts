// Calls: of what the query itself defines, of Kusto's functions, and of those that it has and this engine does not.
import { aggregateNames } from '../aggregates/names.ts';
import type { Bound, Scope } from '../bound.ts';
import { column, constant, typeProblem } from '../nodes.ts';
import { nearest } from '../parsing/nearest.ts';
import { KqlError } from '../problem.ts';
import type { Call, Expression } from '../syntax.ts';
import { isRefused, refusalOf } from './refused.ts';
import { canonicalName, functions } from './scalar-functions.ts';
import { specialForms } from './special-forms.ts';

type Bind = (each: Expression) => Bound;

/** Functions that look at neighbouring rows: bound by the operator that has the rows in an order. */
const windowNames = new Set(
  'prev next row_number row_cumsum row_rank row_rank_dense row_rank_min row_window_session'.split(' '),
);

export function bindCall(call: Call, scope: Scope, bind: Bind): Bound {
  const own = scope.windowed?.(call, bind) ?? scope.inlined(call, bind);
  if (own !== undefined) return own;
  const name = canonicalName(call.name.text);
  const special = specialForms.get(name);
  if (special !== undefined) return special(call, scope, bind);
  const binder = functions.get(name);
  if (binder === undefined) throw unknown(call, name);
  return binder(name, argumentsOf(call, scope, bind), call, scope);
}

/** Whether Kusto has a function of scalars by this name, so that it cannot be a table. */
export function isBuiltIn(written: string): boolean {
  const name = canonicalName(written);
  return specialForms.has(name) || functions.has(name) || isRefused(name) || windowNames.has(name);
}

function argumentsOf(call: Call, scope: Scope, bind: Bind): Bound[] {
  return call.arguments.flatMap((argument) => {
    if (argument.kind === 'star' && call.name.text === 'pack_array')
      return scope.columns.map((_, index) => column(scope.columns, index, argument));
    if (argument.kind === 'query') throw typeProblem(`${call.name.text}() takes values, not a table`, argument);
    if (argument.kind === 'call' && argument.name.text === 'typeof') return typeArgument(argument);
    return bind(argument.kind === 'named' ? argument.value : argument);
  });
}

/** `typeof(long)` as the last argument of `extract`: its name, which the function knows what to do with. */
function typeArgument(argument: Call): Bound {
  const [type] = argument.arguments;
  return constant('string', type?.kind === 'name' ? type.name : '', argument);
}

function unknown({ name: written }: Call, name: string): KqlError {
  if (windowNames.has(name))
    return typeProblem(
      `${name}() looks at neighbouring rows: it works in extend and where after sort or serialize`,
      written,
    );
  if (aggregateNames.has(name))
    return typeProblem(`${name}() is an aggregate: it works in summarize and make-series`, written);
  if (isRefused(name)) return new KqlError('unsupported', refusalOf(name), written);
  const known = [...functions.keys(), ...specialForms.keys(), ...aggregateNames];
  return new KqlError(
    'unknown',
    `There is no function named '${written.text}'${nearest(written.text, known)}`,
    written,
  );
}
