// Taint rules connected: what conversations have read is kept for all processes, and people can be asked.
import type { ApprovalDemand } from '../access/decision.ts';
import type { ApproverSettings } from '../access/approvals/approvers.ts';
import type { ApproverList } from '../access/rules/approver-list.ts';
import { parseDuration } from '../base/duration.ts';
import type { Flows } from '../gateway/flows.ts';
import { createTaint } from '../inspect/taint/taint.ts';
import type { TaintSettings } from '../inspect/taint/settings.ts';
import type { Metrics } from '../record/metrics.ts';
import type { Foundation } from './foundation.ts';

interface Ground extends Pick<Foundation, 'database' | 'clock'> {
  readonly metrics: Metrics;
  readonly approverList: (rule: string, written: readonly ApproverSettings[]) => ApproverList;
}

/** @returns undefined where there are no taint rules: nothing is asked then, and nothing kept */
export function openTaint(settings: TaintSettings | undefined, ground: Ground): Flows | undefined {
  const { database, clock, metrics, approverList } = ground;
  const flows = metrics.counter(
    'genkan_taint_flows_total',
    'Calls that would have let flow what their conversation had read before, by what was done about it.',
    ['rule', 'action', 'server'],
  );
  if (settings === undefined) return undefined;
  const { ask } = settings;
  const taint = createTaint(settings, {
    database,
    clock,
    canAsk: true,
    count: ({ rule, action }, server) => flows.with(rule, action, server).add(),
  });
  if (ask === undefined) return { taint };
  const list = approverList('taint', ask.approvers);
  void list.lookUp();
  const withinSeconds = parseDuration(ask.within)! / 1000;
  const demand = (rule: string): ApprovalDemand => ({
    rule,
    approvers: list.known(clock.now()),
    mfa: ask.mfa,
    withinSeconds,
  });
  return { taint, demand };
}
