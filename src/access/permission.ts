// Azure's one subtraction: Actions − NotActions, or DataActions − NotDataActions, with the patterns compiled.
import { compileWildcard, foldCase, wildcardsMeet } from './wildcard.ts';

/** `excludes`: Actions match, but NotActions take the action away again. `silent`: nothing is said of it. */
export type Verdict = 'grants' | 'excludes' | 'silent';

/** The lines that made a verdict. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly action?: string;
  readonly notAction?: string;
}

export interface Permission {
  judge(action: string): Judgement;
  /**
   * Whether it holds some action that a pattern stands for (`mcp/servers/files/*`). Never a false no; a false yes where
   * only several NotActions together, or one of them in part, take away all that is left.
   */
  holdsSome(pattern: string): boolean;
  /** Whether it holds every action that a pattern stands for. Never a false yes. */
  holdsAll(pattern: string): boolean;
}

/**
 * Compiles the two lists.
 * @param compile what a line of Actions stands for; a line of NotActions always has its full width
 */
export function compilePermission(
  actions: readonly string[],
  notActions: readonly string[],
  compile: (text: string) => Pattern = compilePattern,
): Permission {
  const holding = actions.map(compile);
  const excluding = notActions.map(compilePattern);
  return {
    judge(action) {
      const folded = foldCase(action);
      const held = holding.find((pattern) => pattern.matches(folded));
      if (held === undefined) return { verdict: 'silent' };
      const excluded = excluding.find((pattern) => pattern.matches(folded));
      if (excluded === undefined) return { verdict: 'grants', action: held.text };
      return { verdict: 'excludes', action: held.text, notAction: excluded.text };
    },
    // A pattern that matches another as it is written, stars and all, matches whatever that one does.
    holdsSome(pattern) {
      const folded = foldCase(pattern);
      const isEmptied = ({ text }: Pattern): boolean =>
        excluding.some(({ matches }) => matches(folded) || matches(foldCase(text)));
      return holding.some((each) => each.meets(folded) && !isEmptied(each));
    },
    holdsAll(pattern) {
      const folded = foldCase(pattern);
      return holding.some(({ matches }) => matches(folded)) && !excluding.some(({ meets }) => meets(folded));
    },
  };
}

export interface Pattern {
  readonly text: string;
  readonly matches: (folded: string) => boolean;
  /** Whether some action matches this pattern and the other. */
  readonly meets: (folded: string) => boolean;
}

export function compilePattern(text: string): Pattern {
  const folded = foldCase(text);
  return { text, matches: compileWildcard(folded), meets: (other) => wildcardsMeet(folded, other) };
}

/** Whether an action is of Genkan or MCP rather than an operation of Azure. */
export function isOwnAction(action: string): boolean {
  const head = foldCase(action.slice(0, 7));
  return head.startsWith('mcp/') || head.startsWith('genkan/');
}
