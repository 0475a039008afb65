// The action maps that the configuration gives to servers.
import { GenkanError } from '../base/errors.ts';
import type { ActionMap } from './action-map.ts';
import { createAzureMap } from './azure/azure-map.ts';
import type { AzureMapOptions } from './azure/azure-map.ts';
import { parseScope } from './scope.ts';
import { createPatternMap } from './patterns/pattern-map.ts';
import type { PatternMapSettings } from './patterns/settings.ts';
import type { AccessSettings } from './settings.ts';
import { substitute } from './variables.ts';
import type { Variables } from './variables.ts';

/** @throws GenkanError `access_variable_unresolved`, `access_scope_invalid` */
export function createActionMaps(settings: AccessSettings['maps'], variables: Variables): Map<string, ActionMap> {
  return new Map(
    Object.entries(settings).map(([server, map]) => {
      if (map.map === 'patterns') return [server, createPatternMap(server, fillScopes(map, variables, server))];
      const fill = (text: string): string => substitute(text, variables, `the action map of server "${server}"`);
      const fillAll = (texts: Readonly<Record<string, string>>): Record<string, string> =>
        Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]));
      const options = {
        server,
        defaultSubscription: map.defaultSubscription === undefined ? undefined : fill(map.defaultSubscription),
        subscriptions: fillAll(map.subscriptions),
        fixedArguments: fillAll(map.fixedArguments),
        reach: fill(map.reach),
        resources: fillAll(map.resources),
      };
      checkScopes(options);
      return [server, createAzureMap(options)];
    }),
  );
}

// `{arguments.NAME}` is filled in from each call, all else from the configuration.
function fillScopes(map: PatternMapSettings, variables: Variables, server: string): PatternMapSettings {
  const where = `the action map of server "${server}"`;
  const fill = (scope: string): string =>
    scope
      .split(/(\{arguments\.[^{}]*\})/)
      .map((part, at) => (at % 2 === 1 ? part : substitute(part, variables, where)))
      .join('');
  const tools = Object.entries(map.tools).map(
    ([name, row]) => [name, row.scope === undefined ? row : { ...row, scope: fill(row.scope) }] as const,
  );
  return { ...map, tools: Object.fromEntries(tools) };
}

// A place that is none would refuse every call that needs it, and nobody would see why.
function checkScopes({ defaultSubscription, subscriptions, reach, resources }: AzureMapOptions): void {
  const guids = [...Object.values(subscriptions), ...(defaultSubscription === undefined ? [] : [defaultSubscription])];
  const scopes = [...guids.map((guid) => `/subscriptions/${guid}`), reach ?? '/', ...Object.values(resources ?? {})];
  for (const scope of scopes)
    if (parseScope(scope, 'literal') === undefined) throw new GenkanError('access_scope_invalid', { scope });
}
