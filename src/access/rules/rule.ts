// One rule made ready: which calls it is about, whether it fires on them, and what it then says.
import { ruleReasons } from '../../base/error-texts/rules.ts';
import { GenkanError, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import { languages, t } from '../../base/text.ts';
import type { Text } from '../../base/text.ts';
import type { Lack } from '../conditions/comparison.ts';
import { compileCondition } from '../conditions/compile.ts';
import type { CompiledCondition } from '../conditions/compile.ts';
import type { Circumstances } from '../conditions/condition.ts';
import type { AccessRequest } from '../decision.ts';
import { shownName } from '../needs.ts';
import { parseScope } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { compileWildcard, foldCase } from '../wildcard.ts';
import type { RuleSettings } from './settings.ts';

/** Why a rule fires: what it compares is not as it should be, or cannot be told. */
export interface Firing {
  /** Names of attributes that the call does not show in a form that can be compared; empty where all are shown. */
  readonly unshown: readonly string[];
}

export interface Rule {
  readonly settings: RuleSettings;
  /** Whether it speaks of an action: the same for every call, so that it is asked once. */
  concerns(action: string): boolean;
  /** Whether it is about this caller and this thing, at a scope. */
  appliesTo(principal: Principal, request: AccessRequest, scope: Scope | undefined): boolean;
  fires(circumstances: Circumstances): Firing | undefined;
  refusal(request: AccessRequest, firing: Firing): Refusal;
}

/** @throws GenkanError `access_rule_invalid`, `access_condition_invalid` */
export function compileRule(settings: RuleSettings): Rule {
  const { name, actions = ['*'], notActions = [], servers, tools, unless, when, exceptPrincipals = [] } = settings;
  const scope = parseScope(settings.scope, 'patterns');
  if (scope === undefined)
    throw new GenkanError('access_rule_invalid', { rule: name, reason: `"${settings.scope}" is no scope` });
  const [isListed, isExcluded] = [anyOf(actions.map(foldCase)), anyOf(notActions.map(foldCase))];
  const isServer = servers && anyOf(servers);
  const isTool = tools && anyOf(tools);
  const meetsScope = scope.keys.length === 0 ? () => true : meeting(scope);
  const compiled = { when: when && compileCondition(when), unless: unless && compileCondition(unless) };
  const fires = firing(compiled.when || undefined, compiled.unless || undefined);
  const reason = reasonOf(settings, compiled.when || undefined, compiled.unless || undefined);

  return {
    settings,
    concerns(action) {
      const folded = foldCase(action);
      return isListed(folded) && !isExcluded(folded);
    },
    appliesTo: (principal, request, at) =>
      (isServer === undefined || isServer(request.server)) &&
      (isTool === undefined || (request.primitive === 'tools' && isTool(request.name))) &&
      meetsScope(at) &&
      !exceptPrincipals.some((spared) => isSpared(spared, principal)),
    fires,
    refusal(request, { unshown }) {
      const params = { rule: name, tool: shownName(request), reason: reason.text };
      const data = { rule: name, ...reason.data, ...(unshown.length > 0 && { unshown }) };
      if (unshown.length === 0) return refuse('access_rule_denied', params, { data });
      return refuse('access_rule_unshown', { ...params, attributes: unshown.join(', ') }, { data });
    },
  };
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const tests = patterns.map(compileWildcard);
  return (text) => tests.some((matches) => matches(text));
}

// A call at a wider scope may touch what the rule protects: we ask for a wide scope where a call does not show its place.
function meeting({ keys }: Scope): (at: Scope | undefined) => boolean {
  const tests = keys.map(compileWildcard);
  return (at) => {
    if (at === undefined) return true;
    if ((at.keys[0] === 'servers') !== (keys[0] === 'servers')) return false;
    return tests.every((matches, index) => at.keys[index] === undefined || matches(at.keys[index]));
  };
}

/**
 * `unless` has to hold, plainly. `when` is met where it holds, and where a caller writes what it compares in a form that
 * cannot be compared: a region in a list must not pass for no region.
 */
function firing(
  when: CompiledCondition | undefined,
  unless: CompiledCondition | undefined,
): (circumstances: Circumstances) => Firing | undefined {
  return (circumstances) => {
    const lacks: Lack[] = [];
    if (when !== undefined) {
      const met = when.judge(circumstances, lacks);
      if (met === false || (met === undefined && !lacks.some(({ why }) => why === 'malformed'))) return undefined;
      if (met === true) lacks.length = 0;
    }
    if (unless !== undefined) {
      const spared = unless.judge(circumstances, lacks);
      if (spared === true) return undefined;
      if (spared === false) lacks.length = 0;
    }
    return { unshown: [...new Set(lacks.map(({ attribute }) => attribute))] };
  };
}

function isSpared(spared: NonNullable<RuleSettings['exceptPrincipals']>[number], principal: Principal): boolean {
  const { kind, id, clientId, groups, disputedGroups } = principal;
  if ('application' in spared) return kind === 'application' && clientId === spared.application;
  if (kind !== 'user') return false;
  return 'user' in spared ? id === spared.user : (disputedGroups?.both ?? groups).includes(spared.group);
}

const longestShown = 300;

function reasonOf(
  { message, description }: RuleSettings,
  when: CompiledCondition | undefined,
  unless: CompiledCondition | undefined,
): { readonly text: Text; readonly data: Readonly<Record<string, unknown>> } {
  const condition = shortened((unless ?? when)?.canonical ?? '');
  const standard =
    unless !== undefined ? ruleReasons.unless : when !== undefined ? ruleReasons.when : ruleReasons.always;
  const own = typeof message === 'string' ? { en: message } : message;
  const said = languages.map((language) => [
    language,
    own?.[language] ?? own?.en ?? t(standard, language, { condition }),
  ]);
  return {
    text: Object.fromEntries(said) as Text,
    data: {
      ...(unless !== undefined && { expected: shortened(unless.canonical) }),
      ...(when !== undefined && { refused: shortened(when.canonical) }),
      ...(description !== undefined && { description }),
    },
  };
}

const shortened = (text: string): string => (text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);
