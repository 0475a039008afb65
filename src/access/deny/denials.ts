// Deny assignments by place and person: which of them hold for somebody at a scope.
import type { Principal } from '../../base/principal.ts';
import type { Bundle } from '../bundle.ts';
import type { Requirement } from '../decision.ts';
import type { Moment } from '../moment.ts';
import { isOwnAction } from '../permission.ts';
import { getOrPut } from '../places.ts';
import type { Site } from '../places.ts';
import { covers, isPlainSegment } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { createVerdicts } from '../verdicts.ts';
import type { Verdicts } from '../verdicts.ts';
import { compileWildcard, wildcardsMeet } from '../wildcard.ts';
import type { Denial } from './deny-assignment.ts';

/** A deny assignment that can hold at a scope, by the scope alone. */
export interface Near {
  readonly denial: Denial;
  /** Of the denial in the table of verdicts. */
  readonly column: number;
  /**
   * Whether it holds at the whole of the scope. Where not, it holds at a part of it: for an operation of Azure that counts,
   * since we ask for a wide scope just where a call does not show which part of it the server will touch. Of our own
   * actions it counts where a server's tools or prompts are asked for in place of one, because its name is no segment.
   */
  readonly whole: boolean;
  /** The names that it holds for, where the scope is all tools or all prompts of a server and it holds at some of them. */
  readonly isForName?: (name: string) => boolean;
}

/** What is denied one principal. */
export interface Denied {
  /** The deny assignment that takes an action away from whoever would have it. */
  deniedBy(site: Site, needed: Requirement, moment: Moment): Denial | undefined;
  /** The actions of a bundle that some deny assignment at a site may take away: no others need be asked about one by one. */
  mayDeny(site: Site, bundle: Bundle): number;
  /** Whether an action is denied at all of a site and what lies below it, whatever the call. */
  isShut(site: Site, action: string, data: boolean): boolean;
  /** The same for every control-plane action that a pattern stands for. */
  isAllShut(site: Site, pattern: string): boolean;
}

/** What is kept on the way to a place. */
export interface Around {
  /** The same for a place below; one object for all places below which nothing is kept. */
  below(key: string): Around;
  /**
   * What can hold at a literal scope that begins with the keys of the place.
   * @param isEnd whether it ends there
   */
  near(scope: Scope, isEnd: boolean): readonly Near[];
}

export interface Denials {
  /** Where they hold. */
  readonly scopes: readonly Scope[];
  near(scope: Scope): readonly Near[];
  /** Around `/`, from where there is a way to every place. */
  readonly around: Around;
  of(principal: Principal): Denied;
}

interface Kept {
  readonly denial: Denial;
  readonly column: number;
  /** How many segments its scope has. */
  readonly depth: number;
  /** The segments from the first `*` on; those before are the way to where it is kept. */
  readonly open: readonly { readonly key: string; readonly matches: (key: string) => boolean }[];
}

interface Node {
  /** Those whose scope ends here, or has its first `*` in the next segment. */
  readonly here: Kept[];
  /** Those whose scope goes on below. */
  readonly below: Kept[];
  readonly children: Map<string, Node>;
}

const createNode = (): Node => ({ here: [], below: [], children: new Map() });
const none: readonly Near[] = [];

export function createDenials(denials: readonly Denial[]): Denials {
  const verdicts = createVerdicts(denials);
  const root = createNode();
  for (const denial of denials) {
    const { keys, patternAt = keys.length } = denial.scope;
    const open = keys.slice(patternAt).map((key) => ({ key, matches: compileWildcard(key) }));
    const kept = { denial, column: verdicts.columnOf(denial), depth: keys.length, open };
    let node = root;
    for (const key of keys.slice(0, patternAt)) {
      node.below.push(kept);
      node = getOrPut(node.children, key, createNode);
    }
    node.here.push(kept);
  }

  const around = createAround(root.here, root);
  return {
    scopes: denials.map(({ scope }) => scope),
    near(scope) {
      let last = around;
      for (const key of scope.keys) last = last.below(key);
      return last.near(scope, true);
    },
    around,
    of(principal) {
      const isFor = new Uint8Array(denials.length);
      for (const denial of denials) if (denial.isFor(principal)) isFor[verdicts.columnOf(denial)] = 1;
      return createDenied(isFor, verdicts);
    },
  };
}

/**
 * @param here all that is kept on the way, what is kept at its end included
 * @param node where it ends, unless nothing is kept there or below
 */
function createAround(here: readonly Kept[], node: Node | undefined): Around {
  const below = node?.below ?? [];
  let outside: Around | undefined;
  const around: Around = {
    below(key) {
      const next = node?.children.get(key);
      if (next !== undefined) return createAround([...here, ...next.here], next);
      return node === undefined ? around : (outside ??= createAround(here, undefined));
    },
    near(scope, isEnd) {
      if (here.length === 0 && (!isEnd || below.length === 0)) return none;
      const found: Near[] = [];
      for (const kept of here) addNear(found, kept, scope);
      if (isEnd) for (const kept of below) addNear(found, kept, scope);
      return found.length === 0 ? none : found;
    },
  };
  return around;
}

/** @param isFor which denials hold for the principal, by column */
function createDenied(isFor: Uint8Array, verdicts: Verdicts<Denial>): Denied {
  // What depends on the call, or ends with the scope itself, leaves something open.
  const shuts = ({ denial: { condition, assignment }, column }: Near): boolean =>
    isFor[column] === 1 && condition === undefined && !assignment.doNotApplyToChildScopes;
  return {
    deniedBy({ near }, needed, { judge }) {
      if (near.length === 0) return undefined;
      const row = verdicts.row(needed.action, needed.data);
      for (const each of near) {
        const { denial, column, whole } = each;
        if (isFor[column] === 0 || verdicts.at(row, column) !== 'grants') continue;
        if (!whole && isOwnAction(needed.action) && !mayBeOf(each, needed.action)) continue;
        // A condition that cannot be told denies: nobody gets past it by saying less.
        if (denial.condition === undefined || judge?.(denial.condition, needed) !== false) return denial;
      }
      return undefined;
    },
    mayDeny({ near }, bundle) {
      let denied = 0;
      for (const { column } of near)
        if (isFor[column] === 1) denied |= verdicts.grants(verdicts.tableOf(bundle), column);
      return denied;
    },
    isShut({ near }, action, data) {
      if (near.length === 0) return false;
      const row = verdicts.row(action, data);
      return near.some(
        (each) => shuts(each) && (each.whole || mayBeOf(each, action)) && verdicts.at(row, each.column) === 'grants',
      );
    },
    isAllShut: ({ near }, pattern) => near.some((each) => each.whole && shuts(each) && each.denial.deniesAll(pattern)),
  };
}

function addNear(found: Near[], { denial, column, depth, open }: Kept, scope: Scope): void {
  const { keys, patternAt } = scope;
  if (denial.assignment.doNotApplyToChildScopes && depth < keys.length) return;
  let at = depth - open.length;
  for (const { key, matches } of open) {
    const met = keys[at];
    if (met === undefined) break; // the scope ends above: what lies below it may be what the denial speaks of
    if (!(patternAt === undefined ? matches(met) : wildcardsMeet(key, met))) return;
    at += 1;
  }
  const whole = depth <= keys.length && (patternAt === undefined || covers(denial.scope, scope));
  if (whole || denial.scope.keys[0] !== 'servers') found.push({ denial, column, whole });
  // All tools or prompts are asked for where the name of one is no segment of a scope; such a name only a `*` can match.
  else if (keys.length === surfaceDepth && depth === surfaceDepth + 1 && denial.scope.keys.at(-1)!.includes('*'))
    found.push({ denial, column, whole, isForName: open.at(-1)!.matches });
}

/** Segments of `/servers/{server}/tools`. */
const surfaceDepth = 3;

/** Whether what holds at a part of a scope may hold for the very thing that an action of ours is of. */
function mayBeOf({ isForName }: Near, action: string): boolean {
  if (isForName === undefined || !action.startsWith('mcp/')) return false;
  const name = shownName(action);
  return name === undefined || isForName(name);
}

/** The name in `mcp/servers/{server}/tools/{name}/call`, of a thing that is asked for at all tools since its name is no segment. */
function shownName(action: string): string | undefined {
  const [, , , surface, segment, verb] = action.split('/');
  if (verb === undefined || (surface !== 'tools' && surface !== 'prompts')) return undefined;
  try {
    const name = decodeURIComponent(segment!);
    return isPlainSegment(name) ? undefined : name;
  } catch {
    return undefined;
  }
}
