// A condition as a tree, and the tree as text again.

/** Where in the text something stands, in characters from 0. */
export type Offset = number;

export type Source = 'Request' | 'Resource' | 'Principal' | 'Environment';

export interface AttributeNode {
  readonly kind: 'attribute';
  readonly source: Source;
  /** What stands between the brackets, e.g. `genkan:location`. */
  readonly name: string;
  readonly at: Offset;
}

/** `text` may be written without quotes where it is a GUID. */
export interface Literal {
  readonly type: 'text' | 'number' | 'boolean';
  readonly value: string | number | boolean;
  readonly at: Offset;
}

export interface ValuesNode {
  readonly kind: 'values';
  /** `{'a', 'b'}` rather than `'a'`. */
  readonly isList: boolean;
  readonly values: readonly Literal[];
  readonly at: Offset;
}

export type Operand = AttributeNode | ValuesNode;

/** How many of the values on either side have to satisfy a comparison. */
export type Quantifier = 'ForAnyOfAnyValues' | 'ForAllOfAnyValues' | 'ForAnyOfAllValues' | 'ForAllOfAllValues';

export interface Comparison {
  readonly kind: 'compare';
  readonly left: Operand;
  readonly quantifier: Quantifier | undefined;
  readonly operator: string;
  readonly right: Operand;
  /** Of the operator. */
  readonly at: Offset;
}

export type Expression =
  | Comparison
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'action' | 'suboperation'; readonly pattern: string }
  | { readonly kind: 'exists'; readonly attribute: AttributeNode };

/** Writes a tree in one way only, on one line. Reading it gives the same tree, offsets apart. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.operands.map(inner).join(expression.kind === 'and' ? ' AND ' : ' OR ');
    case 'not':
      return `NOT ${inner(expression.operand)}`;
    case 'action':
      return `ActionMatches{'${expression.pattern}'}`;
    case 'suboperation':
      return `SubOperationMatches{'${expression.pattern}'}`;
    case 'exists':
      return `Exists ${printOperand(expression.attribute)}`;
    case 'compare': {
      const { left, quantifier, operator, right } = expression;
      const written = quantifier === undefined ? operator : `${quantifier}:${operator}`;
      return `${printOperand(left)} ${written} ${printOperand(right)}`;
    }
  }
}

const inner = (expression: Expression): string =>
  expression.kind === 'and' || expression.kind === 'or' ? `(${print(expression)})` : print(expression);

function printOperand(operand: Operand): string {
  if (operand.kind === 'attribute') return `@${operand.source}[${operand.name}]`;
  const values = operand.values.map(({ type, value }) => (type === 'text' ? `'${value}'` : String(value)));
  return operand.isList ? `{${values.join(', ')}}` : values.join('');
}
