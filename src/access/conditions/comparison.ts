// One comparison of a condition made ready: both sides checked and read, and how many of their values have to agree.
import { nearest } from '../../base/nearest.ts';
import { foldCase } from '../wildcard.ts';
import { attributeNames, findAttribute, isUntold } from './attributes.ts';
import type { Attribute } from './attributes.ts';
import type { Circumstances } from './condition.ts';
import { operators } from './operators.ts';
import type { Operator } from './operators.ts';
import type { AttributeNode, Comparison, Operand, Quantifier } from './syntax.ts';
import { fault } from './tokens.ts';

/** `undefined`: it cannot be told, because the call does not show what is compared. */
export type Truth = boolean | undefined;

/** An attribute that could not be compared: not there, or there in a form that cannot be. */
export interface Lack {
  readonly attribute: string;
  readonly why: 'missing' | 'malformed';
}

/** Answers for one call; `lacks` takes what made an answer unknown, perhaps more than once. */
export type Judge = (circumstances: Circumstances, lacks: Lack[] | undefined) => Truth;

/** What one attribute of one call may hold to be compared: nothing that anybody compares is larger. */
const maxValues = 256;
const maxCharacters = 16_384;

// Servers take `null` and an empty list for nothing.
export const isShown = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);

/** @throws GenkanError `access_condition_invalid` */
export function attributeOf(node: AttributeNode, text: string): Attribute {
  const found = findAttribute(node);
  if (found !== undefined) return found;
  const names = attributeNames(node.source);
  const meant = nearest(node.name, names);
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
  throw fault(text, node.at, `one of ${names.join(', ')} in @${node.source}[…]${hint}`, node.name);
}

/** Values made ready, or what kept them from it. */
type Values = readonly unknown[] | Lack['why'];

interface Side {
  readonly label: string;
  readonly read: (circumstances: Circumstances) => Values;
  /** Where they are written down. */
  readonly fixed: readonly unknown[] | undefined;
}

/** @throws GenkanError `access_condition_invalid` */
export function compileComparison(comparison: Comparison, text: string): Judge {
  const { quantifier } = comparison;
  const operator = operators[comparison.operator]!;
  check(comparison, operator, text);
  const left = sideOf(comparison, comparison.left, operator, operator.readLeft, text);
  const right = sideOf(comparison, comparison.right, operator, operator.readRight, text);
  const compare = comparing(operator, quantifier, right.fixed);
  const readable = ({ label, read }: Side, circumstances: Circumstances, lacks: Lack[] | undefined) => {
    const values = read(circumstances);
    if (typeof values !== 'string') return values;
    lacks?.push({ attribute: label, why: values });
    return undefined;
  };
  return (circumstances, lacks) => {
    const lefts = readable(left, circumstances, lacks);
    const rights = right.fixed ?? readable(right, circumstances, lacks);
    return lefts === undefined || rights === undefined ? undefined : compare(lefts, rights);
  };
}

function comparing(
  operator: Operator,
  quantifier: Quantifier = 'ForAnyOfAnyValues',
  fixed: readonly unknown[] | undefined,
): (lefts: readonly unknown[], rights: readonly unknown[]) => Truth {
  const { isNegated, test } = operator;
  const ofAll = quantifier.startsWith('ForAllOf');
  const allValues = quantifier.endsWith('AllValues');
  const all = fixed !== undefined && operator.isEquality ? new Set(fixed) : undefined;
  const lookedUp = all !== undefined && isNegated === allValues;
  const holds = (left: unknown, rights: readonly unknown[]): boolean => {
    if (lookedUp) return all.has(left) !== isNegated;
    return allValues
      ? rights.every((right) => test(left, right) !== isNegated)
      : rights.some((right) => test(left, right) !== isNegated);
  };
  return (lefts, rights) => {
    // "Some of nothing" is false; "all of nothing" is true in logic, and not what anybody means.
    if (lefts.length === 0 || rights.length === 0)
      return (lefts.length === 0 && !ofAll) || (rights.length === 0 && !allValues) ? false : undefined;
    return ofAll ? lefts.every((left) => holds(left, rights)) : lefts.some((left) => holds(left, rights));
  };
}

function check({ quantifier, operator: name, left, right, at }: Comparison, operator: Operator, text: string): void {
  if (quantifier !== undefined && !operator.isQuantified)
    throw fault(text, at, `${name} alone, or an operator that ${quantifier}: takes`, `${quantifier}:${name}`);
  if (operator.takesPattern && right.kind === 'attribute')
    throw fault(
      text,
      right.at,
      `what ${name} compares with in quotes, since callers may not choose it`,
      `@${right.source}`,
    );
  if (quantifier === undefined)
    for (const side of [left, right])
      if (side.kind === 'values' && side.isList) {
        const expected = operator.isQuantified ? `ForAnyOfAnyValues:${name} before a list, or one value` : 'one value';
        throw fault(text, side.at, expected, '{');
      }
}

function sideOf(
  comparison: Comparison,
  operand: Operand,
  operator: Operator,
  ready: Operator['readLeft'],
  text: string,
): Side {
  if (operand.kind === 'values') {
    const fixed = operand.values.map((literal) => {
      const value = ready(literal.value);
      if (value === undefined) throw fault(text, literal.at, formOf[operator.type], String(literal.value));
      return value;
    });
    return { label: '', read: () => fixed, fixed };
  }
  const attribute = attributeOf(operand, text);
  checkAttribute(comparison, operand, attribute, operator, text);
  const { ready: readyOf, label } = attribute;
  if (readyOf !== undefined) {
    const read = (circumstances: Circumstances): Values => {
      const value = readyOf(circumstances);
      return value === undefined ? 'malformed' : [value];
    };
    return { label, read, fixed: undefined };
  }
  const isMany = comparison.quantifier !== undefined;
  return {
    label: attribute.label,
    fixed: undefined,
    read(circumstances) {
      if (isUntold(attribute, circumstances)) return 'missing';
      const value = attribute.read(circumstances);
      if (!isShown(value)) return attribute.isCertain ? [] : 'missing';
      if (Array.isArray(value) && !isMany) return 'malformed';
      const given: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (!isComparable(given)) return 'malformed';
      const values: unknown[] = [];
      for (const each of given) {
        const one = ready(each);
        if (one === undefined) return 'malformed';
        values.push(one);
      }
      return values;
    },
  };
}

function isComparable(values: readonly unknown[]): boolean {
  if (values.length > maxValues) return false;
  let characters = 0;
  for (const value of values) if (typeof value === 'string') characters += value.length;
  return characters <= maxCharacters;
}

function checkAttribute(
  { operator: name, quantifier, left, right, at }: Comparison,
  node: AttributeNode,
  attribute: Attribute,
  operator: Operator,
  text: string,
): void {
  const taken: readonly string[] = alsoTaken[attribute.type] ?? [attribute.type];
  if (attribute.type !== 'any' && !taken.includes(operator.type)) {
    const fitting = Object.keys(operators).filter((each) => taken.includes(operators[each]!.type));
    throw fault(text, at, `an operator for ${node.name}: ${fitting.join(', ')}`, name);
  }
  if (attribute.isMany && attribute.type !== 'any' && quantifier === undefined)
    throw fault(text, at, `ForAnyOfAnyValues:${name} or another For…:, since ${node.name} has several values`, name);
  if (!attribute.isFolded || operator.type !== 'text' || name.endsWith('IgnoreCase')) return;
  for (const side of [left, right])
    for (const literal of side.kind === 'values' ? side.values : [])
      if (foldCase(String(literal.value)) !== literal.value)
        throw fault(
          text,
          literal.at,
          `lower case, or ${name}IgnoreCase: ${node.name} is in lower case`,
          `${literal.value}`,
        );
}

const alsoTaken: Readonly<Partial<Record<Attribute['type'], readonly string[]>>> = {
  text: ['text', 'guid'],
  address: ['address', 'text'],
};

const formOf: Readonly<Record<Operator['type'], string>> = {
  text: 'a text in quotes',
  number: 'a whole number without quotes',
  moment: "a moment such as '2026-11-21T09:00:00Z'",
  boolean: 'true or false',
  guid: "a GUID such as 'b24988ac-6180-42a0-ab88-20f7382dd24c'",
  address: "an address or a prefix such as '203.0.113.0/24'",
};
