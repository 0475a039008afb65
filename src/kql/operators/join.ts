// `join` and `lookup`: the right side is held by its keys, the left side goes past it.
import type { Binder, RowBinder } from '../binding.ts';
import type { Bound } from '../bound.ts';
import { Groups } from '../groups.ts';
import type { Place } from '../nodes.ts';
import { columnsOf, emptyRow, freeName, inBatches, type Batches, type Plan, type Wanted } from '../plan.ts';
import { KqlError } from '../problem.ts';
import { rowSize, type Run } from '../run.ts';
import type { Join, JoinKey, JoinKind, Lookup } from '../syntax.ts';
import { isNumber } from '../types.ts';
import type { Column, Row, Value } from '../values.ts';

interface Keys {
  readonly left: readonly Bound[];
  readonly right: readonly Bound[];
}

function bindKeys(left: RowBinder, right: RowBinder, on: readonly JoinKey[], place: Place): Keys {
  if (on.length === 0) throw new KqlError('type', 'A join needs at least one column to join on.', place);
  const pairs = on.map((key) => {
    const pair = { left: left.bind(key.left), right: right.bind(key.right) };
    for (const bound of [pair.left, pair.right]) {
      if (bound.type !== 'dynamic') continue;
      const how = 'Make a column of it first, for example with extend Key = tostring(…).';
      throw new KqlError('type', `Rows are not joined by a value of type dynamic. ${how}`, bound);
    }
    if (pair.left.type !== pair.right.type && !(isNumber(pair.left.type) && isNumber(pair.right.type))) {
      throw new KqlError('type', `A ${pair.left.type} is not joined with a ${pair.right.type}.`, key);
    }
    return pair;
  });
  return { left: pairs.map((pair) => pair.left), right: pairs.map((pair) => pair.right) };
}

/** Rows of the right side that have the same keys. */
interface Match {
  readonly rows: Row[];
  met: boolean;
}

export function join(binder: Binder, left: Plan, operator: Join): Plan {
  return joined(binder, left, operator, operator.join, () => true);
}

export function lookup(binder: Binder, left: Plan, operator: Lookup): Plan {
  return joined(
    binder,
    left,
    operator,
    operator.join,
    (place, keys) => !keys.some((key) => key.kind === 'column' && key.index === place),
  );
}

function joined(
  binder: Binder,
  input: Plan,
  operator: Join | Lookup,
  kind: JoinKind,
  keeps: (place: number, rightKeys: readonly Bound[]) => boolean,
): Plan {
  const rightInput = binder.query(operator.right);
  const [leftRows, rightRows] = [binder.over(input), binder.over(rightInput)];
  const keys = bindKeys(leftRows, rightRows, operator.on, operator);
  const left = leftRows.input();
  const right = rightRows.input();
  const shown = shownColumns(left.columns, right.columns, kind, (place) => keeps(place, keys.right));
  const { columns, fromLeft, fromRight } = shown;
  return {
    columns,
    ordered: false,
    label: left.label,
    async *open(run, wanted) {
      const held = run.hold();
      try {
        const seen = [...wanted.columns];
        const ofRight = seen.flatMap((place) => fromRight[place - fromLeft] ?? []);
        const matches = new Groups<Match>(keys.right.length);
        const single: Row[] = [];
        const rightWanted = { columns: columnsOf(keys.right, new Set(ofRight)) };
        await build(right.open(run, rightWanted), keys.right, matches, single, run, held.add);
        const ofLeft = kind === 'rightsemi' || kind === 'rightanti' ? [] : seen.filter((place) => place < fromLeft);
        const leftWanted: Wanted = { columns: columnsOf(keys.left, new Set(ofLeft)) };
        const probing = { matches, keys: keys.left, fromRight, blankRight: emptyRow(right.columns), kind };
        yield* probe(left.open(run, leftWanted), probing, run);
        const blankLeft = emptyRow(left.columns);
        const outer = kind === 'rightouter' || kind === 'fullouter';
        const alone = (row: Row): Row => (outer ? [...blankLeft, ...fromRight.map((place) => row[place]!)] : row);
        yield* leftOver(kind, matches, single, alone, run);
      } finally {
        held.release();
      }
    },
  };
}

/** Columns of the answer: of the left side, then of the right side, those whose names are taken with a number behind. */
function shownColumns(
  left: readonly Column[],
  right: readonly Column[],
  kind: JoinKind,
  keeps: (place: number) => boolean,
): { readonly columns: readonly Column[]; readonly fromLeft: number; readonly fromRight: readonly number[] } {
  if (kind === 'leftanti' || kind === 'leftsemi') return { columns: left, fromLeft: left.length, fromRight: [] };
  if (kind === 'rightanti' || kind === 'rightsemi')
    return { columns: right, fromLeft: 0, fromRight: [...right.keys()] };
  const taken = new Set(left.map(({ name }) => name));
  const fromRight = [...right.keys()].filter(keeps);
  const added = fromRight.map((place) => {
    const name = freeName(right[place]!.name, taken);
    taken.add(name);
    return { name, type: right[place]!.type };
  });
  return { columns: [...left, ...added], fromLeft: left.length, fromRight };
}

/** `undefined` where a key is null: it equals nothing, not even another null. */
function keyOf(bounds: readonly Bound[], row: Row): readonly Value[] | undefined {
  const values = bounds.map(({ evaluate }) => evaluate(row));
  return values.includes(null) ? undefined : values;
}

async function build(
  input: Batches,
  keys: readonly Bound[],
  matches: Groups<Match>,
  single: Row[],
  run: Run,
  hold: (bytes: number) => void,
): Promise<void> {
  for await (const rows of input) {
    for (const row of rows) {
      hold(rowSize(row) + 48);
      const key = keyOf(keys, row);
      const match = key && matches.get(key);
      if (key === undefined) single.push(row);
      else if (match === undefined) matches.set(key, { rows: [row], met: false });
      else match.rows.push(row);
    }
    if (run.due()) await run.breathe();
  }
}

interface Probing {
  readonly matches: Groups<Match>;
  readonly keys: readonly Bound[];
  readonly fromRight: readonly number[];
  readonly blankRight: Row;
  readonly kind: JoinKind;
}

async function* probe(input: Batches, probing: Probing, run: Run): AsyncGenerator<readonly Row[]> {
  const { matches, keys, fromRight, blankRight, kind } = probing;
  const keepsUnmatched = kind === 'leftouter' || kind === 'fullouter' || kind === 'leftanti';
  const leftOnly = kind === 'leftanti' || kind === 'leftsemi';
  const rightOnly = kind === 'rightanti' || kind === 'rightsemi';
  const pair = (left: Row, right: Row): Row => {
    const row = left.slice() as Value[];
    for (const place of fromRight) row.push(right[place]!);
    return row;
  };
  let made: Row[] = [];
  for await (const rows of input) {
    for (const row of rows) {
      const key = keyOf(keys, row);
      const match = key && matches.get(key);
      if (match === undefined) {
        if (keepsUnmatched) made.push(leftOnly ? row : pair(row, blankRight));
        continue;
      }
      // Of rows of the left side with the same keys, innerunique takes one.
      if (kind === 'innerunique' && match.met) continue;
      match.met = true;
      if (kind === 'leftsemi') made.push(row);
      if (leftOnly || rightOnly) continue;
      for (const right of match.rows) {
        made.push(pair(row, right));
        if (made.length < run.batchRows) continue;
        yield made;
        made = [];
        if (run.due()) await run.breathe();
      }
    }
    if (made.length > 0) yield made;
    made = [];
    if (run.due()) await run.breathe();
  }
}

/** Rows of the right side that come after all of the left side has been seen. */
async function* leftOver(
  kind: JoinKind,
  matches: Groups<Match>,
  single: readonly Row[],
  shown: (right: Row) => Row,
  run: Run,
): AsyncGenerator<readonly Row[]> {
  if (kind !== 'rightsemi' && kind !== 'rightanti' && kind !== 'rightouter' && kind !== 'fullouter') return;
  let made: Row[] = [];
  for (const { rows, met } of matches.all) {
    if (met !== (kind === 'rightsemi')) continue;
    for (const row of rows) {
      made.push(shown(row));
      if (made.length < run.batchRows) continue;
      yield made;
      made = [];
      if (run.due()) await run.breathe();
    }
  }
  yield made;
  if (kind !== 'rightsemi') for await (const rows of inBatches(single, run)) yield rows.map(shown);
}
