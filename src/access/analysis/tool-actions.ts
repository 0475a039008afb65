// What tools of the Azure map may need in Azure, in whatever call, and which tools that are; with what one wants to know of a right besides.
import { azureRows } from '../azure/rows.ts';
import { getOrPut } from '../places.ts';
import type { Scope } from '../scope.ts';
import { foldCase } from '../wildcard.ts';
import { keyOfAction, knownActions } from './known-actions.ts';
import type { KnownAction } from './known-actions.ts';
import { byRisk, riskOf } from './risk.ts';
import type { Risk } from './risk.ts';

export interface ToolAction extends KnownAction {
  readonly key: string;
  readonly risk: Risk;
  /** Tools that may need it; none where it is only worth knowing about. */
  readonly tools: readonly string[];
}

let actions: readonly ToolAction[] | undefined;

/** The most dangerous first. Unlike `knownActions` it has also what only some calls of a tool need. */
export function toolActions(): readonly ToolAction[] {
  if (actions !== undefined) return actions;
  const byKey = new Map<string, KnownAction & { readonly tools: Set<string> }>();
  const put = ({ action, data }: KnownAction): Set<string> =>
    getOrPut(byKey, keyOfAction({ action, data }), () => ({ action, data, tools: new Set<string>() })).tools;
  for (const [tool, { needs }] of Object.entries(azureRows))
    for (const { action, data = false } of needs) if (action.includes('/')) put({ action, data }).add(tool);
  for (const known of knownActions()) put(known);
  return (actions = [...byKey]
    .map(([key, { action, data, tools }]) => ({ key, action, data, risk: riskOf(action, data), tools: [...tools] }))
    .sort((one, other) => byRisk(one.risk, other.risk) || (one.key < other.key ? -1 : 1)));
}

/** Providers whose actions are carried out on resources of any type; `*` is that of actions on whatever there is. */
const onAnything: ReadonlySet<string> = new Set([
  '*',
  'microsoft.advisor',
  'microsoft.authorization',
  'microsoft.insights',
  'microsoft.resourcehealth',
  'microsoft.resources',
]);

/** Whether an action can be carried out in a place at all: at a storage account there are no virtual machines. */
export function isPossibleAt({ keys }: Scope, action: string): boolean {
  // Words and names take turns: `providers` in the place of a name is a resource group or a resource that is called so.
  const at = keys.findLastIndex((key, place) => key === 'providers' && place % 2 === 0);
  if (at === -1 || keys[0] !== 'subscriptions') return true;
  const provider = foldCase(action.slice(0, action.indexOf('/')));
  return provider === keys[at + 1] || onAnything.has(provider);
}
