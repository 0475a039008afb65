// Makes queries of KQL by its grammar, most of them with types that fit, and damages queries. Seeded.
import { createDice, type Dice } from './fuzz-mutations.ts';

/** Rows that the queries of `createQueries` ask; as a statement that is put before them. */
export const groundTable =
  `let T = datatable(a: long, b: string, c: datetime, d: dynamic, e: real, f: bool, g: timespan, h: guid) [
  1, "alice", datetime(2026-01-31 13:00), dynamic({"x": 1, "y": [1, 2, "z"]}), 0.5, true, 5m, guid(74be27de-1e4e-49d9-b579-fe0b331d3642),
  -2, "Bob Smith", datetime(2026-02-01), dynamic([1, 2.5, null, {"x": "y"}]), -1.25, false, 1.02:03:04, guid(null),
  long(null), "", datetime(null), dynamic(null), real(nan), bool(null), timespan(null), guid(null),
  9007199254740991, "日本 x@contoso.com", datetime(9999-12-31), dynamic("text"), 1e300, true, -1d, guid(00000000-0000-0000-0000-000000000000)
];
`.replace('1.02:03:04', 'timespan(1.02:03:04)');

type Kind = 'long' | 'string' | 'datetime' | 'dynamic' | 'real' | 'bool' | 'timespan';
const columns: Readonly<Record<Kind, string>> = {
  long: 'a',
  string: 'b',
  datetime: 'c',
  dynamic: 'd',
  real: 'e',
  bool: 'f',
  timespan: 'g',
};
const kinds = Object.keys(columns) as readonly Kind[];

const literals: Readonly<Record<Kind, readonly string[]>> = {
  long: ['0', '1', '-1', '42', '0xFF', 'long(null)', 'int(7)', '9223372036854775807', '1000000'],
  string: [
    '""',
    '"alice"',
    "'Bob'",
    '@"a\\b"',
    "h'x'",
    '"日本"',
    '"a" "b"',
    '```x\ny```',
    '"\\u0041\\t"',
    '"*"',
    '"(.*"',
    '"0"',
  ],
  datetime: ['datetime(2026-01-01)', 'datetime(null)', 'datetime("2026-01-31T13:00:00.1234567Z")', 'now()', 'ago(1d)'],
  dynamic: [
    'dynamic([1,2,3])',
    'dynamic({"a":{"b":[1]}})',
    'dynamic(null)',
    'dynamic("x")',
    'dynamic([])',
    'dynamic({"__proto__":1})',
  ],
  real: ['0.5', '-1.5', '1e-3', 'real(nan)', 'real(+inf)', 'double(null)', '1.'],
  bool: ['true', 'false', 'bool(null)', 'TRUE'],
  timespan: ['1d', '5m', '0s', '10ms', '1tick', 'time(1.02:03:04)', '-1h', 'timespan(null)', '1.5h'],
};

/** Functions of each kind by what they take; `?` is any kind. */
const functions: Readonly<Record<Kind, readonly string[]>> = {
  long: [
    ...['strlen(string)', 'tolong(?)', 'toint(?)', 'abs(long)', 'array_length(dynamic)', 'indexof(string, string)'],
    ...['datetime_part("hour", datetime)', 'datetime_diff("minute", datetime, datetime)', 'countof(string, string)'],
    ...[
      'iff(bool, long, long)',
      'case(bool, long, bool, long, long)',
      'coalesce(long, long)',
      'binary_and(long, long)',
    ],
    ...['hash(string)', 'bin(long, 5)', 'sign(long)', 'dayofyear(datetime)', 'bitset_count_ones(long)'],
  ],
  string: [
    ...['tostring(?)', 'strcat(string, ?, string)', 'tolower(string)', 'toupper(string)', 'substring(string, 1, 2)'],
    ...['replace_string(string, string, string)', 'replace_regex(string, "[a-z]+", string)', 'trim(" ", string)'],
    ...['extract("([a-z]+)@", 1, string)', 'split(string, ",")[0]', 'strcat_array(dynamic, ",")', 'reverse(string)'],
    ...[
      'format_datetime(datetime, "yyyy-MM-dd HH:mm")',
      'iff(bool, string, string)',
      'url_decode(string)',
      'gettype(?)',
    ],
    ...[
      'base64_encode_tostring(string)',
      'hash_sha256(string)',
      'strrep(string, 3)',
      'format_timespan(timespan, "hh:mm")',
    ],
  ],
  datetime: [
    ...[
      'todatetime(?)',
      'bin(datetime, 1h)',
      'startofday(datetime)',
      'endofmonth(datetime)',
      'datetime_add("day", 1, datetime)',
    ],
    ...[
      'iff(bool, datetime, datetime)',
      'unixtime_seconds_todatetime(long)',
      'startofweek(datetime, -1)',
      'make_datetime(2026, 1, 31)',
    ],
  ],
  dynamic: [
    ...[
      'parse_json(string)',
      'todynamic(string)',
      'split(string, "@")',
      'pack_array(?, ?)',
      'bag_pack("k", ?)',
      'bag_keys(dynamic)',
    ],
    ...[
      'array_concat(dynamic, dynamic)',
      'array_slice(dynamic, 0, 1)',
      'set_union(dynamic, dynamic)',
      'range(1, 10, 2)',
    ],
    ...[
      'extract_all("([a-z]+)", string)',
      'parse_url(string)',
      'bag_merge(dynamic, dynamic)',
      'array_sort_asc(dynamic)',
      'zip(dynamic, dynamic)',
    ],
  ],
  real: [
    ...[
      'todouble(?)',
      'round(real, 2)',
      'sqrt(real)',
      'pow(real, long)',
      'log(real)',
      'exp(real)',
      'floor(real, 1)',
      'max_of(real, real)',
    ],
    ...['iff(bool, real, real)', 'toreal(string)', 'ceiling(real)'],
  ],
  bool: [
    ...[
      'isempty(string)',
      'isnotempty(?)',
      'isnull(dynamic)',
      'isnotnull(long)',
      'not(bool)',
      'tobool(?)',
      'isnan(real)',
    ],
    ...[
      'ipv4_is_private(string)',
      'ipv4_is_in_range(string, "10.0.0.0/8")',
      'set_has_element(dynamic, string)',
      'isutf8(string)',
    ],
  ],
  timespan: [
    'totimespan(?)',
    'datetime - datetime',
    'bin(timespan, 1m)',
    'abs(timespan)',
    'iff(bool, timespan, timespan)',
  ],
};

const textOperators = [
  ...[
    '==',
    '!=',
    '=~',
    '!~',
    'has',
    '!has',
    'has_cs',
    'contains',
    '!contains',
    'contains_cs',
    'startswith',
    '!startswith',
  ],
  ...['endswith', '!endswith_cs', 'hasprefix', '!hasprefix', 'hassuffix', 'hassuffix_cs', 'startswith_cs', ':'],
];
const aggregates = [
  ...[
    'count()',
    'countif(bool)',
    'dcount(?)',
    'dcountif(?, bool)',
    'sum(long)',
    'sumif(real, bool)',
    'avg(real)',
    'min(?)',
    'max(?)',
  ],
  ...[
    'make_set(?)',
    'make_list(?, 3)',
    'make_bag(dynamic)',
    'arg_max(datetime, *)',
    'arg_min(long, string)',
    'take_any(?)',
    'any(?)',
  ],
  ...[
    'percentile(real, 95)',
    'percentiles(long, 5, 50)',
    'stdev(real)',
    'variance(long)',
    'make_set_if(string, bool)',
    'makeset(?)',
  ],
  ...[
    'make_list_if(?, bool)',
    'avgif(long, bool)',
    'maxif(long, bool)',
    'binary_all_or(long)',
    'hll(string)',
    'make_list_with_nulls(?)',
  ],
];

export interface Queries {
  /** Whole, with the statements that it needs. */
  query(): string;
  /** One of these, or another one made by the grammar, with some of its pieces gone, doubled, exchanged or strange. */
  damaged(from: readonly string[]): string;
}

/** Names to call with whatever arguments, beside those that are called as they want. */
export interface Callable {
  readonly functions: readonly string[];
  readonly aggregates: readonly string[];
}

const conversions: Readonly<Record<Kind, string>> = {
  long: 'tolong',
  string: 'tostring',
  datetime: 'todatetime',
  dynamic: 'pack_array',
  real: 'todouble',
  bool: 'tobool',
  timespan: 'totimespan',
};

/** Arguments that somebody may not have thought of. */
const unlikely = [
  ...[
    '-9223372036854775807',
    '1e308',
    '-0.0',
    'real(-inf)',
    '1e-320',
    '4294967296',
    '-1',
    '0',
    '2',
    '16',
    '65',
    '1000000000',
  ],
  ...[
    '""',
    '" "',
    '"%"',
    '"yyyy-MM-dd"',
    '"hour"',
    '"[a-z]*"',
    '"$.a[0]"',
    '"\\ud800"',
    '"é́"',
    '"10.0.0.0/33"',
    '"fe80::1%eth0"',
  ],
  ...[
    'strrep("ab", 1000)',
    'strrep("(", 100)',
    '"\\x00"',
    '"-0x1"',
    '"1e400"',
    '"{\\"a\\":[1,{}]}"',
    '"P1D"',
    '"Asia/Tokyo"',
  ],
  ...[
    'dynamic([])',
    'dynamic({})',
    'dynamic([[1],[2]])',
    'dynamic([3,1,null,"a",{"b":1}])',
    'dynamic({"a":null})',
    'dynamic([1,2,3,4,5,6,7])',
  ],
  ...[
    'dynamic(["2026-01-01","x"])',
    'range(1, 50)',
    'dynamic([0.1,-5,1e300])',
    'datetime(0001-01-01)',
    'datetime(9999-12-31 23:59:59.9999999)',
  ],
  ...[
    '10675199d',
    '-10675199d',
    '1tick',
    'guid(null)',
    'a',
    'b',
    'c',
    'd',
    'e',
    'f',
    'g',
    'h',
    'true',
    'typeof(long)',
    '*',
  ],
];

export function createQueries(seed: number, callable: Callable = { functions: [], aggregates: [] }): Queries {
  const dice = createDice(seed);
  const grammar = createGrammar(dice, callable);
  return {
    query: grammar.script,
    damaged: (from) => damage(dice, dice.below(4) === 0 ? grammar.script() : dice.pick(from), from),
  };
}

/** Columns that it needs, how it reads, and columns that stay as they are behind it (all where it does not say). */
type Choice = readonly [needs: string, make: () => string, keeps?: string];

function createGrammar(dice: Dice, callable: Callable): { script(): string } {
  /** Columns of the table that are still there, by their letters. */
  let scope = '';
  const oneOf = (...choices: readonly (() => string)[]): string => dice.pick(choices)();
  const some = (most: number, make: () => string): string =>
    Array.from({ length: 1 + dice.below(most) }, make).join(', ');
  const wild = (names: readonly string[]): string =>
    `${dice.pick(names)}(${Array.from({ length: dice.below(5) }, () => (dice.below(3) === 0 ? expression(anyKind(), 1) : dice.pick(unlikely))).join(', ')})`;
  const anyKind = (): Kind => dice.pick(kinds);
  const column = (kind: Kind): string =>
    scope.includes(columns[kind]) ? columns[kind] : `(${dice.pick(literals[kind])})`;
  const filled = (form: string, depth: number): string =>
    form.replaceAll(/\?|\b(?:long|string|datetime|dynamic|real|bool|timespan)\b(?!\()/g, (word) =>
      expression(word === '?' ? anyKind() : (word as Kind), depth - 1),
    );

  function expression(kind: Kind, depth: number): string {
    if (depth <= 0 || dice.below(4) === 0) return dice.below(3) > 0 ? column(kind) : dice.pick(literals[kind]);
    const of = (other: Kind): string => expression(other, depth - 1);
    const isWild = callable.functions.length > 0 && dice.below(12) === 0;
    if (isWild) return `${conversions[kind]}(${wild(callable.functions)})`;
    const call = (): string => filled(dice.pick(functions[kind]), depth);
    switch (kind) {
      case 'long':
        return oneOf(call, call, () => `(${of('long')} ${dice.pick(['+', '-', '*', '/', '%'])} ${of('long')})`);
      case 'real':
        return oneOf(
          call,
          () => `(${of('real')} ${dice.pick(['+', '-', '*', '/'])} ${of(dice.pick(['long', 'real']))})`,
        );
      case 'datetime':
        return oneOf(call, () => `(${of('datetime')} ${dice.pick(['+', '-'])} ${of('timespan')})`);
      case 'timespan':
        return oneOf(
          call,
          () => `(${of('timespan')} ${dice.pick(['+', '-'])} ${of('timespan')})`,
          () => `(${of('timespan')} * ${of('long')})`,
        );
      case 'dynamic':
        return oneOf(
          call,
          () => `${column('dynamic')}.x`,
          () => `${column('dynamic')}["y"][${dice.below(3) - 1}]`,
          () => `(${of('dynamic')})[${of('string')}]`,
        );
      case 'string':
        return oneOf(call, call, () => `tostring(${column('dynamic')}.y[0])`);
      case 'bool':
        return condition(depth);
    }
  }

  function condition(depth: number): string {
    const of = (kind: Kind): string => expression(kind, depth - 1);
    const ordered = (): Kind => dice.pick(['long', 'real', 'datetime', 'timespan', 'string']);
    return oneOf(
      () => filled(dice.pick(functions.bool), depth),
      () =>
        `${of('string')} ${dice.pick(textOperators)} ${dice.pick([dice.pick(literals.string), column('string'), `tostring(${of('long')})`])}`,
      () => {
        const kind = ordered();
        return `${of(kind)} ${dice.pick(['<', '<=', '>', '>=', '==', '!=', '<>'])} ${of(kind)}`;
      },
      () => {
        const kind = ordered();
        return `${of(kind)} ${dice.pick(['in', '!in', ...(kind === 'string' ? ['in~', '!in~', 'has_any', 'has_all'] : [])])} (${some(3, () => of(kind))})`;
      },
      () => {
        const kind = dice.pick(['long', 'real', 'datetime'] as const);
        return `${of(kind)} ${dice.pick(['between', '!between'])} (${of(kind)} .. ${of(kind)})`;
      },
      () =>
        `${column('string')} matches regex ${dice.pick(['"^a.*e$"', '@"\\w+@\\w+"', '"(a+)+$"', '"[^x]{2,5}"', '"(?i)BOB"', '"("'])}`,
      () => `(${of('bool')} ${dice.pick(['and', 'or'])} ${of('bool')})`,
      () => `${of('long')} in (T | where f | project a)`,
      () => `${of('long')} == toscalar(T | summarize max(a))`,
    );
  }

  const named = (depth: number): string => {
    const kind = anyKind();
    const value = expression(kind, depth);
    return dice.below(9) === 0
      ? value
      : `${dice.pick([columns[kind], columns[kind], `n${dice.below(999)}`, `['o p${dice.below(999)}']`])} = ${value}`;
  };
  const aggregate = (): string =>
    `${dice.pick(['', `n${dice.below(999)} = `, `n${dice.below(999)} = `])}${callable.aggregates.length > 0 && dice.below(12) === 0 ? wild(callable.aggregates) : filled(dice.pick(aggregates), 2)}`;
  const order = (): string =>
    `${expression(anyKind(), 1)}${dice.pick(['', ' asc', ' desc'])}${dice.pick(['', '', ' nulls first', ' nulls last'])}`;
  const key = (): string => dice.pick(['a', 'b', 'b, f', '$left.b == $right.b', '$left.a == $right.a, b']);
  const joinKind = (): string =>
    dice.pick([
      '',
      ...[
        'inner',
        'innerunique',
        'leftouter',
        'rightouter',
        'fullouter',
        'leftanti',
        'rightanti',
        'leftsemi',
        'rightsemi',
      ].map((each) => `kind=${each}`),
    ]);

  function operator(depth: number): string {
    const inner = (): string => {
      const outer = scope;
      scope = 'abcdefgh';
      const text = `(T${pipes(depth - 1, 2)})`;
      scope = outer;
      return text;
    };
    const choices: Choice[] = [
      ['', () => `where ${condition(2)}`],
      ['', () => `${dice.pick(['where', 'filter'])} ${expression('bool', 3)}`],
      ['', () => `extend ${some(3, () => named(3))}`],
      ['abcdefg', () => `project a, b, c, d, e, f, g, n = ${expression(anyKind(), 2)}`, 'abcdefg'],
      ['h', () => 'project-away h', 'abcdefg'],
      ['bcd', () => `project-away ${dice.pick(['b, c, d', 'b*, c*, d*'])}`, 'aefgh'],
      ['', () => 'project-keep *'],
      ['ab', () => 'project-keep a, b*', 'ab'],
      ['ac', () => 'project-rename n1 = a, o = c', 'bdefgh'],
      ['acf', () => `project-reorder ${dice.pick(['c, a', '* asc', 'c desc, *', 'f, a*'])}`],
      ['b', () => `summarize ${some(3, aggregate)} by b`, 'b'],
      ['bcf', () => `summarize ${some(2, aggregate)} by b, f, c = bin(c, 1d)`, 'bcf'],
      ['ab', () => `summarize ${some(2, aggregate)} by k = bin(a, 10), b`, 'b'],
      [
        'bcdefg',
        () => 'summarize a = count(), e = avg(e), f = take_any(f), d = make_list(d), g = max(g) by b, c = bin(c, 1h)',
        'abcdefg',
      ],
      [
        '',
        () => `summarize by k1 = ${expression(dice.pick(['long', 'string']), 2)}, k2 = ${expression('bool', 1)}`,
        '',
      ],
      ['bcf', () => 'distinct b, c, f', 'bcf'],
      ['ab', () => 'distinct a, b', 'ab'],
      ['b', () => 'distinct tolower(b)', ''],
      ['', () => `${dice.pick(['sort', 'order'])} by ${some(2, order)}`],
      ['', () => `top ${dice.below(6)} by ${order()}`],
      ['', () => `${dice.pick(['take', 'limit', 'sample'])} ${dice.below(6)}`],
      ['', () => 'count', ''],
      ['', () => 'getschema', ''],
      ['', () => `as X${dice.below(99)}`],
      [
        'd',
        () =>
          `mv-expand ${dice.pick(['d', `m${dice.below(99)} = d to typeof(string)`, 'kind=array d', `with_itemindex=i${dice.below(99)} d`, 'd limit 2', `x${dice.below(99)} = dynamic([1,2]), d`])}`,
      ],
      [
        'd',
        () =>
          `mv-apply ${dice.pick(['d', 'a = d to typeof(long)', `with_itemindex=i${dice.below(99)} d`])} on (${operator(0)})`,
      ],
      [
        'bd',
        () =>
          `${dice.pick(['parse', 'parse-where'])} ${dice.pick(['b', 'kind=relaxed b', 'tostring(d)'])} with ${dice.pick(['* "o" n:string', 'n "l" *', '"a" n:long "c" *', 'x:long', '* " " y'])}`,
      ],
      [
        'b',
        () =>
          `parse kind=regex flags=${dice.pick(['i', 'U', 'Ui'])} b with ${dice.pick(['@"\\w" n', 'n "[a-z]+" *', '"(" n'])}`,
      ],
      ['b', () => `parse-kv b as (k: string, l: long) with (pair_delimiter=' ', kv_delimiter='=')`],
      [
        'bc',
        () =>
          `make-series ${some(2, aggregate)} default=0 on c ${dice.pick(['from datetime(2026-01-01) to datetime(2026-02-03) step 1d', 'in range(datetime(2026-01-30), datetime(2026-02-03), 12h)'])} by b`,
        'b',
      ],
      ['ab', () => `make-series ${some(2, aggregate)} on a from 0 to 50 step 10 by b`, 'b'],
      [
        'a',
        () =>
          `serialize ${dice.pick(['', 'n2 = row_number()', 'n3 = prev(a), m3 = next(a, 1)', 'n4 = row_cumsum(a)'])}`,
      ],
      ['d', () => 'evaluate bag_unpack(d)', 'abcefg'],
      ['abf', () => `project a, b, f | evaluate ${dice.pick(['pivot(b)', 'pivot(b, sum(a)) : (*, alice: long)'])}`, ''],
      [
        'bf',
        () =>
          `search ${dice.pick(['"alice"', 'b: "bob"', '* has "x"', '"a*" and f == true', 'kind=case_sensitive "Bob"'])}`,
      ],
      ['', () => `render ${dice.pick(['timechart', 'table', 'barchart with (title="t", kind=stacked)'])}`],
      ['ab', () => `invoke ${dice.pick(['F(1)', 'F(2)', 'G()'])}`],
    ];
    if (depth > 0) {
      choices.push(
        ['ab', () => `join ${joinKind()} ${inner()} on ${key()}`, 'ab'],
        [
          'ab',
          () => `lookup ${dice.pick(['', 'kind=inner', 'kind=leftouter'])} ${inner()} on ${dice.pick(['b', 'a, b'])}`,
        ],
        [
          '',
          () =>
            `union ${dice.pick(['', 'kind=inner', 'kind=outer', `withsource=S${dice.below(99)}`, 'isfuzzy=true'])} ${inner()}, ${dice.pick(['T', inner()])}`,
          '',
        ],
      );
    }
    const [, make, keeps] = dice.pick(choices.filter(([needs]) => [...needs].every((each) => scope.includes(each))));
    const text = make();
    if (keeps !== undefined) scope = [...scope].filter((each) => keeps.includes(each)).join('');
    return text;
  }

  const pipes = (depth: number, most: number): string =>
    Array.from({ length: dice.below(most + 1) }, () => `${dice.pick([' ', '\n'])}| ${operator(depth)}`).join('');

  function script(): string {
    scope = 'abcdefgh';
    if (callable.functions.length > 0 && dice.below(2) === 0) {
      const one =
        dice.below(5) > 0
          ? `extend x = ${wild(callable.functions)}`
          : `summarize x = ${wild(callable.aggregates)} by f`;
      return `${groundTable}T | ${one}`;
    }
    const functionsBefore =
      'let F = (x: (a: long, b: string), y: long) { x | where a > y };\nlet G = (x: (*)) { x | take 2 };\nlet S = (p: long, q: string = "z") { strcat(q, p) };\n';
    const [columnsThere, begin] = dice.pick<readonly [string, string]>([
      ...Array.from({ length: 8 }, () => ['abcdefgh', 'T'] as const),
      ['abcdefgh', '(T)'],
      [
        '',
        `print ${some(3, () => dice.pick([`n${dice.below(999)} = ${dice.pick(literals[anyKind()])}`, 'strcat("a", 1)']))}`,
      ],
      ['a', 'range a from 1 to 10 step 3'],
      ['abcdefgh', 'union T, (T | take 1)'],
      ['abcdefgh', 'search in (T) "alice"'],
      ['ab', 'datatable(a: long, b: string)[1, "x", 2, "y"]'],
      ['abcdefgh', 'materialize(T | take 2)'],
    ]);
    scope = '';
    const before = dice.below(3) === 0 ? `let k = ${expression(anyKind(), 2)};\n` : '';
    scope = columnsThere;
    return `${groundTable}${functionsBefore}${before}${begin}${pipes(2, 5)}`;
  }

  return { script };
}

const strange = [
  ...[
    '|',
    '||',
    ';',
    ',',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '.',
    '..',
    '=',
    '==',
    '=>',
    '!',
    '~',
    '@',
    '$',
    '\\',
    "'",
    '"',
    '```',
    '//',
  ],
  ...[
    'by',
    'on',
    'in',
    'and',
    'or',
    'not',
    'let',
    'where',
    'null',
    'dynamic(',
    'datetime(',
    "['",
    '0x',
    '1e',
    '1..2',
    'h"',
    '\u0000',
    '\u{1f600}',
  ],
  ...[
    '\ud800',
    '\u2028',
    '*',
    '-',
    '- -',
    'matches regex',
    'typeof(long)',
    'toscalar(',
    '999999999999999999999',
    '$left.',
    'in~',
    '!in~',
  ],
];

function damage(dice: Dice, query: string, others: readonly string[]): string {
  const cut = (text: string): string[] => text.match(/\s+|[A-Za-z_0-9]+|[^]/gu) ?? [];
  const pieces = cut(query);
  for (let times = 1 + dice.below(3); times > 0 && pieces.length > 0; times--) {
    const at = dice.below(pieces.length);
    switch (dice.below(7)) {
      case 0:
        pieces.splice(at, 1 + dice.below(3));
        break;
      case 1:
        pieces.splice(at, 0, pieces[at]!);
        break;
      case 2:
        pieces[at] = dice.pick(strange);
        break;
      case 3:
        pieces.splice(at, 0, dice.pick(strange), ' ');
        break;
      case 4: {
        const other = dice.below(pieces.length);
        [pieces[at], pieces[other]] = [pieces[other]!, pieces[at]!];
        break;
      }
      case 5:
        pieces.length = at;
        break;
      default: {
        const other = cut(dice.pick(others));
        const begin = dice.below(Math.max(other.length, 1));
        pieces.splice(at, dice.below(3), ...other.slice(begin, begin + 1 + dice.below(8)));
      }
    }
  }
  return pieces.join('');
}
