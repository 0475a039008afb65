// Everything that asks whether it is safe, connected.
import { randomBytes } from 'node:crypto';
import type { ApprovalDemand } from '../access/decision.ts';
import type { ApproverList } from '../access/rules/approver-list.ts';
import type { ApproverSettings } from '../access/approvals/approvers.ts';
import { parseDuration } from '../base/duration.ts';
import { shieldRule } from '../gateway/inspected.ts';
import { createInspect } from '../inspect/inspect.ts';
import { tokenises } from '../inspect/redaction/acts.ts';
import { createRedaction } from '../inspect/redaction/redaction.ts';
import { createTokens, tokenKeyBytes } from '../inspect/redaction/tokens.ts';
import type { Tokens } from '../inspect/redaction/tokens.ts';
import type { ResolveSecret } from '../base/secret.ts';
import type { SealedStore } from '../state/sealed-store.ts';
import type { Inspect, InspectNeighbours } from '../inspect/inspect.ts';
import type { InspectSettings } from '../inspect/settings.ts';
import type { Noted } from '../inspect/examination/noted.ts';
import type { Metrics } from '../record/metrics.ts';
import { openJudges } from './judges.ts';

export interface InspectGround extends Pick<InspectNeighbours, 'log' | 'isApproved' | 'shield'> {
  readonly clock: { now(): number };
  readonly sealed: Pick<SealedStore, 'get' | 'replace'>;
  readonly metrics: Metrics;
  readonly secret: ResolveSecret;
  readonly configFolder: string;
  readonly approverList: (rule: string, written: readonly ApproverSettings[]) => ApproverList;
}

export interface OpenInspect extends Inspect {
  /** Puts values back in the place of tokens that stand for them; absent where there are none. */
  readonly openTokens?: Tokens['open'];
  /** Who is asked where the shield wants a call to be approved. */
  readonly demand?: () => ApprovalDemand;
  readonly close: () => Promise<void>;
}

export async function openInspect(settings: InspectSettings, ground: InspectGround): Promise<OpenInspect> {
  const { metrics, clock, approverList, sealed, secret, configFolder, ...neighbours } = ground;
  const findings = metrics.counter(
    'genkan_findings_total',
    'What inspection has found in what servers and callers said, by what was done about it.',
    ['kind', 'rule', 'action', 'server'],
  );
  const tokens = tokenises(settings.redaction)
    ? createTokens(await redactionKey(sealed), settings.redaction.tokens, { clock })
    : undefined;
  const redaction = createRedaction(settings.redaction, { tokens });
  const judges = openJudges(settings.shield.judges, ground);
  const examined = createInspect(settings, {
    ...neighbours,
    redaction,
    panel: judges.panel,
    count: ({ kind, rule, action }: Noted, server: string) => findings.with(kind, rule, action, server).add(),
  });
  const { close } = judges;
  const inspect: OpenInspect = { ...examined, close, ...(tokens !== undefined && { openTokens: tokens.open }) };
  const { ask } = settings.shield;
  if (ask === undefined) return inspect;
  const list = approverList(shieldRule, ask.approvers);
  void list.lookUp();
  const withinSeconds = parseDuration(ask.within)! / 1000;
  const demand = (): ApprovalDemand => ({
    rule: shieldRule,
    approvers: list.known(clock.now()),
    mfa: ask.mfa,
    withinSeconds,
  });
  return { ...inspect, demand };
}

const [keyOwner, keyName] = ['genkan:redaction', 'key of tokens'];

/** The key that tokens are made with: one for all processes, made by whichever needs it first. */
async function redactionKey(sealed: InspectGround['sealed']): Promise<Buffer> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = await sealed.get(keyOwner, keyName);
    if (before !== undefined) return Buffer.from(before, 'base64');
    await sealed.replace(keyOwner, keyName, undefined, randomBytes(tokenKeyBytes).toString('base64'));
  }
  throw new Error('the key of tokens cannot be kept');
}
