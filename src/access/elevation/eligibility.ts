// Who may request which role where, and by which rules: from the configuration, and as made while running.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { GenkanError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Role } from '../role.ts';
import { covers, parseScope } from '../scope.ts';
import type { Scope } from '../scope.ts';
import { readJitSettings, rulesOf } from './jit-settings.ts';
import type { ElevationRules, JitSettings } from './jit-settings.ts';
import type { BreakGlassSettings, ElevationSettings } from './settings.ts';

export interface Eligibility {
  readonly id: string;
  readonly kind: 'elevation' | 'break-glass';
  readonly principal: { readonly kind: 'user' | 'group'; readonly id: string };
  readonly role: string;
  readonly scope: string;
  readonly startsAtMs?: number;
  readonly endsAtMs?: number;
  readonly source: 'configuration' | 'database';
  readonly rules: ElevationRules;
  /** Why it makes nobody eligible, e.g. because its role is gone. */
  readonly inactive?: ErrorCode;
}

/** An eligibility made while running, as the book of the policy keeps it. */
export interface EligibilityItem {
  readonly id: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface Eligibilities {
  /** All of them, as they are now. */
  list(): readonly Eligibility[];
  find(id: string): Eligibility | undefined;
  /**
   * Checks one that is to be made while running.
   * @throws GenkanError `access_role_unknown`, `access_scope_invalid`, `access_scope_not_assignable`, `access_times_invalid`
   */
  check(item: EligibilityItem): void;
  /**
   * What lets a principal hold a role at a scope; the one for the narrowest scope, where there are several.
   * @returns undefined where nothing does, or what does is not in its time
   */
  for(principal: Principal, wish: Wish, nowMs: number): Eligibility | undefined;
}

export interface Wish {
  readonly kind: Eligibility['kind'];
  readonly role: string;
  readonly scope: Scope;
}

interface EligibilityNeighbours {
  /** As they are now. */
  readonly roles: () => readonly Role[];
  readonly items: () => readonly EligibilityItem[];
  readonly readFile: (file: string) => string;
}

type Written = Pick<ElevationSettings['eligible'][number], 'principal' | 'role' | 'scope' | 'from' | 'until'>;
type Unchecked = Omit<Eligibility, 'inactive'>;

/** @throws GenkanError `access_elevation_settings`, `access_role_unknown`, `access_scope_invalid`, `access_scope_not_assignable` */
export function createEligibilities(
  elevation: ElevationSettings,
  breakGlass: BreakGlassSettings,
  { roles, items, readFile }: EligibilityNeighbours,
): Eligibilities {
  const rules = (written: string | JitSettings): ElevationRules => rulesOf(readJitSettings(written, readFile).settings);
  const general = rules(elevation.settings);
  const emergency = emergencyRules(breakGlass);
  const configured: readonly Unchecked[] = [
    ...elevation.eligible.map((each) =>
      configuredOne('elevation', each, each.settings === undefined ? general : rules(each.settings)),
    ),
    ...breakGlass.eligible.map((each) => configuredOne('break-glass', each, emergency)),
  ];
  // Items and roles change seldom, and each is one object for as long as it is the same.
  const checked = new WeakMap<Unchecked, { readonly role: Role | undefined; readonly result: Eligibility }>();
  const made = new WeakMap<object, Unchecked | undefined>();

  function judged(each: Unchecked, role: Role | undefined): Eligibility {
    const known = checked.get(each);
    if (known !== undefined && known.role === role) return known.result;
    const inactive = whyInactive(each, role);
    const result = inactive === undefined ? each : { ...each, inactive: inactive.code };
    checked.set(each, { role, result });
    return result;
  }

  function running({ id, content }: EligibilityItem): Unchecked[] {
    if (!made.has(content)) made.set(content, readItem(id, content, general));
    const read = made.get(content);
    return read === undefined ? [] : [read];
  }

  function list(): readonly Eligibility[] {
    const byName = new Map(roles().map((role) => [role.name, role]));
    return [...configured, ...items().flatMap(running)].map((each) => judged(each, byName.get(each.role)));
  }

  // A mistake of the configuration stops the start; what changes later makes an eligibility inactive.
  const standing = new Map(roles().map((role) => [role.name, role]));
  for (const each of configured) {
    const mistake = whyInactive(each, standing.get(each.role));
    if (mistake !== undefined) throw mistake;
  }

  return {
    list,
    find: (id) => list().find((each) => each.id === id),
    check({ id, content }) {
      const read = readItem(id, content, general);
      if (read === undefined)
        throw new GenkanError('access_policy_item_invalid', { item: `eligibility ${id}`, reason: '' });
      if ((read.endsAtMs ?? Infinity) <= (read.startsAtMs ?? -Infinity)) throw new GenkanError('access_times_invalid');
      const mistake = whyInactive(
        read,
        roles().find(({ name }) => name === read.role),
      );
      if (mistake !== undefined) throw mistake;
    },
    for(principal, { kind, role, scope }, nowMs) {
      return list()
        .filter((each) => each.kind === kind && each.role === role && each.inactive === undefined)
        .filter((each) => isFor(each, principal) && isInTime(each, nowMs))
        .filter((each) => covers(parseScope(each.scope, 'patterns')!, scope))
        .toSorted((left, right) => right.scope.split('/').length - left.scope.split('/').length)[0];
    },
  };
}

export const isFor = ({ principal }: Pick<Eligibility, 'principal'>, who: Pick<Principal, 'id' | 'groups'>): boolean =>
  principal.kind === 'user' ? principal.id === who.id : who.groups.includes(principal.id);

export const isInTime = (
  { startsAtMs = -Infinity, endsAtMs = Infinity }: Pick<Eligibility, 'startsAtMs' | 'endsAtMs'>,
  nowMs: number,
): boolean => startsAtMs <= nowMs && nowMs < endsAtMs;

function configuredOne(kind: Eligibility['kind'], written: Written, rules: ElevationRules): Unchecked {
  const { principal, role, scope, from, until } = written;
  const who =
    'user' in principal
      ? { kind: 'user' as const, id: principal.user }
      : { kind: 'group' as const, id: principal.group };
  const content = JSON.stringify([kind, who.kind, who.id, role, scope, from, until]);
  const id = `configured-${createHash('sha256').update(content).digest('base64url').slice(0, 12)}`;
  return {
    id,
    kind,
    principal: who,
    role,
    scope,
    ...(from !== undefined && { startsAtMs: Date.parse(from) }),
    ...(until !== undefined && { endsAtMs: Date.parse(until) }),
    source: 'configuration',
    rules,
  };
}

const itemContent = z.object({
  principal: z.object({ kind: z.enum(['user', 'group']), id: z.string().min(1).max(256) }),
  role: z.string().min(1),
  scope: z.string().min(1),
  startsAtMs: z.number().optional(),
  endsAtMs: z.number().optional(),
});

/** What cannot be read makes nobody eligible. */
function readItem(id: string, content: unknown, rules: ElevationRules): Unchecked | undefined {
  const parsed = itemContent.safeParse(content);
  if (!parsed.success) return undefined;
  const { startsAtMs, endsAtMs, ...held } = parsed.data;
  return {
    ...held,
    id,
    kind: 'elevation',
    ...(startsAtMs !== undefined && { startsAtMs }),
    ...(endsAtMs !== undefined && { endsAtMs }),
    source: 'database',
    rules,
  };
}

function whyInactive({ role: name, scope: text }: Unchecked, role: Role | undefined): GenkanError | undefined {
  if (role === undefined) return new GenkanError('access_role_unknown', { role: name });
  const scope = parseScope(text, 'patterns');
  if (scope === undefined) return new GenkanError('access_scope_invalid', { scope: text });
  if (role.assignableScopes.some((assignable) => covers(assignable, scope))) return undefined;
  const assignable = role.definition.AssignableScopes.join(', ');
  return new GenkanError('access_scope_not_assignable', { role: name, scope: text, assignable });
}

/** In an emergency nobody waits, nobody can be asked for a second factor, and why is what the review begins with. */
const emergencyRules = ({ maximumDuration }: BreakGlassSettings): ElevationRules => ({
  approval: false,
  extensionApproval: false,
  approvers: [],
  waitMs: 0,
  maximumMs: parseDuration(maximumDuration)!,
  justification: true,
  mfa: false,
});
