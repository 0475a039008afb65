// What was used of everybody's rights in a stretch of recorded time: by principal, by assignment, by action and scope.
import type { Effect, Requirement } from '../decision.ts';
import { getOrPut } from '../places.ts';
import { recordedCalls } from './recorded-call.ts';
import type { RecordedCall, RecordedEntry } from './recorded-call.ts';

export interface Use {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** One action at one scope, as often as recorded calls needed it and were granted it. */
export interface UsedRequirement extends Requirement, Use {
  /** The worst that a call which needed it would do. */
  readonly effect: Effect;
  /** Assignments named as granting it. Where several would grant, a decision names but one. */
  readonly assignments: ReadonlySet<string>;
}

export interface UsedAssignment extends Use {
  readonly role: string;
  readonly scope: string;
}

/** What one principal did. */
export interface PrincipalUse {
  readonly id: string;
  readonly name: string;
  readonly clientId: string | undefined;
  /** All groups that it had in some recorded call and that held something at that time. */
  readonly groups: ReadonlySet<string>;
  /** Allowed calls; `undefined` where there were none. */
  readonly calls: Use | undefined;
  readonly refused: Use | undefined;
  /** By action and scope. */
  readonly requirements: readonly UsedRequirement[];
  /** By assignment id, as decisions named them. */
  readonly assignments: ReadonlyMap<string, UsedAssignment>;
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Usage extends Window {
  /** The first and the last record of any sort: how much of the window the record covers. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /** On how many days (UTC) there are calls. */
  readonly daysWithCalls: number;
  readonly calls: number;
  readonly refused: number;
  /** By principal id. */
  readonly principals: ReadonlyMap<string, PrincipalUse>;
  /**
   * Whether there were more distinct uses than are kept. What is beyond counts as used at the scope of the assignment
   * that granted it: wider than it was, never narrower.
   */
  readonly coarse: boolean;
}

// Callers choose names and so scopes; a hundred thousand of them, with what is counted of each, stay below 100 MB.
const distinctUses = 100_000;
const dayMs = 86_400_000;

type Counted<Kind extends Use> = { -readonly [Member in keyof Kind]: Kind[Member] };

interface Open {
  id: string;
  name: string;
  clientId: string | undefined;
  groups: Set<string>;
  calls: Use | undefined;
  refused: Use | undefined;
  requirements: Map<string, Counted<UsedRequirement> & { assignments: Set<string> }>;
  assignments: Map<string, Counted<UsedAssignment>>;
}

/** Reads records, in the order of time, of a window. Remembers no call, only what was counted. */
export async function collectUse(
  entries: AsyncIterable<RecordedEntry>,
  { fromMs, toMs }: Window,
  limit = distinctUses,
): Promise<Usage> {
  const principals = new Map<string, Open>();
  const days = new Set<number>();
  const seen = { calls: 0, refused: 0, distinct: 0, coarse: false };
  let [firstMs, lastMs]: (number | undefined)[] = [];

  async function* watched(): AsyncGenerator<RecordedEntry> {
    for await (const entry of entries) {
      firstMs ??= entry.timestamp;
      lastMs = entry.timestamp;
      yield entry;
    }
  }

  const openOf = ({ principal: id, name, clientId }: RecordedCall): Open =>
    getOrPut(principals, id, () => ({
      id,
      name,
      clientId,
      groups: new Set(),
      calls: undefined,
      refused: undefined,
      requirements: new Map(),
      assignments: new Map(),
    }));

  function countRequirement(open: Open, call: RecordedCall, at: number): void {
    const ground = call.because[at];
    const { action, data, scope } = call.requirements[at]!;
    const place = seen.distinct < limit || open.requirements.has(keyOf(action, data, scope)) ? scope : ground?.scope;
    if (place !== scope) seen.coarse = true;
    const used = getOrPut(open.requirements, keyOf(action, data, place ?? scope), () => {
      seen.distinct += 1;
      return {
        action,
        data,
        scope: place ?? scope,
        effect: call.effect,
        assignments: new Set<string>(),
        ...noUse(call),
      };
    });
    add(used, call.atMs);
    if (worse[call.effect] > worse[used.effect]) used.effect = call.effect;
    if (ground === undefined) return;
    used.assignments.add(ground.assignment);
    // A call that needs several things of one assignment has used it once.
    if (call.because.findIndex(({ assignment }) => assignment === ground.assignment) < at) return;
    const { role, scope: held } = ground;
    add(
      getOrPut(open.assignments, ground.assignment, () => ({ role, scope: held, ...noUse(call) })),
      call.atMs,
    );
  }

  for await (const call of recordedCalls(watched())) {
    const open = openOf(call);
    for (const group of call.groups) open.groups.add(group);
    if (!call.allowed) {
      open.refused = plus(open.refused, call.atMs);
      seen.refused += 1;
      continue;
    }
    days.add(Math.floor(call.atMs / dayMs));
    open.calls = plus(open.calls, call.atMs);
    seen.calls += 1;
    for (const at of call.requirements.keys()) countRequirement(open, call, at);
  }
  const finished = [...principals.values()].map((open): [string, PrincipalUse] => [
    open.id,
    { ...open, requirements: [...open.requirements.values()] },
  ]);
  const { calls, refused, coarse } = seen;
  return {
    fromMs,
    toMs,
    firstMs,
    lastMs,
    daysWithCalls: days.size,
    calls,
    refused,
    principals: new Map(finished),
    coarse,
  };
}

const worse = { read: 0, write: 1, destroy: 2 } as const;
const keyOf = (action: string, data: boolean, scope: string): string => `${data ? 'data ' : ''}${action} ${scope}`;
const noUse = ({ atMs }: RecordedCall): Use => ({ count: 0, firstMs: atMs, lastMs: atMs });

function add(use: Counted<Use>, atMs: number): void {
  use.count += 1;
  use.firstMs = Math.min(use.firstMs, atMs);
  use.lastMs = Math.max(use.lastMs, atMs);
}

function plus(use: Use | undefined, atMs: number): Use {
  const sum = { ...(use ?? { count: 0, firstMs: atMs, lastMs: atMs }) };
  add(sum, atMs);
  return sum;
}
