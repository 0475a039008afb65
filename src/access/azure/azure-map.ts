// The map of the Azure MCP Server: a tool and its arguments → every Azure action that the call can use, and where.
import { refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { ActionMap, Together } from '../action-map.ts';
import type { Attributes } from '../conditions/condition.ts';
import type { Requirement } from '../decision.ts';
import { fixedScope } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { foldCase } from '../wildcard.ts';
import {
  asGuid,
  asResourceId,
  isGroupName,
  isHostName,
  isName,
  isPlainToken,
  isResourceType,
  isWord,
} from './argument-checks.ts';
import { readAttributes } from './attributes.ts';
import { compileRow, groupScope, idsIn, isGiven } from './compiled-row.ts';
import type { ArgumentKind, Call, CompiledRow } from './compiled-row.ts';
import { azureRows } from './rows.ts';

export interface AzureMapOptions {
  /** Name of the server in our own scopes (`/servers/{server}/tools/{tool}`). */
  readonly server: string;
  /** GUID of the subscription that the server uses when a call names none; without it such a call is decided at `reach`. */
  readonly defaultSubscription?: string;
  /** Display name → GUID. Other names are refused. List none that two subscriptions share: the server takes either. */
  readonly subscriptions: Readonly<Record<string, string>>;
  /** The one value that a caller may repeat for an argument that policy fixes (`tenant`, `auth-method`, endpoints). */
  readonly fixedArguments: Readonly<Record<string, string>>;
  /**
   * The scope that holds everything which the server's own identity can reach; `/` by default. It is where actions are
   * needed when nothing in the call shows where a resource lies.
   */
  readonly reach?: string;
  /**
   * Where resources lie that the server reaches by a worldwide name or address (`kv-dev`, `https://…`): name → resource
   * id. The server does not look whether a vault lies in the subscription that stands beside its name, so neither do we.
   */
  readonly resources?: Readonly<Record<string, string>>;
}

/** Builds the map. Rows are compiled once; a call costs about a microsecond. */
export function createAzureMap(options: AzureMapOptions): ActionMap {
  const reach = options.reach ?? '/';
  const located = locateResources(options.resources ?? {});
  const rows = new Map(
    Object.entries(azureRows).map(([tool, row]) => {
      const own = {
        scope: `/servers/${options.server}/tools/${tool}`,
        action: `mcp/servers/${options.server}/tools/${tool}`,
      };
      return [tool, compileRow(row, { own, reach, ...located })];
    }),
  );
  const subscriptionOf = createSubscriptionResolver(options, reach);
  const isAcceptable = createArgumentCheck(options);

  return {
    tools: [...rows.keys()],
    always: (tool) => rows.get(tool)?.always,
    requirements(tool, args) {
      const row = rows.get(tool);
      if (row === undefined) return refuse('access_tool_unmapped', { tool, server: options.server });
      // Every argument is looked at, whether or not a scope is made of it: the server reads them all.
      for (const argument of Object.keys(args)) {
        const kind = row.kinds.get(argument);
        if (kind === undefined || !isAcceptable(kind, argument, args[argument], row))
          return refusal(tool, argument, kind);
      }
      const subscription = subscriptionOf(args.subscription);
      if (subscription === undefined) return refusal(tool, 'subscription', 'subscription');
      return needsOf(tool, row, { args, subscription, group: groupScope(subscription, args['resource-group']) });
    },
    attributes(tool, args) {
      const row = rows.get(tool);
      return row === undefined ? {} : attributesOf(row, args, subscriptionOf(args.subscription));
    },
  };
}

function attributesOf(row: CompiledRow, args: Call['args'], subscription: Scope | undefined): Attributes {
  const attributes = readAttributes(row.attributes, args);
  const [top, guid] = subscription?.keys ?? [];
  if (!row.isInSubscription || top !== 'subscriptions' || guid === undefined) return attributes;
  const group = args['resource-group'];
  return { ...attributes, subscription: guid, ...(typeof group === 'string' && { resourceGroup: foldCase(group) }) };
}

function needsOf(tool: string, row: CompiledRow, call: Call): ReturnType<ActionMap['requirements']> {
  const requirements: Requirement[] = [];
  const together: Together[] = [];
  for (const { scopesOf, bundleOf } of row.places) {
    const bundle = bundleOf(call.args);
    if (bundle === undefined) continue;
    for (const scope of scopesOf(call)) {
      together.push({ scope, bundle });
      for (const { action, data } of bundle.actions) requirements.push({ action, data, scope: scope.text });
    }
  }
  // Only a row that needs ids gets here without any, when the caller leaves them out.
  if (requirements.length === 0) return refusal(tool, [...row.idTypes.keys()].join(', '), 'id');
  return { effect: row.effect, requirements, together };
}

function refusal(tool: string, argument: string, kind: ArgumentKind | undefined): Refusal {
  const code =
    kind === 'fixed' || kind === 'endpoint' ? 'access_argument_fixed' : ('access_argument_unresolved' as const);
  return refuse(code, { tool, argument: argument.slice(0, 64) });
}

// Callers choose GUIDs; what they can make us keep has an end.
const rememberedSubscriptions = 1024;

function createSubscriptionResolver(options: AzureMapOptions, reach: string): (value: unknown) => Scope | undefined {
  const byName = new Map(Object.entries(options.subscriptions).map(([name, guid]) => [name, asGuid(guid)]));
  const fallback = options.defaultSubscription === undefined ? undefined : asGuid(options.defaultSubscription);
  const whenMissing = fixedScope(fallback === undefined ? reach : `/subscriptions/${fallback}`);
  const remembered = new Map<string, Scope>();
  return (value) => {
    if (!isGiven(value)) return whenMissing;
    if (typeof value !== 'string') return undefined;
    const known = remembered.get(value);
    if (known !== undefined) return known;
    const guid = asGuid(value) ?? byName.get(value);
    if (guid === undefined) return undefined;
    const scope = fixedScope(`/subscriptions/${guid}`);
    if (remembered.size >= rememberedSubscriptions) remembered.clear();
    remembered.set(value, scope);
    return scope;
  };
}

// A name counts only for resources of the type that the row asks for: a vault and a storage account may share it.
function locateResources(resources: Readonly<Record<string, string>>): {
  locate: (name: string, type: string) => string | undefined;
  isAnyLocated: (type: string) => boolean;
} {
  const entries = Object.entries(resources);
  const byName = new Map(entries.map(([name, id]) => [name.toLowerCase(), id]));
  return {
    locate(name, type) {
      const id = byName.get(name.toLowerCase());
      return id === undefined ? undefined : asResourceId(id, type);
    },
    isAnyLocated: (type) => entries.some(([, id]) => asResourceId(id, type) !== undefined),
  };
}

function createArgumentCheck(
  options: AzureMapOptions,
): (kind: ArgumentKind, argument: string, value: unknown, row: CompiledRow) => boolean {
  const fixed = new Map(Object.entries(options.fixedArguments));
  const listed = new Set(Object.keys(options.resources ?? {}).map((name) => name.toLowerCase()));
  const ofText: Readonly<Partial<Record<ArgumentKind, (text: string) => boolean>>> = {
    group: isGroupName,
    name: isName,
    host: isHostName,
    type: isResourceType,
  };
  return (kind, argument, value, row) => {
    // The server leaves a null out, as if it were not there.
    if (!isGiven(value)) return true;
    if (kind === 'fixed') return value === fixed.get(argument);
    if (kind === 'endpoint')
      return value === fixed.get(argument) || (typeof value === 'string' && listed.has(value.toLowerCase()));
    if (kind === 'subscription') return typeof value === 'string';
    if (kind === 'id') return idsIn(value).every((id) => isResourceId(id, row.idTypes.get(argument)));
    const check = ofText[kind];
    if (check !== undefined) return typeof value === 'string' && check(value);
    return isHarmless(value, kind === 'word');
  };
}

const isResourceId = (id: unknown, type: string | undefined): boolean =>
  typeof id === 'string' && asResourceId(id, type) !== undefined;

function isHarmless(value: unknown, asWord: boolean): boolean {
  if (typeof value === 'string') return asWord ? isWord(value) : isPlainToken(value);
  if (typeof value === 'number' || typeof value === 'boolean') return true;
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && isHarmless(item, asWord));
}
