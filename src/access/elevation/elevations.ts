// The life of an elevation: requested in one's own name, approved where the rules say so, held for a while, extended, ended.
import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import { GenkanError, isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { unguessableId } from '../../base/ids.ts';
import { onOneLine } from '../../base/one-line.ts';
import type { Principal } from '../../base/principal.ts';
import { announce } from '../../state/announce.ts';
import type { Database } from '../../state/database.ts';
import type { Revocations } from '../../state/revocations.ts';
import type { ApprovalRequest, Approver } from '../approvals/approval.ts';
import { resolveApprovers } from '../approvals/approvers.ts';
import type { FindPerson } from '../approvals/approvers.ts';
import type { Approvals } from '../approvals/approvals.ts';
import type { Assignment, AssignmentSource } from '../assignment.ts';
import { parseScope } from '../scope.ts';
import { isFor, isInTime } from './eligibility.ts';
import type { Eligibilities, Eligibility } from './eligibility.ts';
import { isActive, isWaiting, requestPage } from './elevation.ts';
import type { Activator, Asked, Elevation, ElevationWish, EndReason } from './elevation.ts';
import type { ElevationQuery, ElevationStore } from './elevation-store.ts';
import { refuseTooMany } from './bounds.ts';
import type { PersonOf, Standing } from './standing.ts';

export interface Elevations extends AssignmentSource {
  /** What somebody may request, and what they may take in an emergency; everybody's without a principal. */
  eligible(principal?: Principal): readonly Eligibility[];
  /** Names of approvers that are nobody's, for each rule that would ask them. */
  unknownApprovers(): Promise<readonly string[]>;
  /**
   * Asks for a role; where nobody has to approve, it begins at once. Asked for again for the same time while it waits, it is the same request.
   * @returns refusal `access_elevation_person`, `_not_eligible`, `_duration`, `_justification`, `_mfa`, `_active`,
   * `_too_many`, `_approvers`, `access_scope_invalid`, `access_approvals_too_many`
   */
  request(by: Principal, wish: ElevationWish): Promise<Asked | Refusal>;
  /**
   * Carries it on until `durationMs` from now, or from the approval that it needs. Without one, it is never held for longer
   * than the maximum in all. @returns refusals as `request`, and `access_elevation_over`
   */
  extend(
    by: Principal,
    id: string,
    wish: Pick<ElevationWish, 'durationMs' | 'justification'>,
  ): Promise<Asked | Refusal>;
  /** Takes a role in an emergency, at once and with an alarm. @param by the person, or the operator for them */
  breakGlass(by: Principal, person: Principal, wish: ElevationWish): Promise<Elevation | Refusal>;
  /** @param reason by whom: its holder, or an administrator. @returns refusal `access_elevation_unknown`, `access_elevation_over` */
  end(id: string, by: Pick<Principal, 'id'>, reason: EndReason): Promise<Elevation | Refusal>;
  find(id: string): Promise<Elevation | undefined>;
  all(query?: ElevationQuery): Promise<Elevation[]>;
}

export interface ElevationRules {
  readonly minimumJustification: number;
  readonly eligibilities: Eligibilities;
}

export interface ElevationNeighbours {
  readonly store: ElevationStore;
  readonly revocations: Revocations;
  readonly approvals: Pick<Approvals, 'open' | 'carryOut'>;
  readonly hasSecondFactor: (principal: Principal) => boolean;
  /** Whether any sign-in can prove a second factor: then approvers have to. */
  readonly mfaKnown: boolean;
  readonly findPerson: FindPerson;
  readonly person: PersonOf;
  readonly standing: Pick<Standing, 'demand'>;
  readonly activator: Activator;
  /** Makes what was just begun or ended known to the record, to people, and to what enforces it elsewhere. Never fails. */
  readonly tell: (id: string) => Promise<void>;
  readonly clock: Clock;
  readonly publicUrl: string;
}

const kept = z.object({ eligibility: z.string(), role: z.string(), scope: z.string(), durationMs: z.number() });
const extension = z.object({ elevation: z.string(), durationMs: z.number() });

export function createElevations(
  { minimumJustification, eligibilities }: ElevationRules,
  neighbours: ElevationNeighbours,
): Elevations {
  const {
    store,
    revocations,
    approvals,
    hasSecondFactor,
    mfaKnown,
    findPerson,
    person: personOf,
    standing,
    activator,
    tell,
    clock,
    publicUrl,
  } = neighbours;

  /** Every process reads the assignments again. */
  const announced = (transaction: Database, id: string, by: string, reason: string): Promise<void> =>
    announce(transaction, { kind: 'policy', subject: `elevation ${id}`, act: 'change', by, reason }, clock);

  async function begin(transaction: Database, elevation: Elevation): Promise<void> {
    await refuseTooMany(transaction, store, elevation);
    await store.add(transaction, elevation);
    await announced(transaction, elevation.id, elevation.openedBy, `${elevation.kind} begins`);
  }

  async function carryOn(
    transaction: Database,
    id: string,
    { durationMs, by, isApproved }: { readonly durationMs: number; readonly by: string; readonly isApproved: boolean },
  ): Promise<Elevation> {
    const elevation = await store.find(id, transaction);
    const nowMs = clock.now();
    if (elevation === undefined || !isActive(elevation, nowMs)) throw new GenkanError('access_elevation_over');
    const eligibility = await standing.demand(transaction, elevation, nowMs);
    const { maximumMs } = eligibility.rules;
    // Nobody carries on what they hold for ever by themselves.
    const latestMs = isApproved ? Infinity : elevation.startsAtMs + maximumMs;
    const endsAtMs = Math.min(endOf(eligibility, nowMs, durationMs), latestMs);
    if (endsAtMs <= elevation.endsAtMs) {
      if (isApproved) return elevation;
      throw new GenkanError('access_elevation_duration', { limit: formatDuration(maximumMs) });
    }
    await store.prolong(transaction, id, endsAtMs);
    await announced(transaction, id, by, 'elevation extended');
    return { ...elevation, endsAtMs };
  }

  approvals.carryOut(
    'elevation',
    async ({ id, requester, details, justification, createdAtMs, decision }, transaction) => {
      const { role, scope, durationMs, eligibility: rests } = kept.parse(details);
      const startsAtMs = decision!.atMs;
      const eligibility = await standing.demand(transaction, { person: requester, eligibility: rests }, startsAtMs);
      await begin(transaction, {
        id,
        kind: 'elevation',
        person: requester,
        role,
        scope,
        eligibility: eligibility.id,
        justification,
        openedBy: requester.id,
        approvedBy: decision!.by,
        enforcedBy: activator.enforces({ role, scope }) ?? 'genkan',
        requestedAtMs: createdAtMs,
        startsAtMs,
        endsAtMs: endOf(eligibility, startsAtMs, durationMs),
      });
    },
  );
  approvals.carryOut('extension', async ({ details, decision }, transaction) => {
    const { elevation, durationMs } = extension.parse(details);
    await carryOn(transaction, elevation, { durationMs, by: decision!.by, isApproved: true });
  });

  /** What every request has to hold to, before anybody is asked. */
  function whyNot(
    by: Principal,
    { rules }: Eligibility,
    { durationMs, justification }: Omit<ElevationWish, 'role' | 'scope'>,
    page: string,
  ): Refusal | undefined {
    if (durationMs !== undefined && (durationMs < 1000 || durationMs > rules.maximumMs))
      return refuse('access_elevation_duration', { limit: formatDuration(rules.maximumMs) });
    if (rules.justification && justification.trim().length < minimumJustification)
      return refuse('access_elevation_justification', { limit: minimumJustification });
    if (rules.mfa && !hasSecondFactor(by)) return refuse('access_elevation_mfa', { page }, { data: { request: page } });
    return undefined;
  }

  async function ask(
    by: Principal,
    { rules }: Eligibility,
    about: Pick<ApprovalRequest, 'kind' | 'reference' | 'subject' | 'details' | 'justification'>,
  ): Promise<Asked | Refusal> {
    const { approvers } = await resolveApprovers(rules.approvers, findPerson);
    if (!approvers.some((approver) => mayBeAnother(approver, by)))
      return refuse('access_elevation_approvers', { names: namesOf(rules.approvers) });
    const approval = await approvals.open({
      ...about,
      requester: { id: by.id, name: by.name },
      approvers,
      mfa: mfaKnown || rules.mfa,
      expiresAtMs: clock.now() + rules.waitMs,
    });
    return isRefusal(approval) ? approval : { state: 'pending', approval };
  }

  async function now(change: (transaction: Database) => Promise<Elevation>): Promise<Elevation | Refusal> {
    try {
      const { id } = await revocations.commit(change);
      await tell(id);
      const elevation = (await store.find(id))!;
      const { ended, enforcedBy, outside } = elevation;
      // What Azure is to activate may have come to nothing at once.
      return ended?.reason === 'activation' && ended.by === enforcedBy
        ? refuse('access_elevation_azure_refused', { reason: outside?.status ?? '' })
        : elevation;
    } catch (error) {
      if (error instanceof GenkanError) return error.toRefusal();
      throw error;
    }
  }

  return {
    async list() {
      return (await store.active(clock.now())).map(assignmentOf);
    },
    eligible: (principal) =>
      principal === undefined ? eligibilities.list() : eligibilities.list().filter((each) => isFor(each, principal)),
    async unknownApprovers() {
      const all = eligibilities.list().flatMap(({ rules }) => rules.approvers);
      return (await resolveApprovers([...new Set(all)], findPerson)).unknown;
    },
    async request(by, wish) {
      const { role, justification } = wish;
      const scope = parseScope(wish.scope, 'patterns');
      if (scope === undefined) return refuse('access_scope_invalid', { scope: wish.scope.slice(0, 200) });
      if (!isThemselves(by)) return refuse('access_elevation_person');
      const nowMs = clock.now();
      const eligibility = eligibilities.for(by, { kind: 'elevation', role, scope }, nowMs);
      if (eligibility === undefined) return refuse('access_elevation_not_eligible', { role, scope: scope.text });
      const page = requestPage(publicUrl, { role, scope: scope.text });
      const refusal = whyNot(by, eligibility, wish, page);
      if (refusal !== undefined) return refusal;
      const held = (await store.list({ person: by.id, active: true }, nowMs)).find(
        (each) => each.role === role && each.scope === scope.text,
      );
      if (held !== undefined)
        return refuse('access_elevation_active', { until: new Date(held.endsAtMs).toISOString() });
      const durationMs = wish.durationMs ?? eligibility.rules.maximumMs;
      if (activator.enforces({ role, scope: scope.text }) !== undefined) {
        const waiting = (await store.list({ person: by.id }, nowMs)).find(
          (each) => each.role === role && each.scope === scope.text && isWaiting(each),
        );
        if (waiting !== undefined) return { state: 'active', elevation: waiting };
        const wanted = { role, scope: scope.text, durationMs, justification: justification.trim() };
        const impossible = await activator.whyNot?.(by, wanted);
        if (impossible !== undefined) return impossible;
      }
      if (eligibility.rules.approval)
        return ask(by, eligibility, {
          kind: 'elevation',
          reference: `${role} ${scope.text} ${durationMs}`,
          subject: `${onOneLine(role)} at ${scope.text} for ${formatDuration(durationMs)}`,
          details: {
            eligibility: eligibility.id,
            role,
            scope: scope.text,
            durationMs,
            duration: formatDuration(durationMs),
            enforcedBy: activator.enforces({ role, scope: scope.text }) ?? 'genkan',
          },
          justification: justification.trim(),
        });
      const elevation = await now(async (transaction) => {
        const begun = begunNow(by, by, eligibility, { ...wish, scope: scope.text });
        await begin(transaction, begun);
        return begun;
      });
      return isRefusal(elevation) ? elevation : { state: 'active', elevation };
    },
    async extend(by, id, wish) {
      if (!isThemselves(by)) return refuse('access_elevation_person');
      const nowMs = clock.now();
      const elevation = await store.find(id);
      if (elevation === undefined || elevation.person.id !== by.id) return refuse('access_elevation_unknown');
      if (elevation.kind !== 'elevation' || !isActive(elevation, nowMs)) return refuse('access_elevation_over');
      const { role, scope } = elevation;
      const eligibility = eligibilities.find(elevation.eligibility);
      if (eligibility === undefined || !isFor(eligibility, by) || !isInTime(eligibility, nowMs))
        return refuse('access_elevation_not_eligible', { role, scope });
      const refusal = whyNot(by, eligibility, wish, requestPage(publicUrl, { role, scope }));
      if (refusal !== undefined) return refusal;
      const durationMs = wish.durationMs ?? eligibility.rules.maximumMs;
      if (eligibility.rules.extensionApproval)
        return ask(by, eligibility, {
          kind: 'extension',
          reference: `${id} ${durationMs}`,
          subject: `${onOneLine(role)} at ${scope} for ${formatDuration(durationMs)} more`,
          details: {
            elevation: id,
            role,
            scope,
            durationMs,
            duration: formatDuration(durationMs),
            enforcedBy: elevation.enforcedBy,
          },
          justification: wish.justification.trim(),
        });
      const extended = await now((transaction) =>
        carryOn(transaction, id, { durationMs, by: by.id, isApproved: false }),
      );
      return isRefusal(extended) ? extended : { state: 'active', elevation: extended };
    },
    async breakGlass(by, person, wish) {
      const scope = parseScope(wish.scope, 'patterns');
      if (scope === undefined) return refuse('access_scope_invalid', { scope: wish.scope.slice(0, 200) });
      if (by.kind !== 'operator' && !(isThemselves(by) && by.id === person.id))
        return refuse('access_elevation_person');
      const account = await personOf(person.id);
      // Who stands beside the machine has no token that says in which groups the person is.
      const who = by.kind === 'operator' ? { ...person, ...account } : person;
      const eligibility =
        account && eligibilities.for(who, { kind: 'break-glass', role: wish.role, scope }, clock.now());
      if (eligibility === undefined)
        return refuse('access_elevation_not_eligible', { role: wish.role, scope: scope.text });
      const refusal = whyNot(person, eligibility, wish, requestPage(publicUrl));
      if (refusal !== undefined) return refusal;
      return now(async (transaction) => {
        const begun = begunNow(by, person, eligibility, { ...wish, scope: scope.text });
        await begin(transaction, begun);
        return begun;
      });
    },
    async end(id, by, reason) {
      return now(async (transaction) => {
        const elevation = await store.find(id, transaction);
        if (elevation === undefined) throw new GenkanError('access_elevation_unknown');
        const ended = { atMs: clock.now(), by: by.id, reason };
        const isOpen = isActive(elevation, ended.atMs) || isWaiting(elevation);
        if (!isOpen || !(await store.end(transaction, id, ended))) throw new GenkanError('access_elevation_over');
        await announced(transaction, id, by.id, `ended by ${reason}`);
        return { ...elevation, ended };
      });
    },
    find: (id) => store.find(id),
    all: (query = {}) => store.list(query, clock.now()),
  };

  function begunNow(
    by: Principal,
    person: Principal,
    eligibility: Eligibility,
    { role, scope, durationMs, justification }: ElevationWish,
  ): Elevation {
    const startsAtMs = clock.now();
    return {
      id: unguessableId(),
      kind: eligibility.kind,
      person: { id: person.id, name: person.name },
      role,
      scope,
      eligibility: eligibility.id,
      justification: justification.trim(),
      openedBy: by.id,
      enforcedBy: (eligibility.kind === 'elevation' ? activator.enforces({ role, scope }) : undefined) ?? 'genkan',
      requestedAtMs: startsAtMs,
      startsAtMs,
      endsAtMs: endOf(eligibility, startsAtMs, durationMs ?? eligibility.rules.maximumMs),
    };
  }
}

// An assistant that acts for a person (RFC 8693 §4.1) is not that person, and an agent has nobody's rights to add to its own.
const isThemselves = ({ kind, actors }: Principal): boolean => kind === 'user' && actors === undefined;

/** Nothing outlasts what it rests on. */
const endOf = ({ rules, endsAtMs = Infinity }: Eligibility, startsAtMs: number, durationMs: number): number =>
  Math.min(startsAtMs + Math.min(durationMs, rules.maximumMs), endsAtMs);

const mayBeAnother = (approver: Approver, by: Principal): boolean => approver.kind !== 'user' || approver.id !== by.id;

const namesOf = (written: Eligibility['rules']['approvers']): string =>
  written.map((each) => ('user' in each ? each.user : 'group' in each ? each.group : 'operator')).join(', ');

const assignmentOf = ({
  id,
  kind,
  person,
  role,
  scope,
  startsAtMs,
  endsAtMs,
  outside,
  openedBy,
}: Elevation): Assignment => ({
  id,
  principal: { kind: 'user', id: person.id },
  role,
  scope,
  source: kind,
  startsAtMs,
  // What Azure is to carry on has not been carried on before Azure has.
  endsAtMs: Math.min(endsAtMs, outside?.untilMs ?? Infinity),
  createdBy: openedBy,
  createdAtMs: startsAtMs,
});
