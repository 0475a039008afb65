// The trees of queries, where problems stand and what they say, and the bounds of the parser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from './parser.ts';
import { KqlError, lineAndColumn, type KqlProblem } from './problem.ts';
import type { Expression, Operator, Query } from './syntax.ts';

/** An expression in few letters, with all parentheses. */
function short(node: Expression | Query): string {
  switch (node.kind) {
    case 'literal':
      return JSON.stringify(node.value);
    case 'name':
      return node.name;
    case 'star':
      return '*';
    case 'member':
      return `${short(node.object)}.${node.name.text}`;
    case 'index':
      return `${short(node.object)}[${short(node.index)}]`;
    case 'unary':
      return `${node.operator}${short(node.operand)}`;
    case 'binary':
      return `(${short(node.left)} ${node.operator} ${short(node.right)})`;
    case 'in':
      return `(${short(node.left)} ${node.operator} [${node.list.map(short).join(', ')}])`;
    case 'between':
      return `(${short(node.left)} ${node.negated ? '!' : ''}between ${short(node.low)}..${short(node.high)})`;
    case 'call':
      return `${node.name.text}(${node.arguments.map((each) => (each.kind === 'named' ? `${each.name.text}=${short(each.value)}` : short(each))).join(', ')})`;
    case 'query':
      return `{${'name' in node.source ? String(node.source.name) : node.source.kind}${node.operators.map((each) => `|${each.kind}`).join('')}}`;
  }
}

function condition(text: string): string {
  const [first] = parse(`T | where ${text}`).query.operators;
  return first?.kind === 'where' ? short(first.condition) : '';
}

type OfKind<Each, K> = Each extends { readonly kind: infer Own } ? (K extends Own ? Each : never) : never;

function only<K extends Operator['kind']>(kind: K, text: string): OfKind<Operator, K> {
  const [first] = parse(`T | ${text}`).query.operators;
  assert.equal(first?.kind, kind);
  return first as OfKind<Operator, K>;
}

function problem(query: string): KqlProblem {
  try {
    parse(query);
  } catch (error) {
    if (error instanceof KqlError) return error.problem;
    throw error;
  }
  return assert.fail(`'${query}' is read`);
}

test('operators of texts hold tighter than those of numbers, and those tighter than comparisons', () => {
  assert.equal(condition('a + b * c == d or e and f'), '(((a + (b * c)) == d) or (e and f))');
  assert.equal(condition('a - b - c < d == e'), '((((a - b) - c) < d) == e)');
  assert.equal(condition('a + b has c + d'), '((a + (b has c)) + d)');
  assert.equal(condition('-a.b[0] * +c'), '(-a.b[0] * +c)');
  assert.equal(condition('a matches regex "x" and b : "y"'), '((a matches regex "x") and (b has "y"))');
  assert.equal(condition('(a or b) and not(c)'), '((a or b) and not(c))');
});

test('lists, ranges and queries stand in expressions', () => {
  assert.equal(
    condition('a in~ ("x", "y") and b !in (U | project c)'),
    '((a in~ ["x", "y"]) and (b !in [{U|project}]))',
  );
  assert.equal(condition('a !between (1 + 1 .. 5)'), '(a !between (1 + 1)..5)');
  assert.equal(condition('a == toscalar(U | summarize max(b))'), '(a == toscalar({U|summarize}))');
  assert.equal(condition('f(a, b = 1, *)'), 'f(a, b=1, *)');
});

test('columns with any name are reached by brackets, and so are members of dynamics', () => {
  assert.equal(condition(`['a b'] == ["c"].d['e'].['f'][g + 1]`), '(a b == c.d["e"]["f"][(g + 1)])');
});

test('synonyms are one operator', () => {
  const kinds = (text: string): string[] => parse(text).query.operators.map(({ kind }) => kind);
  assert.deepEqual(kinds('T | filter a | limit 1 | order by b | mvexpand c | mvapply c on (take 1)'), kinds('T | where a | take 1 | sort by b | mv-expand c | mv-apply c on (limit 1)')); // prettier-ignore
});

test('sorts descending, with nulls where it says', () => {
  const { by } = only('sort', 'sort by a, b asc nulls last, c desc nulls first');
  assert.deepEqual(
    by.map(({ descending, nulls }) => [descending, nulls]),
    [[true, undefined], [false, 'last'], [true, 'first']], // prettier-ignore
  );
});

test('joins by columns of either side, innerunique unless it says otherwise', () => {
  const join = only(
    'join',
    'join hint.strategy=shuffle (U | take 1) on a, $right.c == $left.b and $left.d == $right.e',
  );
  assert.equal(join.join, 'innerunique');
  assert.deepEqual(
    join.on.map(({ left, right }) => [left.name, right.name]),
    [['a', 'a'], ['b', 'c'], ['d', 'e']], // prettier-ignore
  );
  assert.equal(only('join', 'join kind=anti U on a').join, 'leftanti');
  assert.equal(only('lookup', 'lookup (U) on a').join, 'leftouter');
});

test('several names take what one function gives', () => {
  const { columns } = only('extend', 'extend (a, b) = f(), c = 1, g()');
  assert.deepEqual(columns.map(({ names }) => names.map(({ text }) => text)), [['a', 'b'], ['c'], []]); // prettier-ignore
});

test('patterns of parse keep their order and their types', () => {
  const { mode, flags, pattern } = only('parse', 'parse kind=regex flags=Ui a with * "x" b:long "y" "z" c');
  assert.deepEqual([mode, flags], ['regex', 'Ui']);
  assert.deepEqual(
    pattern.map((each) =>
      'column' in each ? `${each.column.name.text}:${each.column.type}` : 'text' in each ? each.text : '*',
    ),
    ['*', 'x', 'b:long', 'yz', 'c:string'],
  );
});

test('make-series has an older form', () => {
  const newer = only('make-series', 'make-series n = count() default=0 on c from 1 to 9 step 2 by b');
  const older = only('make-series', 'make-series n = count() default=0 on c in range(1, 9, 2) by b');
  const shorts = (series: typeof newer): unknown => [series.start, series.end, series.step].map((each) => short(each!));
  assert.deepEqual(shorts(newer), shorts(older));
  assert.deepEqual([newer.inRange, older.inRange], [undefined, true]);
});

test('search before any table is a union with a search behind it', () => {
  const { source, operators } = parse('search in (A, Log*) "x"').query;
  assert.deepEqual(source.kind === 'union' && source.tables.map(short), ['{A}', '{Log*}']);
  assert.equal(source.kind === 'union' && source.withSource?.text, '$table');
  assert.equal(operators[0]?.kind, 'search');
});

test('functions have parameters of scalars and of tables, statements of their own and defaults', () => {
  const [let1] = parse('let f = (T: (a: long, b: string), U: (*), n: int = 5) { let k = n; T | take k }; f(X, Y)').lets;
  assert.ok(let1?.value.kind === 'lambda');
  const { parameters, lets, body } = let1.value;
  assert.deepEqual(
    parameters.map(({ type }) => (typeof type === 'string' ? type : type.columns === '*' ? '*' : type.columns.length)),
    [2, '*', 'int'],
  );
  assert.deepEqual([lets.length, short(body)], [1, '{T|take}']);
});

test('places are those of the text, parentheses and quotes included', () => {
  const query = "T | where (a + 1) * 2 == ['b c'] | project x = f(y)";
  const text = ({ from, to }: { readonly from: number; readonly to: number }): string => query.slice(from, to);
  const [where, project] = parse(query).query.operators;
  assert.ok(where?.kind === 'where' && project?.kind === 'project');
  assert.equal(text(where), "where (a + 1) * 2 == ['b c']");
  assert.equal(text(where.condition), "(a + 1) * 2 == ['b c']");
  assert.equal(where.condition.kind === 'binary' && text(where.condition.left), '(a + 1) * 2');
  assert.equal(text(project.columns[0]!), 'x = f(y)');
  assert.equal(text(project.columns[0]!.value), 'f(y)');
});

test('a problem says what was expected, what stands there, where, and what may have been meant', () => {
  const query = 'T\n| sumarize count() by b';
  const { kind, message, from, to } = problem(query);
  assert.deepEqual(
    [kind, message],
    ['syntax', "expected an operator after '|', found 'sumarize'; did you mean 'summarize'?"],
  );
  assert.deepEqual([query.slice(from, to), lineAndColumn(query, from)], ['sumarize', { line: 2, column: 3 }]);
  const messages: readonly (readonly [string, RegExp])[] = [
    ['T | select a', /it is called 'project' here$/],
    ['T | where a = 1', /found '='; '==' compares$/],
    ['T | where a == 1 && b', /write 'and'$/],
    ['T | where a == 1 || b', /'or' is a word here$/],
    ['T | where (a == 1 AND b)', /it is written 'and'$/],
    ['T | where a not in (1)', /write '!in'$/],
    ['T where a', /a '\|' is missing before it$/],
    ['T | where a == "\\d"', /'\\d' is no escape; write '\\\\' for a backslash, or '@' before the string/],
    ['T | where time == 1', /write \['time'\]$/],
    ['T | where a == b == c', /comparisons do not chain/],
    ['let x = 1;', /name the table to ask, or use 'print'$/],
    ['T | where a == datetime(yesterday)', /^this is no datetime; write it like datetime\(2026-01-31 13:00\)$/],
    ['T | where (U | count) == 1', /toscalar\(…\) makes a value of a query$/],
  ];
  for (const [wrong, expected] of messages) assert.match(problem(wrong).message, expected, wrong);
});

test('what this engine has not is refused by its name and place', () => {
  const query = 'T | where a | top-nested 3 of a by count()';
  const { kind, message, from, to } = problem(query);
  assert.deepEqual([kind, query.slice(from, to)], ['unsupported', 'top-nested']);
  assert.match(message, /^the operator 'top-nested' is not supported; use /);
  for (const each of [
    'find "x"',
    'T | fork (count)',
    'database("x").T',
    'T | where a like "x"',
    'set query_now=now; T',
  ]) {
    assert.equal(problem(each).kind, 'unsupported', each);
  }
});

test('options of a cluster that change no row are let go', () => {
  assert.equal(parse('set notruncation; set truncationmaxrecords = 5; T').query.source.kind, 'name');
});

test('a query has at most 64 KiB, 200 levels inside each other and 1000 operators in a chain', () => {
  assert.equal(parse(`T | where a == "${'x'.repeat(65_000)}"`).query.operators.length, 1);
  assert.equal(problem(`T${' '.repeat(65_536)}`).kind, 'budget');
  const nested = (open: string, close: string, times: number): string =>
    `T | where ${open.repeat(times)}a${close.repeat(times)}`;
  parse(nested('(', ')', 199));
  for (const [open, close] of [
    ['(', ')'],
    ['f(', ')'],
    ['a[', ']'],
    ['x in (', ')'],
    ['not(', ')'],
    ['-(', ')'],
  ] as const) {
    assert.equal(problem(nested(open, close, 5000)).kind, 'budget', open);
  }
  assert.equal(problem(`print dynamic(${'['.repeat(5000)}`).kind, 'budget');
  assert.equal(problem('let f = () { '.repeat(3000)).kind, 'budget');
  assert.equal(problem(`T ${'| mv-apply a on (take 1 '.repeat(1000)}`).kind, 'budget');
  parse(`T | where ${Array.from({ length: 900 }, (_, at) => `a == ${at}`).join(' or ')}`);
  assert.equal(problem(`T | where ${'a + '.repeat(10_000)}a`).kind, 'budget');
  assert.equal(problem(`T | where a${'.b'.repeat(10_000)}`).kind, 'budget');
  assert.equal(parse(`T | join (U) on ${'a and '.repeat(10_000)}a`).query.operators.length, 1);
  parse(nested('a or b and c == d < e + f * g has (', ')', 130));
});

test('reads in time linear in the length of the text', () => {
  const shapes: readonly ((times: number) => string)[] = [
    (times) => `T | where a in (${'"x", '.repeat(times)}"y")`,
    (times) => `T ${'| extend a = 1 '.repeat(times / 4)}`,
    (times) => `T | project ${'a, '.repeat(times)}(${'b, '.repeat(times)}b) = f()`,
    (times) => `${'let a = 1; '.repeat(times / 3)}T`,
    (times) => `print dynamic([${'1, '.repeat(times)}1])`,
    (times) => `T | where a == ${"'x' ".repeat(times)}`,
    (times) => `print ${'datetime('.repeat(times)}`,
    (times) => `T ${'-'.repeat(times)}`,
  ];
  for (const shape of shapes) {
    const timed = (times: number): number => {
      const before = process.cpuUsage().user;
      for (let repeat = 0; repeat < 8; repeat++) {
        try {
          parse(shape(times));
        } catch (error) {
          assert.ok(error instanceof KqlError);
        }
      }
      return process.cpuUsage().user - before;
    };
    timed(1000);
    const [short, long] = [timed(1000), timed(8000)];
    assert.ok(long < 40 * Math.max(short, 4000), `${shape(1)}: ${short} µs, and ${long} µs for eight times as much`);
  }
});
