// make-series: aggregates at regular places of an axis, in its newer and its older form.
import type { Expression, MakeSeries } from '../syntax.ts';
import { readList, unsupported, type Cursor } from './cursor.ts';
import { readAssignment, readExpression } from './expressions.ts';
import type { OperatorReader } from './operators.ts';
import { oneOf, readParameters } from './parameters.ts';

const kinds = new Map([['nonempty', true]]);

export const readMakeSeries: OperatorReader<MakeSeries> = (cursor) => {
  const parameters = readParameters(cursor, 'make-series', ['kind']);
  const nonEmpty = oneOf(parameters.get('kind'), 'kind of make-series', kinds, false);
  const aggregates = readList(cursor, () => readAggregate(cursor));
  cursor.expect('on', "and the axis, as in 'on TimeGenerated from ago(1d) to now() step 1h'");
  const { names, value: axis } = readAssignment(cursor);
  if (names.length > 0) unsupported('a new name for the axis', names[0]!, "use 'extend' before make-series");
  const steps = cursor.accept('in') ? readInRange(cursor) : readFromToStep(cursor);
  const by = cursor.accept('by') ? readList(cursor, () => readAssignment(cursor)) : [];
  return { kind: 'make-series', aggregates, axis, ...steps, by, ...(nonEmpty && { nonEmpty }) };
};

function readAggregate(cursor: Cursor): MakeSeries['aggregates'][number] {
  const aggregate = readAssignment(cursor);
  if (!cursor.accept('default')) return aggregate;
  cursor.expect('=', "after 'default'");
  return { ...aggregate, default: readExpression(cursor), to: cursor.endedAt };
}

interface Steps {
  readonly start?: Expression;
  readonly end?: Expression;
  readonly step: Expression;
  readonly inRange?: boolean;
}

function readFromToStep(cursor: Cursor): Steps {
  const start = cursor.accept('from') && readExpression(cursor);
  const end = cursor.accept('to') && readExpression(cursor);
  cursor.expect('step', 'and how far the places of the axis are apart');
  return { ...(start && { start }), ...(end && { end }), step: readExpression(cursor) };
}

/** `in range(start, stop, step)` */
function readInRange(cursor: Cursor): Steps {
  cursor.expect('range');
  cursor.expect('(', "after 'in range'");
  return cursor.nested(() => {
    const start = readExpression(cursor);
    cursor.expect(',', 'and where the axis stops');
    const end = readExpression(cursor);
    cursor.expect(',', 'and the step of the axis');
    const step = readExpression(cursor);
    cursor.expect(')', "to end 'range('");
    return { start, end, step, inRange: true };
  });
}
