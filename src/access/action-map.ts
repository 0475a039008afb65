// What a server's tools need: the tool and its arguments → Azure actions at scopes. The one interface that every map keeps.
import type { Refusal } from '../base/errors.ts';
import type { Bundle } from './bundle.ts';
import type { Attributes } from './conditions/condition.ts';
import type { AccessRequest, Effect, Requirement } from './decision.ts';
import type { Scope } from './scope.ts';

/** An action without its scope; `data` says that DataActions, not Actions, must grant it. */
export interface NeededAction extends Omit<Requirement, 'scope'> {
  /** The narrowest scope that any arguments can reach, where that is wider than a resource group: lists hide what can never be allowed. */
  readonly narrowest?: 'root' | 'subscription';
}

/** What is needed at one scope. */
export interface Together {
  readonly scope: Scope;
  readonly bundle: Bundle;
}

/** What one call needs. `requirements` is never empty: a list without entries is refused, not allowed. */
export interface Needs {
  readonly effect: Effect;
  readonly requirements: readonly Requirement[];
  /** The same requirements in the same order, by scope: a map that knows it makes the decision cheaper, never another one. */
  readonly together?: readonly Together[];
  /** The requirements are the same objects for every such call: what is found out about them can be kept with them. */
  readonly isKept?: true;
}

type Hints = AccessRequest['hints'];

/**
 * Synchronous; never throws, whatever the caller sends as tool name or arguments, and never asks less of a call than it did
 * before. `hints` are what the server claims of the tool now; a map need not believe them.
 */
export interface ActionMap {
  /** Every tool that the map knows by its name. */
  readonly tools: readonly string[];
  /** Tools that are not listed need actions below `mcp/servers/{server}/`, at the tool's own scope. */
  readonly isOpen?: boolean;
  /** The actions that the tool needs whatever its arguments are: never empty, `undefined` for a tool that the map does not know. */
  always(tool: string, hints?: Hints): readonly NeededAction[] | undefined;
  /** What this call needs, or why that cannot be told (`access_tool_unmapped`, `access_argument_fixed`, `access_argument_unresolved`). */
  requirements(tool: string, args: Readonly<Record<string, unknown>>, hints?: Hints): Needs | Refusal;
  /**
   * What the arguments say of the thing that the call makes or changes (`location`, `sku`, `publicIp`), for conditions and
   * rules: asked for only where one of them looks. What the call leaves to the server's own choice is absent.
   */
  attributes?(tool: string, args: Readonly<Record<string, unknown>>): Attributes;
}
