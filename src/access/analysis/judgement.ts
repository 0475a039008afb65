// How good a policy is that was learned from one stretch of time in the next one: what it refuses, and what danger is left in it.
import type { Grant } from '../assignment.ts';
import { getOrPut } from '../places.ts';
import type { Role } from '../role.ts';
import { findHoldings } from './held-rights.ts';
import type { HoldingOptions } from './held-rights.ts';
import { learn, withSuggestions } from './learning.ts';
import { recordedCalls } from './recorded-call.ts';
import type { RecordedEntry } from './recorded-call.ts';
import { createReplay } from './replay.ts';
import type { SuggestionOptions } from './suggestion.ts';
import { collectUse } from './usage.ts';
import type { Usage, Window } from './usage.ts';

export interface Judgement {
  readonly learned: Window & { readonly calls: number };
  readonly judged: Window & { readonly calls: number };
  /** Calls of the judged days that were allowed and that the learned policy refuses. */
  readonly refused: number;
  readonly refusedShare: number;
  /** What they lacked, the most frequent first: at most ten. */
  readonly lacking: readonly { readonly action: string; readonly count: number }[];
  /** Dangerous rights that nobody used in the judged days: in the policy as it is, and in the learned one. */
  readonly unusedHighRisk: { readonly before: number; readonly after: number };
}

const most = 10;

/**
 * Learns from the first part of a window and judges by the rest.
 * @param scan gives the records of a window; asked twice
 */
export async function judgeLearning(
  policy: { readonly grants: readonly Grant[]; readonly roles: readonly Role[] },
  scan: (window: Window) => AsyncIterable<RecordedEntry>,
  { fromMs, toMs, learnShare = 2 / 3 }: Window & { readonly learnShare?: number },
  options: HoldingOptions & Pick<SuggestionOptions, 'generalise'>,
): Promise<Judgement> {
  const splitMs = Math.round(fromMs + (toMs - fromMs) * learnShare);
  const lesson = await collectUse(scan({ fromMs, toMs: splitMs }), { fromMs, toMs: splitMs });
  const suggestions = (await learn(policy, lesson, options)).flatMap(({ suggestion }) => suggestion ?? []);
  const grants = withSuggestions(policy, suggestions);

  const replay = createReplay({ grants }, options.nowMs);
  const judged = { fromMs: splitMs, toMs };
  const lacking = new Map<string, number>();
  const counted = { calls: 0, refused: 0 };
  for await (const call of recordedCalls(scan(judged))) {
    if (!call.allowed) continue;
    counted.calls += 1;
    const { decision } = replay(call);
    if (decision.outcome === 'allow') continue;
    counted.refused += 1;
    const missing = decision.data?.['missing'];
    for (const action of Array.isArray(missing) ? missing.map(String) : [decision.code])
      lacking.set(action, getOrPut(lacking, action, () => 0) + 1);
  }
  const trial = await collectUse(scan(judged), judged);
  return {
    learned: { fromMs, toMs: splitMs, calls: lesson.calls },
    judged: { ...judged, calls: counted.calls },
    refused: counted.refused,
    refusedShare: counted.calls === 0 ? 0 : counted.refused / counted.calls,
    lacking: [...lacking]
      .map(([action, count]) => ({ action, count }))
      .sort((one, other) => other.count - one.count)
      .slice(0, most),
    unusedHighRisk: {
      before: await dangersIn(policy.grants, trial, options),
      after: await dangersIn(grants, trial, options),
    },
  };
}

async function dangersIn(grants: readonly Grant[], usage: Usage, options: HoldingOptions): Promise<number> {
  return (await findHoldings(grants, usage, options))
    .flatMap(({ assignments }) => assignments)
    .flatMap(({ unused }) => unused)
    .filter(({ risk }) => risk === 'high' || risk === 'critical').length;
}
