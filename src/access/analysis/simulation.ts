// What a proposed policy would have done with the calls on record: which it would refuse, and which allow that were refused.
import { getOrPut } from '../places.ts';
import { createReplay } from './replay.ts';
import type { Policy } from './replay.ts';
import type { RecordedCall } from './recorded-call.ts';

/** Calls of one person to one tool that would go differently for one reason. */
export interface Change {
  readonly principal: string;
  readonly name: string;
  readonly resource: string;
  /** Of the refusal: the one that there would be, or the one that there was. */
  readonly code: string;
  /** Actions that the proposed policy does not grant, and where they were needed; empty for what would be allowed. */
  readonly missing: readonly string[];
  readonly scopes: readonly string[];
  readonly count: number;
  readonly lastMs: number;
  /**
   * `changed`: the policy in force says as the record does, so the proposal alone makes the difference. `today-already`:
   * the policy in force says the same as the proposal: something else has changed since, or it was allowed by an elevation.
   * `unsure`: it depends on arguments, which are not on record.
   */
  readonly kind: 'changed' | 'today-already' | 'unsure';
}

export interface Simulation {
  readonly calls: number;
  /** Calls that would go as they went. */
  readonly same: number;
  readonly refused: readonly Change[];
  readonly allowed: readonly Change[];
  /** Whether there are more kinds of change than are listed; all are counted in `calls` and `same`. */
  readonly cut: boolean;
}

const listedChanges = 10_000;
const listedScopes = 5;

type Open = { -readonly [Member in keyof Change]: Change[Member] };

/** Replays calls against the policy in force and a proposed one. */
export async function simulate(
  calls: AsyncIterable<RecordedCall>,
  { before, after, nowMs }: { readonly before: Policy; readonly after: Policy; readonly nowMs: number },
): Promise<Simulation> {
  const [decideNow, decideThen] = [createReplay(before, nowMs), createReplay(after, nowMs)];
  const changes = { refused: new Map<string, Open>(), allowed: new Map<string, Open>() };
  const counted = { calls: 0, same: 0, cut: false };
  for await (const call of calls) {
    counted.calls += 1;
    const { decision, unsure } = decideThen(call);
    if ((decision.outcome === 'allow') === call.allowed) {
      counted.same += 1;
      continue;
    }
    const isRefusal = decision.outcome === 'deny';
    const code = isRefusal ? decision.code : (call.code ?? '');
    const missing = isRefusal ? textsIn(decision.data?.['missing']) : [];
    const scopes = isRefusal ? textsIn(decision.data?.['scopes']).slice(0, listedScopes) : [];
    const today = decideNow(call).decision.outcome;
    const kind = unsure ? 'unsure' : (today === 'allow') === call.allowed ? 'changed' : 'today-already';
    const list = isRefusal ? changes.refused : changes.allowed;
    const key = [call.principal, call.resource, code, kind, ...missing].join('\n');
    if (!list.has(key) && list.size >= listedChanges) {
      counted.cut = true;
      continue;
    }
    const { principal, name, resource, atMs } = call;
    const change = getOrPut(list, key, (): Open => ({
      ...{ principal, name, resource, code, missing, scopes, kind },
      count: 0,
      lastMs: atMs,
    }));
    change.count += 1;
    change.lastMs = Math.max(change.lastMs, atMs);
  }
  const sorted = (list: ReadonlyMap<string, Change>): Change[] =>
    [...list.values()].sort((one, other) => other.count - one.count || other.lastMs - one.lastMs);
  return { ...counted, refused: sorted(changes.refused), allowed: sorted(changes.allowed) };
}

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
