// The syntax tree of KQL: what the parser makes and the binder reads. Positions are UTF-16 code units in the query.
// What KQL has and this engine does not is no part of it: the parser refuses that by name.
import type { KqlType, Value } from './values.ts';

interface Node {
  readonly from: number;
  readonly to: number;
}

/** A name as written, without the quotes and brackets of `['a name']`. */
export interface Name extends Node {
  readonly text: string;
}

// --- scalar expressions ---

export interface Literal extends Node {
  readonly kind: 'literal';
  readonly type: KqlType;
  readonly value: Value;
}

/** A column, a name bound by `let`, or a table where one is wanted. */
export interface NameExpression extends Node {
  readonly kind: 'name';
  readonly name: string;
}

/** `object.member` */
export interface Member extends Node {
  readonly kind: 'member';
  readonly object: Expression;
  readonly name: Name;
}

/** `object[index]`, also with a string as index. */
export interface Index extends Node {
  readonly kind: 'index';
  readonly object: Expression;
  readonly index: Expression;
}

export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: '-' | '+';
  readonly operand: Expression;
}

export type BinaryOperator =
  | '+' | '-' | '*' | '/' | '%'
  | '==' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~'
  | 'and' | 'or'
  | 'contains' | '!contains' | 'contains_cs' | '!contains_cs'
  | 'has' | '!has' | 'has_cs' | '!has_cs' | 'hasprefix' | '!hasprefix' | 'hasprefix_cs' | '!hasprefix_cs'
  | 'hassuffix' | '!hassuffix' | 'hassuffix_cs' | '!hassuffix_cs'
  | 'startswith' | '!startswith' | 'startswith_cs' | '!startswith_cs'
  | 'endswith' | '!endswith' | 'endswith_cs' | '!endswith_cs'
  | 'matches regex'; // prettier-ignore

export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export type ListOperator = 'in' | '!in' | 'in~' | '!in~' | 'has_any' | 'has_all';

/** `left in (a, b)`, or a single tabular or dynamic expression between the parentheses. */
export interface InList extends Node {
  readonly kind: 'in';
  readonly operator: ListOperator;
  readonly left: Expression;
  readonly list: readonly (Expression | Query)[];
}

/** `left between (low .. high)` */
export interface Between extends Node {
  readonly kind: 'between';
  readonly negated: boolean;
  readonly left: Expression;
  readonly low: Expression;
  readonly high: Expression;
}

/** `name(arguments)`. An argument may be a query: `toscalar(T | count)`. */
export interface Call extends Node {
  readonly kind: 'call';
  readonly name: Name;
  readonly arguments: readonly (Expression | Query | NamedArgument)[];
}

/** `name = value` in the arguments of a function or a plug-in. */
export interface NamedArgument extends Node {
  readonly kind: 'named';
  readonly name: Name;
  readonly value: Expression;
}

/** `*`, where all columns are meant: `count(*)`, `arg_max(x, *)`. */
export interface Star extends Node {
  readonly kind: 'star';
}

export type Expression = Literal | NameExpression | Member | Index | Unary | Binary | InList | Between | Call | Star;

/** `name = expression`, `(a, b) = expression` or just an expression. */
export interface Assignment extends Node {
  /** Empty where no name is given. */
  readonly names: readonly Name[];
  readonly value: Expression;
}

// --- tabular expressions ---

/** Source and operators: `T | where … | count`. */
export interface Query extends Node {
  readonly kind: 'query';
  readonly source: Source;
  readonly operators: readonly Operator[];
}

export type Source =
  | NameExpression // a table, or a name bound by let
  | Call // a function that gives a table: range is an operator of its own; also table('T'), materialize(…), user functions
  | Query // in parentheses
  | Datatable
  | Range
  | Print
  | (Union & { readonly leading: true })
  | Externaldata;

export interface Datatable extends Node {
  readonly kind: 'datatable';
  readonly columns: readonly ColumnDeclaration[];
  readonly values: readonly Expression[];
}

export interface ColumnDeclaration {
  readonly name: Name;
  readonly type: KqlType;
}

/** `range x from a to b step c` */
export interface Range extends Node {
  readonly kind: 'range';
  readonly name: Name;
  readonly start: Expression;
  readonly end: Expression;
  readonly step: Expression;
}

export interface Print extends Node {
  readonly kind: 'print';
  readonly columns: readonly Assignment[];
}

/** Parsed so that it can be refused by name: nothing is fetched. */
export interface Externaldata extends Node {
  readonly kind: 'externaldata';
  readonly columns: readonly ColumnDeclaration[];
}

export interface Where extends Node {
  readonly kind: 'where';
  readonly condition: Expression;
}
export interface Extend extends Node {
  readonly kind: 'extend';
  readonly columns: readonly Assignment[];
}
export interface Project extends Node {
  readonly kind: 'project';
  readonly columns: readonly Assignment[];
}
/** Names may hold `*`: `project-away Temp*`. */
export interface ProjectAway extends Node {
  readonly kind: 'project-away' | 'project-keep' | 'project-reorder';
  readonly columns: readonly (Name & { readonly order?: 'asc' | 'desc' })[];
}
export interface ProjectRename extends Node {
  readonly kind: 'project-rename';
  readonly columns: readonly { readonly name: Name; readonly was: Name }[];
}
export interface Summarize extends Node {
  readonly kind: 'summarize';
  readonly aggregates: readonly Assignment[];
  readonly by: readonly Assignment[];
}
export interface Distinct extends Node {
  readonly kind: 'distinct';
  /** A single star means all columns. */
  readonly columns: readonly Expression[];
}
export interface Order extends Node {
  readonly expression: Expression;
  /** Default: descending. */
  readonly descending: boolean;
  /** Default: nulls first when ascending, last when descending. */
  readonly nulls?: 'first' | 'last';
}
export interface Sort extends Node {
  readonly kind: 'sort';
  readonly by: readonly Order[];
}
export interface Top extends Node {
  readonly kind: 'top';
  readonly count: Expression;
  readonly by: readonly Order[];
}
export interface Take extends Node {
  readonly kind: 'take' | 'sample';
  readonly count: Expression;
}
export interface Count extends Node {
  readonly kind: 'count';
}
export type JoinKind =
  | 'innerunique' | 'inner' | 'leftouter' | 'rightouter' | 'fullouter'
  | 'leftanti' | 'rightanti' | 'leftsemi' | 'rightsemi'; // prettier-ignore
export interface Join extends Node {
  readonly kind: 'join';
  readonly join: JoinKind;
  readonly right: Query;
  readonly on: readonly JoinKey[];
}
/** `on Name` or `on $left.A == $right.B`; both names are alike in the first form. */
export interface JoinKey extends Node {
  readonly left: NameExpression;
  readonly right: NameExpression;
}
export interface Lookup extends Node {
  readonly kind: 'lookup';
  readonly join: 'leftouter' | 'inner';
  readonly right: Query;
  readonly on: readonly JoinKey[];
}
export interface Union extends Node {
  readonly kind: 'union';
  readonly outer: boolean;
  readonly isFuzzy: boolean;
  readonly withSource?: Name;
  /** Names may hold `*`. */
  readonly tables: readonly Query[];
}
export interface MvExpand extends Node {
  readonly kind: 'mv-expand';
  readonly columns: readonly (Assignment & { readonly toType?: KqlType })[];
  readonly indexName?: Name;
  readonly limit?: Expression;
  readonly array: boolean;
}
export interface MvApply extends Node {
  readonly kind: 'mv-apply';
  readonly columns: readonly (Assignment & { readonly toType?: KqlType })[];
  readonly indexName?: Name;
  readonly limit?: Expression;
  readonly body: readonly Operator[];
}
export interface Parse extends Node {
  readonly kind: 'parse' | 'parse-where';
  readonly mode: 'simple' | 'relaxed' | 'regex';
  readonly flags: string;
  readonly value: Expression;
  /** Literal texts, stars and columns in their order. */
  readonly pattern: readonly (
    { readonly text: string } | { readonly star: true } | { readonly column: ColumnDeclaration }
  )[];
}
export interface ParseKv extends Node {
  readonly kind: 'parse-kv';
  readonly value: Expression;
  readonly columns: readonly ColumnDeclaration[];
  /** `pair_delimiter`, `kv_delimiter`, `quote`, `greedy` … as written. */
  readonly options: ReadonlyMap<string, Expression>;
}
export interface MakeSeries extends Node {
  readonly kind: 'make-series';
  readonly aggregates: readonly (Assignment & { readonly default?: Expression })[];
  readonly axis: Expression;
  readonly start?: Expression;
  readonly end?: Expression;
  readonly step: Expression;
  readonly by: readonly Assignment[];
  /** `in range(start, end, step)`: the end is a place of the axis, and places are those of `bin`, not counted from the start. */
  readonly inRange?: boolean;
  /** `kind=nonempty`: one series of defaults where there are no rows. */
  readonly nonEmpty?: boolean;
}
export interface Serialize extends Node {
  readonly kind: 'serialize';
  readonly columns: readonly Assignment[];
}
export interface Evaluate extends Node {
  readonly kind: 'evaluate';
  readonly plugin: Call;
  /** `: (*, Name: string, Age: long)`: the columns that it makes, where the query says them; `all`: after those of the input. */
  readonly schema?: { readonly all: boolean; readonly columns: readonly ColumnDeclaration[] };
}
export interface Invoke extends Node {
  readonly kind: 'invoke';
  readonly call: Call;
}
export interface GetSchema extends Node {
  readonly kind: 'getschema';
}
/** `render timechart with (title=…)`: how to show the rows, no change to them. */
export interface Render extends Node {
  readonly kind: 'render';
  readonly chart: string;
  readonly properties: ReadonlyMap<string, string>;
}
/** `as Name`, `consume`: no change to the rows. */
export interface As extends Node {
  readonly kind: 'as';
  readonly name: Name;
}
export interface Search extends Node {
  readonly kind: 'search';
  readonly caseSensitive?: boolean;
  /** A text stands for `* has text`, with stars for parts of words; `Column: "text"` is a `has` on that column. */
  readonly condition: Expression;
}

export type Operator =
  | Where | Extend | Project | ProjectAway | ProjectRename | Summarize | Distinct | Sort | Top | Take | Count | Join | Lookup
  | Union | MvExpand | MvApply | Parse | ParseKv | MakeSeries | Serialize | Evaluate | Invoke | GetSchema | Render | As
  | Search; // prettier-ignore

// --- statements ---

/** `let name = expression;`, tabular or scalar, or a function of parameters. */
export interface Let extends Node {
  readonly kind: 'let';
  readonly name: Name;
  readonly value: Expression | Query | Lambda;
}
export interface Lambda extends Node {
  readonly kind: 'lambda';
  readonly parameters: readonly Parameter[];
  readonly lets: readonly Let[];
  readonly body: Expression | Query;
  /** `view () { … }`: `union` with a star takes it for a table. */
  readonly view?: boolean;
}
export interface Parameter extends Node {
  readonly name: Name;
  /** A table is given by its columns; `(*)` takes any. */
  readonly type: KqlType | { readonly columns: readonly ColumnDeclaration[] | '*' };
  readonly default?: Expression;
}

/** A whole text: statements, then what it asks for. */
export interface Script extends Node {
  readonly lets: readonly Let[];
  readonly query: Query;
}
