// The action maps that the configuration gives to servers.
import type { ActionMap } from './action-map.ts';
import { createAzureMap } from './azure/azure-map.ts';
import type { AccessSettings } from './settings.ts';
import { substitute } from './variables.ts';
import type { Variables } from './variables.ts';

/** @throws GenkanError `access_variable_unresolved` */
export function createActionMaps(settings: AccessSettings['maps'], variables: Variables): Map<string, ActionMap> {
  return new Map(
    Object.entries(settings).map(([server, { defaultSubscription, subscriptions, fixedArguments }]) => {
      const fill = (text: string): string => substitute(text, variables, `the action map of server "${server}"`);
      const fillAll = (texts: Readonly<Record<string, string>>): Record<string, string> =>
        Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]));
      const map = createAzureMap({
        server,
        defaultSubscription: defaultSubscription === undefined ? undefined : fill(defaultSubscription),
        subscriptions: fillAll(subscriptions),
        fixedArguments: fillAll(fixedArguments),
      });
      return [server, map];
    }),
  );
}
