// The door of the language: a text becomes a tree, or a problem with its place.
import { createCursor } from './parsing/cursor.ts';
import { readStatements } from './parsing/statements.ts';
import { KqlError } from './problem.ts';
import type { Script } from './syntax.ts';

/** Longer texts are no questions of people; reading is linear in the length, and this bounds it. */
const maxLength = 64 * 1024;
/** Operators and operands in each other, so that whoever walks through the tree has stack enough. */
const maxTreeDepth = 1000;

/** @throws KqlError with the first problem */
export function parse(query: string): Script {
  if (query.length > maxLength) {
    const what = `a query may have ${maxLength} characters, and this one has ${query.length}`;
    throw new KqlError('budget', what, { from: maxLength, to: query.length });
  }
  const script = { ...readStatements(createCursor(query)), from: 0, to: query.length };
  refuseDeepTree(script);
  return script;
}

interface Placed {
  readonly from: number;
  readonly to: number;
}

/** A long chain (`a + b + c …`) nests to the left without parentheses. */
function refuseDeepTree(script: Script): void {
  const waiting: { readonly node: unknown; readonly depth: number; readonly place: Placed }[] = [
    { node: script, depth: 0, place: { from: 0, to: 0 } },
  ];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    const { node, depth, place } = item;
    if (typeof node !== 'object' || node === null) continue;
    if (depth > maxTreeDepth) {
      throw new KqlError(
        'budget',
        `more than ${maxTreeDepth} operators in one expression; take parts out with 'let'`,
        place,
      );
    }
    if (Array.isArray(node)) for (const each of node) waiting.push({ node: each, depth, place });
    else if ('kind' in node && node.kind === 'literal') continue;
    else {
      const own = 'from' in node ? (node as Placed) : place;
      for (const each of Object.values(node)) waiting.push({ node: each, depth: depth + 1, place: own });
    }
  }
}
