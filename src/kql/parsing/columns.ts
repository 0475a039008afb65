// Operators that choose, make and name columns: extend, project and its kin, summarize, distinct, serialize.
import { KqlError } from '../problem.ts';
import type {
  Assignment,
  Distinct,
  Extend,
  Name,
  Project,
  ProjectAway,
  ProjectRename,
  Serialize,
  Summarize,
} from '../syntax.ts';
import { readList, readName, touches, unsupported, type Cursor } from './cursor.ts';
import { readAssignment } from './expressions.ts';
import type { OperatorReader } from './operators.ts';
import { readParameters } from './parameters.ts';

/** Nothing more stands in this operator. */
export function atEnd(cursor: Cursor): boolean {
  return cursor.peek().kind === 'end' || ['|', ';', ')', '}'].some((each) => cursor.is(each));
}

export const readExtend: OperatorReader<Extend> = (cursor) => {
  readParameters(cursor, 'extend');
  return { kind: 'extend', columns: readList(cursor, () => readAssignment(cursor)) };
};

export const readProject: OperatorReader<Project> = (cursor) => ({
  kind: 'project',
  columns: atEnd(cursor) ? [] : readList(cursor, () => readAssignment(cursor)),
});

export const readSerialize: OperatorReader<Serialize> = (cursor) => {
  readParameters(cursor, 'serialize');
  return { kind: 'serialize', columns: atEnd(cursor) ? [] : readList(cursor, () => readAssignment(cursor)) };
};

export function readProjectAway(cursor: Cursor, kind: ProjectAway['kind']): Omit<ProjectAway, 'from' | 'to'> {
  if (atEnd(cursor)) return { kind, columns: [] };
  const columns = readList(cursor, () => {
    const name = readWildcardName(cursor, 'the name of a column');
    if (kind !== 'project-reorder') return name;
    if (cursor.is('granny') && cursor.is('-', 1))
      unsupported(`'granny-${cursor.peek(2).text}'`, cursor.peek(), "use 'asc' or 'desc'");
    const order = cursor.accept('asc') ?? cursor.accept('desc');
    return order === undefined ? name : { ...name, order: order.text as 'asc' | 'desc' };
  });
  return { kind, columns };
}

/** A name with a star in it, or one without. */
export function startsWildcardName(cursor: Cursor): boolean {
  if (cursor.is('*')) return true;
  return cursor.peek().kind === 'word' && cursor.is('*', 1) && touches(cursor.peek(), cursor.peek(1));
}

export function readWildcardName(cursor: Cursor, what: string): Name {
  if (!startsWildcardName(cursor)) return readName(cursor, what);
  const first = cursor.next();
  let [text, last] = [first.text, first];
  while (touches(last, cursor.peek()) && (cursor.is('*') || ['word', 'literal'].includes(cursor.peek().kind))) {
    last = cursor.next();
    text += last.text;
  }
  return { text, from: first.from, to: last.to };
}

export const readProjectRename: OperatorReader<ProjectRename> = (cursor) => {
  if (atEnd(cursor)) return { kind: 'project-rename', columns: [] };
  const columns = readList(cursor, () => {
    const { names, value } = readAssignment(cursor);
    const [name] = names;
    if (names.length === 1 && value.kind === 'name')
      return { name: name!, was: { text: value.name, from: value.from, to: value.to } };
    throw new KqlError(
      'type',
      "'project-rename' takes two names, as in 'project-rename New = Old'; 'extend' computes",
      value,
    );
  });
  return { kind: 'project-rename', columns };
};

export const readSummarize: OperatorReader<Summarize> = (cursor) => {
  readParameters(cursor, 'summarize');
  const startsBy = (): boolean => cursor.is('by') && !cursor.is('=', 1);
  const aggregates = atEnd(cursor) || startsBy() ? [] : readList(cursor, () => readAssignment(cursor));
  const by = startsBy() && cursor.next() ? readList(cursor, () => readKey(cursor)) : [];
  return { kind: 'summarize', aggregates, by };
};

function readKey(cursor: Cursor): Assignment {
  if (cursor.is('bin') && cursor.is('=', 1)) unsupported("'bin=' of summarize", cursor.peek(), 'use bin(…)');
  return readAssignment(cursor);
}

export const readDistinct: OperatorReader<Distinct> = (cursor) => {
  readParameters(cursor, 'distinct');
  if (cursor.is('*')) {
    const { from, to } = cursor.next();
    return { kind: 'distinct', columns: [{ kind: 'star', from, to }] };
  }
  const columns = readList(cursor, () => {
    const { names, value } = readAssignment(cursor);
    if (names.length > 0)
      throw new KqlError('type', "'distinct' gives no new names; use 'extend' before it", names[0]!);
    return value;
  });
  return { kind: 'distinct', columns };
};
