// The words of KQL that mean something by themselves, and what their synonyms stand for.
import type { BinaryOperator, JoinKind, ListOperator } from '../syntax.ts';
import type { KqlType } from '../values.ts';

/** Names of types as Kusto takes them in declarations. */
export const typeNames: ReadonlyMap<string, KqlType> = new Map([
  ['bool', 'bool'],
  ['boolean', 'bool'],
  ['int', 'int'],
  ['int32', 'int'],
  ['long', 'long'],
  ['int64', 'long'],
  ['real', 'real'],
  ['double', 'real'],
  ['decimal', 'decimal'],
  ['string', 'string'],
  ['datetime', 'datetime'],
  ['date', 'datetime'],
  ['timespan', 'timespan'],
  ['time', 'timespan'],
  ['guid', 'guid'],
  ['uuid', 'guid'],
  ['uniqueid', 'guid'],
  ['dynamic', 'dynamic'],
]);

/** How tightly an operator holds what stands beside it; those of texts hold tighter than those of numbers. */
export const levels = { or: 1, and: 2, equality: 3, relation: 4, sum: 5, product: 6, text: 7 } as const;

export interface Infix {
  readonly level: number;
  /** `undefined`: KQL once had it, and this engine does not. */
  readonly operator?: BinaryOperator;
}

const withNegation = [
  ...['contains', 'contains_cs', 'has', 'has_cs', 'hasprefix', 'hasprefix_cs', 'hassuffix', 'hassuffix_cs'],
  ...['startswith', 'startswith_cs', 'endswith', 'endswith_cs'],
];

/** `=`-like ones and words alike, with what they stand for. `matches regex` is made of two words, and stands here by its first. */
export const infixes: ReadonlyMap<string, Infix> = new Map<string, Infix>([
  ['or', { level: levels.or, operator: 'or' }],
  ['and', { level: levels.and, operator: 'and' }],
  ...['==', '!='].map((each) => [each, { level: levels.equality, operator: each as BinaryOperator }] as const),
  ['<>', { level: levels.equality, operator: '!=' }],
  ...['<', '<=', '>', '>='].map(
    (each) => [each, { level: levels.relation, operator: each as BinaryOperator }] as const,
  ),
  ...['+', '-'].map((each) => [each, { level: levels.sum, operator: each as BinaryOperator }] as const),
  ...['*', '/', '%'].map((each) => [each, { level: levels.product, operator: each as BinaryOperator }] as const),
  ...['=~', '!~', ...withNegation, ...withNegation.map((each) => `!${each}`)].map(
    (each) => [each, { level: levels.text, operator: each as BinaryOperator }] as const,
  ),
  [':', { level: levels.text, operator: 'has' }],
  ['containscs', { level: levels.text, operator: 'contains_cs' }],
  ['notcontains', { level: levels.text, operator: '!contains' }],
  ['notcontainscs', { level: levels.text, operator: '!contains_cs' }],
  ...['like', 'notlike', 'likecs', 'notlikecs'].map((each) => [each, { level: levels.text }] as const),
]);

export const listOperators: ReadonlySet<string> = new Set<ListOperator>([
  ...(['in', '!in', 'in~', '!in~', 'has_any', 'has_all'] as const),
]);

/** Words that may name what is declared (`extend title = …`), and need brackets where they are used (`['title']`). */
const declarable = [
  ...['as', 'by', 'contains', 'datatable', 'externaldata', 'find', 'has', 'in', 'invoke', 'of', 'print', 'sample'],
  ...['search', 'set', 'to', 'toscalar', 'totable', 'where', 'materialize'],
];

/** Words that are no name unless they stand in brackets. */
export const reserved: ReadonlySet<string> = new Set([
  ...[...infixes.keys()].filter((each) => /^[a-z]/.test(each)),
  ...[...listOperators].filter((each) => /^[a-z]/.test(each)),
  ...['asc', 'between', 'desc', 'project', 'union'],
  ...declarable,
  ...[...typeNames.keys()].filter((each) => !['bool', 'guid', 'uuid'].includes(each)),
]);

/** Words that stay reserved even where a name is declared. */
export const neverNames: ReadonlySet<string> = new Set([...reserved].filter((each) => !declarable.includes(each)));

export const joinKinds: ReadonlyMap<string, JoinKind> = new Map([
  ...(
    [
      ...(['innerunique', 'inner', 'leftouter', 'rightouter', 'fullouter'] as const),
      ...(['leftanti', 'rightanti', 'leftsemi', 'rightsemi'] as const),
    ] as const
  ).map((each) => [each, each] as const),
  ['anti', 'leftanti'],
  ['leftantisemi', 'leftanti'],
  ['rightantisemi', 'rightanti'],
]);
