// Reads the language of Azure's role assignment conditions (conditionVersion 2.0) into a tree.
import { nearest } from '../../base/nearest.ts';
import { operatorNames, quantifiers } from './operators.ts';
import type { AttributeNode, Expression, Literal, Operand, Quantifier, Source } from './syntax.ts';
import { fault, shown, tokensOf } from './tokens.ts';
import type { Token } from './tokens.ts';

/** Parentheses and negations within one another. */
const maxDepth = 32;
const sources: readonly string[] = ['Request', 'Resource', 'Principal', 'Environment'] satisfies Source[];
const joints = new Map([
  ['AND', 'and'],
  ['&&', 'and'],
  ['OR', 'or'],
  ['||', 'or'],
] as const);
const functions = ['ActionMatches', 'SubOperationMatches', 'Exists', 'NOT'];
const beginning = "(, !, ActionMatches{'…'}, Exists or an attribute such as @Request[genkan:location]";

/**
 * Reads a condition.
 * @throws GenkanError `access_condition_invalid` with the place and what was expected there
 */
export function parse(text: string): Expression {
  const tokens = tokensOf(text);
  let next = 0;

  const peek = (): Token => tokens[next]!;
  const isSign = (sign: string): boolean => peek().kind === 'sign' && peek().text === sign;
  const take = (): Token => tokens[next++]!;
  const wrong = (expected: string, token: Token = peek()): Error => fault(text, token.at, expected, shown(token));
  function takeSign(sign: string, expected = sign): void {
    if (!isSign(sign)) throw wrong(expected);
    take();
  }

  // Azure: without parentheses, "a AND b OR c" is ambiguous and not taken.
  function expression(depth: number): Expression {
    const operands = [negation(depth)];
    let joint: 'and' | 'or' | undefined;
    for (;;) {
      const token = peek();
      const found = token.kind === 'text' ? undefined : joints.get(token.text as 'AND');
      if (found === undefined) break;
      if (joint !== undefined && joint !== found)
        throw wrong('parentheses around what belongs together, since AND and OR stand side by side');
      joint = found;
      take();
      operands.push(negation(depth));
    }
    return joint === undefined ? operands[0]! : { kind: joint, operands };
  }

  function negation(depth: number): Expression {
    const token = peek();
    const negates = isSign('!') || (token.kind === 'word' && token.text === 'NOT');
    if (!negates && !isSign('(')) return term();
    if (depth > maxDepth) throw wrong(`at most ${maxDepth} parentheses and negations within one another`);
    take();
    if (negates) return { kind: 'not', operand: negation(depth + 1) };
    const grouped = expression(depth + 1);
    takeSign(')', ') or AND or OR');
    return grouped;
  }

  function term(): Expression {
    const token = peek();
    if (token.kind === 'word' && (token.text === 'ActionMatches' || token.text === 'SubOperationMatches')) {
      take();
      return { kind: token.text === 'ActionMatches' ? 'action' : 'suboperation', pattern: pattern() };
    }
    if (token.kind === 'word' && token.text === 'Exists') {
      take();
      if (peek().kind !== 'attribute') throw wrong('an attribute such as @Request[genkan:location]');
      return { kind: 'exists', attribute: attribute() };
    }
    if (token.kind === 'word' && token.text !== 'true' && token.text !== 'false') {
      const meant = nearest(token.text, functions);
      throw wrong(meant === undefined ? beginning : `${beginning} (did you mean ${meant}?)`);
    }
    if (token.kind === 'end' || (token.kind === 'sign' && token.text !== '{')) throw wrong(beginning);
    const left = operand();
    const { at } = peek();
    return { kind: 'compare', left, ...operator(), right: operand(), at };
  }

  // Within the braces of a function, Azure shows one pattern. Printable ASCII only: a Cyrillic “о” would match nothing.
  function pattern(): string {
    takeSign('{', "one pattern in braces, such as {'Microsoft.Compute/virtualMachines/*'}");
    const token = take();
    if (token.kind !== 'text' || !/^[!-~]+$/.test(token.text))
      throw wrong("a pattern in quotes, such as 'Microsoft.Compute/*'", token);
    takeSign('}');
    return token.text;
  }

  function operator(): { quantifier: Quantifier | undefined; operator: string } {
    const token = take();
    if (token.kind !== 'word') throw wrong('an operator such as StringEquals', token);
    const [first = '', second] = token.text.split(':');
    const name = second ?? first;
    const quantifier = second === undefined ? undefined : quantifiers.find((known) => known === first);
    if (second !== undefined && quantifier === undefined)
      throw wrong(suggesting(`one of ${quantifiers.join(', ')} before the colon`, first, quantifiers), token);
    if (!operatorNames.includes(name)) {
      const known = quantifiers.some((each) => each === name) ? [] : operatorNames;
      throw wrong(suggesting(`one of the operators ${operatorNames.join(', ')}`, name, known), token);
    }
    return { quantifier, operator: name };
  }

  function attribute(): AttributeNode {
    const token = take();
    const source = sources.find((known) => known === token.source);
    if (source === undefined) {
      const choice = sources.map((known) => `@${known}[…]`).join(', ');
      throw wrong(suggesting(`one of ${choice}`, token.source ?? '', sources), token);
    }
    return { kind: 'attribute', source: source as Source, name: token.text, at: token.at };
  }

  function operand(): Operand {
    if (peek().kind === 'attribute') return attribute();
    const { at } = peek();
    if (!isSign('{')) return { kind: 'values', isList: false, values: [literal()], at };
    take();
    const values = [literal()];
    while (isSign(',')) {
      take();
      values.push(literal());
    }
    takeSign('}', '} or ,');
    return { kind: 'values', isList: true, values, at };
  }

  function literal(): Literal {
    const token = take();
    const { kind, text: written, at } = token;
    if (kind === 'text') return { type: 'text', value: written, at };
    if (kind === 'number' && Number.isSafeInteger(Number(written)))
      return { type: 'number', value: Number(written) + 0, at };
    if (written === 'true' || written === 'false') return { type: 'boolean', value: written === 'true', at };
    throw wrong("a value: a text in quotes, a whole number, true or false, or {'a', 'b'}", token);
  }

  const whole = expression(1);
  if (peek().kind !== 'end') throw wrong('AND, OR or the end of the condition');
  return whole;
}

// Who mistypes one of thirty needs no list of thirty.
const suggesting = (expected: string, written: string, known: readonly string[]): string =>
  nearest(written, known) ?? expected;
