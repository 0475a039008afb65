// What can be changed of the policy while running: assignments, roles, deny assignments, and everything back to how it was.
import type { Clock } from '../../base/clock.ts';
import { errorTable, GenkanError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { correlationId } from '../../base/ids.ts';
import type { Approval } from '../approvals/approval.ts';
import { saidBy } from '../assignment.ts';
import type { Assignment, AssignmentRequest } from '../assignment.ts';
import { denyAssignmentOf } from '../deny/deny-assignment.ts';
import type { DenyAssignment } from '../deny/deny-assignment.ts';
import type { DenyAssignmentSetting } from '../deny/settings.ts';
import { createRole } from '../role.ts';
import type { Role } from '../role.ts';
import type { Variables } from '../variables.ts';
import { foldCase } from '../wildcard.ts';
import type { Composition, ConfiguredPolicy } from './composition.ts';
import type { Plan } from './policy-book.ts';
import { keyOf } from './policy-item.ts';
import type { Content, ItemEdit, Items, PolicyKind } from './policy-item.ts';
import type { Outcome, PolicyDesk, Wish } from './policy-desk.ts';
import type { PolicyHistory } from './policy-history.ts';

/** What was asked for, and what has become of it. */
export interface Changed<Thing> {
  readonly thing: Thing;
  readonly outcome: Outcome;
}

/** All of them throw what the desk throws as well. */
export interface PolicyChanges {
  /**
   * Makes assignments, all as one version; what is assigned already stays as it is.
   * @throws GenkanError `access_role_unknown`, `access_scope_invalid`, `access_scope_not_assignable`, `access_times_invalid`,
   * `access_condition_invalid`
   */
  assign(requests: readonly AssignmentRequest[], wish: Wish): Promise<Changed<readonly Assignment[]>>;
  /** @throws GenkanError `access_assignment_unknown`, `access_assignment_configured`, `access_assignment_elevated` */
  unassign(id: string, wish: Wish): Promise<Changed<Assignment>>;
  /**
   * Takes away what was assigned at a server that is gone, and who was made eligible there, since a later one of the same name
   * must not inherit it. Waits for nobody's approval. Deny assignments stay.
   */
  clearServer(server: string, wish: Wish): Promise<readonly Assignment[]>;
  /**
   * @param written a role in Azure's custom role JSON; variables are filled in once
   * @throws GenkanError `access_role_malformed`, `access_role_taken`
   */
  createRole(written: unknown, wish: Wish): Promise<Changed<Role>>;
  /** Puts a role in the place of the one of its name. @throws GenkanError `access_role_malformed`, `access_role_unknown`, `access_role_fixed` */
  updateRole(written: unknown, wish: Wish): Promise<Changed<Role>>;
  /** @throws GenkanError `access_role_unknown`, `access_role_fixed`; `access_policy_breaks` while it is assigned */
  deleteRole(name: string, wish: Wish): Promise<Outcome>;
  /** @throws GenkanError `access_deny_invalid`, `access_deny_taken`, `access_scope_invalid`, `access_condition_invalid` */
  deny(written: DenyAssignmentSetting, wish: Wish): Promise<Changed<DenyAssignment>>;
  /** @throws GenkanError `access_deny_unknown`, `access_deny_configured` */
  undeny(id: string, wish: Wish): Promise<Changed<DenyAssignment>>;
  /** Changes items of which only others know what they say, e.g. eligibility. @throws GenkanError what the plan throws */
  put(plan: Plan, wish: Wish): Promise<Outcome>;
  /** Takes one version back, or everything after it. @throws GenkanError as the plans of the history */
  revert(number: number, everythingAfter: boolean, wish: Wish): Promise<Outcome>;
}

interface ChangesNeighbours {
  readonly desk: PolicyDesk;
  readonly history: PolicyHistory;
  readonly configured: ConfiguredPolicy;
  readonly compose: (items: Items) => Composition;
  readonly variables: Variables;
  readonly clock: Clock;
}

export function createPolicyChanges(neighbours: ChangesNeighbours): PolicyChanges {
  const { desk, history, configured, compose, variables, clock } = neighbours;

  return {
    async assign(requests, wish) {
      let things: Assignment[] = [];
      let fresh = new Map<string, Assignment>();
      if (requests.some(({ endsAtMs = Infinity }) => endsAtMs <= clock.now()))
        throw new GenkanError('access_times_invalid');
      const outcome = await desk.change((items) => {
        const present = new Map(
          compose(items)
            .grants.map(({ assignment }) => assignment)
            .filter(({ source }) => source === 'configuration' || source === 'database')
            // Who was left out of a line of the configuration does not have what it says.
            .filter(({ principal, excludes = [] }) => !excludes.includes(principal.id))
            .map((assignment) => [saidBy(assignment), assignment]),
        );
        const made = { source: 'database', ...madeBy(wish) } as const;
        fresh = new Map();
        things = requests.map((request) => {
          const said = saidBy(request);
          const known = present.get(said) ?? fresh.get(said);
          if (known !== undefined) return known;
          const assignment = { ...request, id: correlationId(), ...made };
          fresh.set(said, assignment);
          return assignment;
        });
        return [...fresh.values()].map((assignment) => added('assignment', assignment));
      }, wish);
      if (outcome.state === 'pending') things = asPending(outcome.approval, things, [...fresh.values()]);
      return { thing: things, outcome };
    },
    async unassign(id, wish) {
      let thing: Assignment | undefined;
      const outcome = await desk.change((items) => {
        thing = compose(items).assignments.find((assignment) => assignment.id === id);
        if (thing === undefined) throw new GenkanError('access_assignment_unknown', { id });
        if (thing.source === 'configuration') throw new GenkanError('access_assignment_configured', { id });
        return [removed(items, 'assignment', id) ?? fail('access_assignment_elevated', { id })];
      }, wish);
      return { thing: thing!, outcome };
    },
    async clearServer(server, wish) {
      const scope = `/servers/${server}`;
      const isThere = (place: unknown): boolean =>
        typeof place === 'string' && (place === scope || place.startsWith(`${scope}/`));
      let cleared: Assignment[] = [];
      await desk.clear((items) => {
        cleared = compose(items).assignments.filter((each) => each.source === 'database' && isThere(each.scope));
        const eligible = [...items.values()].filter(
          ({ kind, content }) => kind === 'eligibility' && isThere(content['scope']),
        );
        return [
          ...cleared.map(({ id }) => removed(items, 'assignment', id)!),
          ...eligible.map(({ id }) => removed(items, 'eligibility', id)!),
        ];
      }, wish);
      return cleared;
    },
    async createRole(written, wish) {
      const role = readWritten(written, variables);
      const outcome = await desk.change((items) => {
        const names = [...compose(items).roles.keys()].map(foldCase);
        if (names.includes(foldCase(role.name))) throw new GenkanError('access_role_taken', { role: role.name });
        return [{ kind: 'role', id: role.name, after: { ...role.definition } }];
      }, wish);
      return { thing: role, outcome };
    },
    async updateRole(written, wish) {
      const role = readWritten(written, variables);
      const outcome = await desk.change((items) => {
        const was = removed(items, 'role', role.name) ?? failNoRole(role.name, configured);
        return [{ ...was, after: { ...role.definition } }];
      }, wish);
      return { thing: role, outcome };
    },
    deleteRole: (name, wish) =>
      desk.change((items) => [removed(items, 'role', name) ?? failNoRole(name, configured)], wish),
    async deny(written, wish) {
      const filled = orSlip('access_deny_invalid', written.name, () => denyAssignmentOf(written, variables));
      const thing: DenyAssignment = { ...filled, id: correlationId(), source: 'database', ...madeBy(wish) };
      const { name, scope } = thing;
      // Two at one scope do not share a name: refusals go by it.
      const place = foldCase(`${name}\n${scope}`);
      const outcome = await desk.change((items) => {
        const present = compose(items).denyAssignments.map((each) => foldCase(`${each.name}\n${each.scope}`));
        if (present.includes(place)) throw new GenkanError('access_deny_taken', { name, scope });
        return [added('deny-assignment', thing)];
      }, wish);
      return { thing, outcome };
    },
    async undeny(id, wish) {
      let thing: DenyAssignment | undefined;
      const outcome = await desk.change((items) => {
        thing = compose(items).denyAssignments.find((each) => each.id === id);
        if (thing === undefined) throw new GenkanError('access_deny_unknown', { id });
        return [removed(items, 'deny-assignment', id) ?? fail('access_deny_configured', { id })];
      }, wish);
      return { thing: thing!, outcome };
    },
    put: desk.change,
    async revert(number, everythingAfter, wish) {
      const plan = everythingAfter ? await history.planToReturn(number) : await history.planToUndo(number);
      return desk.change(plan, wish);
    },
  };

  function madeBy({ by }: Wish): { createdBy: string; createdAtMs: number } {
    return { createdBy: by.id, createdAtMs: clock.now() };
  }
}

/** The same may wait already, asked for before: then it is that which is meant, under its ids. */
function asPending({ details }: Approval, things: readonly Assignment[], fresh: readonly Assignment[]): Assignment[] {
  const waiting = details['edits'] as readonly ItemEdit[];
  return things.map((each) => (fresh.includes(each) ? { ...each, id: waiting[fresh.indexOf(each)]!.id } : each));
}

const added = (kind: PolicyKind, { id, source: _, ...content }: Assignment | DenyAssignment): ItemEdit => ({
  kind,
  id,
  after: content,
});

function removed(items: Items, kind: PolicyKind, id: string): (ItemEdit & { readonly before: Content }) | undefined {
  const item = items.get(keyOf({ kind, id }));
  return item && { kind, id, before: item.content };
}

function fail(code: ErrorCode, params: Record<string, string>): never {
  throw new GenkanError(code, params);
}

/** A role of the configuration, or one that ships with Genkan, does not change while running. */
function failNoRole(name: string, { roles }: ConfiguredPolicy): never {
  const fixed = roles.get(name);
  if (fixed === undefined) throw new GenkanError('access_role_unknown', { role: name });
  throw new GenkanError('access_role_fixed', { role: name, source: fixed.source });
}

const readWritten = (written: unknown, variables: Variables): Role =>
  orSlip('access_role_malformed', '', () => createRole(written, '', variables));

// What is a fault in the configuration is a slip of whoever asks for it here.
function orSlip<Value>(code: 'access_role_malformed' | 'access_deny_invalid', name: string, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof GenkanError) || errorTable[error.code].http < 500) throw error;
    throw new GenkanError(code, { name, reason: String(error.params['reason'] ?? error.message) });
  }
}
