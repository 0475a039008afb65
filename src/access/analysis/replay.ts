// A recorded call decided again, by the decision itself, under whatever policy one wants to know about.
import type { Principal } from '../../base/principal.ts';
import type { ActionMap } from '../action-map.ts';
import type { Grant } from '../assignment.ts';
import type { Decision } from '../decision.ts';
import { createDecider } from '../decider.ts';
import type { DeciderOptions } from '../decider.ts';
import { getOrPut } from '../places.ts';
import type { RecordedCall } from './recorded-call.ts';

/** The part of a policy that decides. */
export interface Policy extends Pick<DeciderOptions, 'denials' | 'rules'> {
  readonly grants: readonly Grant[];
}

export interface Replayed {
  readonly decision: Decision;
  /** Whether a condition or rule looked at what calls say beyond the record, e.g. a region: then it is a guess. */
  readonly unsure: boolean;
}

export type Replay = (call: RecordedCall) => Replayed;

const applicationPrefix = 'application:';
// Memberships of one person change seldom; the bound is for whoever's change all the time.
const rememberedPrincipals = 50_000;

/**
 * Decides recorded calls by a policy. What is bound to a time of its own (an assignment until Friday) counts as it does
 * now; conditions on the time of day see that of the call.
 */
export function createReplay({ grants, denials, rules }: Policy, nowMs: number): Replay {
  let asked: { readonly call: RecordedCall; unsure: boolean } | undefined;
  const map: ActionMap = {
    tools: [],
    always: () => undefined,
    requirements: () => ({ effect: asked!.call.effect, requirements: asked!.call.requirements }),
    attributes() {
      asked!.unsure = true; // arguments are not on record
      return {};
    },
  };
  const decider = createDecider(
    grants.filter(({ assignment }) => isNow(assignment, nowMs)).map(withoutTimes),
    { get: () => map } as unknown as ReadonlyMap<string, ActionMap>,
    {
      ...(denials && { denials }),
      ...(rules && { rules }),
      clock: { now: () => asked?.call.atMs ?? nowMs },
    },
  );
  const principals = new Map<string, Principal>();
  return (call) => {
    asked = { call, unsure: false };
    if (principals.size >= rememberedPrincipals) principals.clear();
    const who = `${call.principal}\n${call.clientId ?? ''}\n${call.groups.join('\n')}`;
    const principal = getOrPut(principals, who, () => principalOf(call));
    const [, server = '', name = ''] = /^\/servers\/([^/]*)\/[a-z]+\/(.*)$/s.exec(call.resource) ?? [];
    const decision = decider.decide(principal, {
      server,
      primitive: 'tools',
      name,
      arguments: {},
      sourceIP: call.sourceIP,
    });
    return { decision, unsure: asked.unsure };
  };
}

export function principalOf({ principal: id, name, groups, clientId }: RecordedCall): Principal {
  const isAgent = id.startsWith(applicationPrefix);
  const client = isAgent ? id.slice(applicationPrefix.length) : clientId;
  return {
    id,
    kind: isAgent ? 'application' : 'user',
    name,
    groups,
    ...(client !== undefined && { clientId: client }),
  };
}

const isNow = ({ startsAtMs = -Infinity, endsAtMs = Infinity }: Grant['assignment'], nowMs: number): boolean =>
  startsAtMs <= nowMs && nowMs < endsAtMs;

function withoutTimes(grant: Grant): Grant {
  const { startsAtMs: _from, endsAtMs: _until, ...assignment } = grant.assignment;
  return { ...grant, assignment };
}
