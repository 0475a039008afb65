// One configured limit, ready to be asked: which calls it is for, what it counts apart, and what a call costs.
import type { Principal } from '../../base/principal.ts';
import type { Effect, Primitive } from '../decision.ts';
import { compileWildcard } from '../wildcard.ts';
import { addressKey } from './address-key.ts';
import { daysAround, readRate } from './measures.ts';
import type { Dimension, LimitSettings } from './settings.ts';

/** A call that may go on as far as roles are concerned. */
export interface LimitedCall {
  readonly principal: Principal;
  readonly sourceIP: string;
  readonly method: string;
  /** Undefined at the address of all servers, for what concerns none of them alone. */
  readonly server: string | undefined;
  /** What it uses, where it uses one thing. */
  readonly use?: { readonly primitive: Primitive; readonly name: string } | undefined;
  readonly effect: Effect;
  /** Whether it uses a server's things or stays open, as opposed to lists and pings. */
  readonly counts: boolean;
}

export interface RateMeasure {
  readonly count: number;
  readonly perSeconds: number;
  readonly emissionMicros: number;
  /** How far ahead of time whoever comes may be: the burst, as time. */
  readonly toleranceMicros: number;
}

export interface DayMeasure {
  readonly quota: number;
  /** The day of a moment, among those around it; in milliseconds. */
  readonly around: (nowMs: number) => readonly [number, number, number, number];
}

export interface Limit {
  readonly name: string;
  readonly per: readonly Dimension[];
  readonly rate?: RateMeasure;
  readonly day?: DayMeasure;
  readonly concurrency?: number;
  /** What is counted for this call; undefined where the limit is not for it. */
  keyOf(call: LimitedCall): string | undefined;
  costOf(call: LimitedCall): number;
}

/** Between the parts of a key: in no name of ours, and replaced in those of others. */
const separator = '\u001f';

export function compileLimit(settings: LimitSettings): Limit {
  const { name, per, match = {}, concurrency, weights } = settings;
  const rate = settings.rate === undefined ? undefined : readRate(settings.rate)!;
  const perSeconds = rate === undefined ? 0 : Math.max(1, Math.round(rate.perMicros / 1e6));
  const fits = [
    namesIn(match.servers, ({ server }) => server),
    namesIn(match.tools, ({ use }) => (use?.primitive === 'tools' ? use.name : undefined)),
    match.effects === undefined ? undefined : ({ effect }: LimitedCall) => match.effects!.includes(effect),
    match.groups === undefined ? undefined : ({ principal }: LimitedCall) => isIn(principal, match.groups!),
    match.methods === undefined ? ({ counts }: LimitedCall) => counts : namesIn(match.methods, ({ method }) => method),
  ].filter((fit) => fit !== undefined);
  const parts = per.map((dimension) => partOf[dimension]);
  const { effect: byEffect } = weights;
  const byTool = Object.entries(weights.tools)
    .map(([pattern, weight]) => ({ fits: compileWildcard(pattern), weight }))
    .sort((one, other) => other.weight - one.weight);

  return {
    name,
    per,
    ...(rate && {
      rate: {
        count: rate.count,
        perSeconds,
        emissionMicros: rate.emissionMicros,
        toleranceMicros: rate.emissionMicros * (settings.burst ?? rate.count),
      },
    }),
    ...(settings.daily !== undefined && { day: dayOf(settings.daily) }),
    ...(concurrency !== undefined && { concurrency }),
    keyOf(call) {
      for (const fit of fits) if (!fit(call)) return undefined;
      let key = '';
      for (const [index, part] of parts.entries()) {
        const value = part(call);
        if (value === undefined) return undefined;
        key = index === 0 ? value : key + separator + value;
      }
      return key;
    },
    costOf({ use, effect }) {
      if (byTool.length > 0 && use?.primitive === 'tools')
        for (const { fits: fit, weight } of byTool) if (fit(use.name)) return weight;
      return byEffect[effect];
    },
  };
}

/**
 * What of a call each dimension tells apart. Nothing in them is the caller's free choice: resources are one thing for each
 * server, since whoever may read `files/*` can think of any number of addresses.
 */
const partOf: Readonly<Record<Dimension, (call: LimitedCall) => string | undefined>> = {
  user: ({ principal }) => plain(principal.id),
  client: ({ principal }) => plain(principal.clientId ?? ''),
  agent: ({ principal }) => agentOf(principal),
  tool: ({ server, use }) =>
    use === undefined
      ? undefined
      : use.primitive === 'resources'
        ? `${server}/resources`
        : `${server}/${use.primitive}/${plain(use.name)}`,
  server: ({ server }) => server ?? '*',
  ip: ({ sourceIP }) => addressKey(sourceIP),
};

/** Who acts in place of a person: the nearest of the chain, or an agent that acts for itself. A client at a person's hand is none. */
function agentOf({ kind, id, actors }: Principal): string | undefined {
  const agent = actors?.[0] ?? (kind === 'application' ? id : undefined);
  return agent && plain(agent);
}

const plain = (text: string): string => (text.includes(separator) ? text.replaceAll(separator, '\ufffd') : text);

/** In doubt about somebody's groups they are in: here a group means less, never more. */
const isIn = ({ groups, disputedGroups }: Principal, named: readonly string[]): boolean =>
  named.some((group) => groups.includes(group) || disputedGroups?.either.includes(group) === true);

function namesIn(
  patterns: readonly string[] | undefined,
  of: (call: LimitedCall) => string | undefined,
): ((call: LimitedCall) => boolean) | undefined {
  if (patterns === undefined) return undefined;
  const compiled = patterns.map(compileWildcard);
  return (call) => {
    const name = of(call);
    return name !== undefined && compiled.some((fits) => fits(name));
  };
}

function dayOf(daily: NonNullable<LimitSettings['daily']>): DayMeasure {
  const { quota, timeZone } = typeof daily === 'number' ? { quota: daily, timeZone: 'UTC' } : daily;
  let days: readonly [number, number, number, number] | undefined;
  return {
    quota,
    around(nowMs) {
      if (days === undefined || nowMs < days[1] || nowMs >= days[2]) days = daysAround(timeZone, nowMs);
      return days;
    },
  };
}

/** A key as people read it: `user=dana,tool=files/tools/write_file`. */
export function shownKey({ per }: Pick<Limit, 'per'>, key: string): string {
  const values = key.split(separator);
  return per.map((dimension, index) => `${dimension}=${values[index] ?? ''}`).join(',');
}

/** The part of a key that one dimension takes in it; undefined where the limit does not tell it apart. */
export function partIn({ per }: Pick<Limit, 'per'>, key: string, dimension: Dimension): string | undefined {
  const at = per.indexOf(dimension);
  return at < 0 ? undefined : key.split(separator)[at];
}
