// Makes a condition ready to be held against calls: checks what it compares with what, and answers holds, fails or unknown.
import { compileWildcard, foldCase } from '../wildcard.ts';
import { isUntold } from './attributes.ts';
import { attributeOf, compileComparison, isShown } from './comparison.ts';
import type { Judge, Lack, Truth } from './comparison.ts';
import type { Circumstances, Condition } from './condition.ts';
import { parse } from './parse.ts';
import { print } from './syntax.ts';
import type { Expression } from './syntax.ts';

export interface CompiledCondition extends Condition {
  /** In one spelling, on one line. */
  readonly canonical: string;
  /** @param lacks takes what made the answer unknown, perhaps more than once */
  judge(circumstances: Circumstances, lacks?: Lack[]): Truth;
}

// Many assignments say the same.
const rememberedConditions = 1024;
const remembered = new Map<string, CompiledCondition>();

/**
 * Compiles a condition in the language of Azure's role assignment conditions, conditionVersion 2.0.
 * @throws GenkanError `access_condition_invalid` with the place and what was expected there
 */
export function compileCondition(text: string): CompiledCondition {
  let condition = remembered.get(text);
  if (condition === undefined) {
    condition = compileAnew(text);
    if (remembered.size >= rememberedConditions) remembered.clear();
    remembered.set(text, condition);
  }
  return condition;
}

function compileAnew(text: string): CompiledCondition {
  const tree = parse(text);
  const judgeOnce = compile(tree, text);
  const judge = (circumstances: Circumstances, lacks?: Lack[]): Truth => {
    const { principal, request, requirement, nowMs } = circumstances;
    if (principal.disputedGroups === undefined) return judgeOnce(circumstances, lacks);
    // Where sign-in and directory differ on groups, only what is so either way is so.
    const call = { request, requirement, nowMs, attributes: circumstances.attributes };
    const [first, second] = [principal.disputedGroups.both, principal.disputedGroups.either].map((groups) =>
      judgeOnce({ ...call, principal: { ...principal, groups } }, lacks),
    );
    if (first === second) return first;
    lacks?.push({ attribute: 'groups', why: 'malformed' });
    return undefined;
  };
  return { text, canonical: print(tree), judge, holds: (circumstances) => judge(circumstances) === true };
}

// Three answers, as Kleene joins them: an unknown part matters only where the others leave the whole open. So a condition
// grants nothing because of what a call leaves out, not even where it is negated.
function compile(expression: Expression, text: string): Judge {
  switch (expression.kind) {
    case 'and':
      return allOf(expression.operands.map((each) => compile(each, text)));
    case 'or': {
      // a OR b = NOT (NOT a AND NOT b)
      return negate(allOf(expression.operands.map((each) => negate(compile(each, text)))));
    }
    case 'not':
      return negate(compile(expression.operand, text));
    case 'action': {
      const matches = compileWildcard(foldCase(expression.pattern));
      return ({ requirement }) => matches(foldAction(requirement.action));
    }
    // Azure's storage services know which part of an action a request is; a call of a tool does not show it.
    case 'suboperation':
      return unknown('SubOperationMatches');
    case 'exists': {
      const attribute = attributeOf(expression.attribute, text);
      const untold = unknown(attribute.label);
      return (circumstances, lacks) =>
        isUntold(attribute, circumstances) ? untold(circumstances, lacks) : isShown(attribute.read(circumstances));
    }
    case 'compare':
      return compileComparison(expression, text);
  }
}

// Callers choose tool names and so actions; what they can make us keep has an end.
const rememberedActions = 1024;
const foldedActions = new Map<string, string>();

function foldAction(action: string): string {
  let folded = foldedActions.get(action);
  if (folded === undefined) {
    folded = foldCase(action);
    if (foldedActions.size >= rememberedActions) foldedActions.clear();
    foldedActions.set(action, folded);
  }
  return folded;
}

function allOf(parts: readonly Judge[]): Judge {
  return (circumstances, lacks) => {
    let all: Truth = true;
    for (const part of parts) {
      const found = part(circumstances, lacks);
      if (found === false) return false;
      if (found === undefined) all = undefined;
    }
    return all;
  };
}

const negate =
  (judge: Judge): Judge =>
  (circumstances, lacks) => {
    const found = judge(circumstances, lacks);
    return found === undefined ? undefined : !found;
  };

const unknown =
  (attribute: string): Judge =>
  (_circumstances, lacks) => {
    lacks?.push({ attribute, why: 'missing' });
    return undefined;
  };
