// How a token looks that stands for a value: letters, digits, `-` and `_` only, so that it survives wherever a value does.
import { base64url, runEnd } from './characters.ts';
import { ruleGroups } from './rules.ts';
import type { Rule } from './rules.ts';

export const tokenPrefix = 'genkan_';

export interface TokenInText {
  readonly from: number;
  readonly to: number;
  readonly rule: Rule;
  readonly sealed: string;
}

export const writeToken = (rule: Rule, sealed: Buffer): string =>
  `${tokenPrefix}${rule}_${sealed.toString('base64url')}`;

const longestRule = 32;
const leastSealed = 28;

/** The first token at or after a place. */
export function nextToken(text: string, after: number): TokenInText | undefined {
  for (let from = text.indexOf(tokenPrefix, after); from >= 0; from = text.indexOf(tokenPrefix, from + 1)) {
    const begin = from + tokenPrefix.length;
    const line = text.slice(begin, begin + longestRule).indexOf('_');
    const rule = text.slice(begin, begin + Math.max(line, 0));
    if (!Object.hasOwn(ruleGroups, rule)) continue;
    const to = runEnd(text, begin + line + 1, base64url);
    if (to - begin - line - 1 < leastSealed) continue;
    return { from, to, rule: rule as Rule, sealed: text.slice(begin + line + 1, to) };
  }
  return undefined;
}
