// Checks the arguments of a call by their declared types: what a tool's author wishes for, and what an administrator demands.
import { refuse } from '../../base/errors.ts';
import type { ErrorCode, Refusal } from '../../base/errors.ts';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { fits } from '../examination/policy.ts';
import { broken, placesIn, placesOf } from './places.ts';
import type { Broken, Place } from './places.ts';
import { ruleTexts } from './rule-texts.ts';
import type { ArgumentSettings, TypeSettings } from './settings.ts';
import { filled, isOpen, variablesOf } from './uri-template.ts';

/** A tool, prompt or resource of one server, and what it is to be given. */
export interface TypedUse {
  readonly server: string;
  readonly primitive: 'tools' | 'prompts' | 'resources';
  readonly name: string;
  readonly arguments: JsonObject;
  readonly tool?: { readonly inputSchema?: JsonObject } | undefined;
}

export type TypeCheck = (use: TypedUse) => Refusal | undefined;

/** What is demanded of the arguments of one tool: places, or why they cannot be known. */
type Plan = readonly Place[] | string;

export function createTypeCheck(settings: ArgumentSettings): TypeCheck {
  const entries = settings.map(({ match, types }) => ({ ...match, places: placesOf(types) }));
  const ofPrompts = entries.filter(({ prompts }) => prompts !== undefined);
  const ofResources = entries.flatMap(({ servers, resources = [], places }) =>
    resources.map((template) => ({ servers, places, template, variables: variablesOf(template) })),
  );
  const isAt = (servers: readonly string[] | undefined, server: string): boolean =>
    servers?.some((pattern) => fits(pattern, server)) !== false;
  /** Tools that several servers define alike are one object; by what else it depends on, each has a plan. */
  const plans = new WeakMap<object, Map<string, Plan>>();
  const none: readonly Place[] = [];

  function planOf(tool: NonNullable<TypedUse['tool']>, server: string, name: string): Plan {
    const wished = isJsonObject(tool.inputSchema) ? placesIn(tool.inputSchema) : undefined;
    if (typeof wished === 'string') return wished;
    const demanded = entries
      .filter(({ servers, tools }) => isAt(servers, server) && tools?.some((pattern) => fits(pattern, name)))
      .map(({ places }) => places);
    return wished === undefined && demanded.length === 0 ? none : [...demanded, ...(wished ? [wished] : [])];
  }

  function checkTool({ server, name, tool, arguments: given }: TypedUse): Refusal | undefined {
    if (tool === undefined) return undefined;
    let ofTool = plans.get(tool);
    if (ofTool === undefined) plans.set(tool, (ofTool = new Map()));
    let plan = ofTool.get(server);
    if (plan === undefined) ofTool.set(server, (plan = planOf(tool, server, name)));
    if (plan === none) return undefined;
    if (typeof plan === 'string')
      return refuse('inspect_schema_refused', { tool: name, reason: plan }, { outcome: 'block' });
    return refused(name, broken(plan, given));
  }

  /** To be completed is a template with values for its variables: what it names with them is what counts. */
  function checkResource({ server, name, arguments: given }: TypedUse): Refusal | undefined {
    for (const { servers, places, template, variables } of ofResources) {
      if (!isAt(servers, server)) continue;
      for (const uri of new Set([name, filled(name, given)])) {
        const values = uri === undefined ? 'unclear' : variables(uri);
        if (values === undefined) continue;
        if (values === 'unclear') return refused(template, { at: '/uri', type: 'url', rule: 'uri-unclear' });
        const known = Object.fromEntries(Object.entries(values).filter(([, value]) => !isOpen(value)));
        const refusal = refused(template, broken([places], known) ?? broken([places], given));
        if (refusal !== undefined) return refusal;
      }
    }
    return undefined;
  }

  return (use) => {
    if (use.primitive === 'tools') return checkTool(use);
    if (use.primitive === 'resources') return ofResources.length === 0 ? undefined : checkResource(use);
    const fitting = ofPrompts.filter(
      ({ servers, prompts }) => isAt(servers, use.server) && prompts!.some((pattern) => fits(pattern, use.name)),
    );
    if (fitting.length === 0) return undefined;
    return refused(
      use.name,
      broken(
        fitting.map(({ places }) => places),
        use.arguments,
      ),
    );
  };
}

/** Says where and which rule, never the value: arguments may hold secrets, and refusals are recorded. */
function refused(name: string, found: Broken | undefined): Refusal | undefined {
  if (found === undefined) return undefined;
  const { at: path, type, rule } = found;
  const params = { name: name.slice(0, 128), path: path === '' ? '/' : path, rule: ruleTexts[rule] };
  return refuse(codes[type], params, { outcome: 'block', data: { path, type, rule } });
}

const codes: Readonly<Record<TypeSettings['type'], ErrorCode>> = {
  path: 'inspect_argument_path',
  url: 'inspect_argument_address',
  host: 'inspect_argument_address',
  email: 'inspect_argument_address',
  shell: 'inspect_argument_shell',
  sql: 'inspect_argument_sql',
};
