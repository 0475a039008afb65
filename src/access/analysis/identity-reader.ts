// Reads at Azure Resource Manager what an identity may do there: its role assignments with those of its groups, and the roles behind them.
import { GenkanError } from '../../base/errors.ts';
import { guid } from '../../base/guid.ts';
import { oneLine } from '../../base/one-line.ts';
import type { Answered, Arm } from '../elevation/pim/arm.ts';
import { listLines } from './az-lines.ts';
import { NotAzures, readAssignments, readDefinitions, shippedDefinitions } from './identity-rights.ts';
import type { AzureAssignment, AzureRole, IdentityRights } from './identity-rights.ts';

export interface RightsWish {
  /** Object id. */
  readonly identity: string;
  /** Only these; otherwise all that Genkan's application can see, and those that are named. */
  readonly only?: readonly string[] | undefined;
  /** Subscriptions that Genkan's own policy names. */
  readonly named: readonly string[];
}

export interface IdentityReader {
  /** @throws GenkanError `access_drift_refused`, `access_drift_away`, `access_drift_role_unknown` */
  read(wish: RightsWish): Promise<IdentityRights>;
}

// https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope
const ofRoles = '2022-04-01';
// https://learn.microsoft.com/rest/api/resources/subscriptions/list
const ofSubscriptions = '2022-12-01';
const provider = 'providers/Microsoft.Authorization';
const most = { subscriptions: 200, assignments: 10_000, roles: 500 } as const;

type Done = Extract<Answered, { kind: 'done' }> & { readonly items?: readonly unknown[] };
type Undone = Exclude<Answered, { kind: 'done' }>;

/** @param arm asked with tokens of Genkan's own application; whom it is asked for makes no difference */
export function createIdentityReader(arm: Arm): IdentityReader {
  return {
    async read({ identity, only, named }) {
      const fail = (answer: Undone): GenkanError => failureOf(answer, identity);
      const done = (answer: Answered & { items?: readonly unknown[] }): Done => {
        if (answer.kind !== 'done') throw fail(answer);
        return answer;
      };
      const tooMany = (what: string): GenkanError =>
        fail({ kind: 'refused', code: 'TooMuch', message: `there are too many ${what} to compare` });

      const wanted = new Set(only ?? [...(await seen()), ...named]);
      if (wanted.size > most.subscriptions) throw tooMany('subscriptions');
      const found = new Map<string, AzureAssignment>();
      const [subscriptions, unread, unreadable]: [string[], IdentityRights['unread'][number][], Set<string>] = [
        [],
        [],
        new Set(),
      ];
      let turnedAway: Undone | undefined;
      for (const subscription of wanted) {
        // The filter counts groups as well, and groups in groups.
        const answer = await arm.list('', {
          path: `/subscriptions/${subscription}/${provider}/roleAssignments`,
          filter: `assignedTo('${identity}')`,
          apiVersion: ofRoles,
        });
        if (isUnseen(answer)) {
          turnedAway = answer;
          unread.push({ subscription, reason: answer.message });
          continue;
        }
        const read = understood(identity, () => readAssignments(done(answer).items ?? [], [subscription]));
        if (read.assignments.some(({ principal }) => !principal.isGroup && principal.id !== identity))
          throw fail({ kind: 'refused', code: 'Unreadable', message: 'role assignments of somebody else came back' });
        subscriptions.push(subscription);
        for (const each of read.assignments) {
          const known = found.get(each.id.toLowerCase());
          // What is inherited stands in the list of every subscription below it.
          const listedIn = [...(known?.listedIn ?? []), subscription];
          found.set(each.id.toLowerCase(), { ...each, listedIn });
        }
        for (const scope of read.unreadable) unreadable.add(scope);
        if (found.size > most.assignments) throw tooMany('role assignments');
      }
      if (subscriptions.length === 0)
        throw fail(
          turnedAway ?? { kind: 'refused', code: 'NothingSeen', message: 'Genkan can see no subscription there' },
        );
      const assignments = [...found.values()];
      const roles = await rolesOf(assignments);
      const isWhole = only === undefined && unread.length === 0;
      return { assignments, roles, subscriptions, unread, isWhole, unreadable: [...unreadable] };

      async function seen(): Promise<string[]> {
        const { items = [] } = done(await arm.list('', { path: '/subscriptions', apiVersion: ofSubscriptions }));
        return items.map((item) => {
          const { subscriptionId } = (item ?? {}) as { subscriptionId?: unknown };
          if (typeof subscriptionId !== 'string' || !guid.test(subscriptionId))
            throw fail({ kind: 'refused', code: 'Unreadable', message: 'a subscription in the list has no id' });
          return subscriptionId.toLowerCase();
        });
      }

      async function rolesOf(all: readonly AzureAssignment[]): Promise<Map<string, AzureRole>> {
        const at = new Map(all.map(({ roleId, listedIn }) => [roleId, listedIn[0]!]));
        if (at.size > most.roles) throw tooMany('roles');
        const roles = new Map<string, AzureRole>();
        const missing: string[] = [];
        for (const [roleId, subscription] of at) {
          const path = `/subscriptions/${subscription}/${provider}/roleDefinitions/${roleId}`;
          const answer = await arm.ask('', { method: 'GET', path, apiVersion: ofRoles });
          if (answer.kind === 'refused' && answer.status === 404) missing.push(roleId);
          else {
            const role = understood(identity, () => readDefinitions([done(answer).body])).get(roleId);
            if (role === undefined)
              throw fail({ kind: 'refused', code: 'Unreadable', message: `another role came back than ${roleId}` });
            roles.set(roleId, role);
          }
        }
        if (missing.length > 0) throw unknownRoles(missing, all, identity);
        return roles;
      }
    },
  };
}

/** No right there, no such subscription, or (401) one of another tenant. */
const isUnseen = (answer: Answered): answer is Undone =>
  answer.kind === 'sign-in' || (answer.kind === 'refused' && [403, 404].includes(answer.status ?? 0));

/** Without what a role grants nothing can be said of whoever has it. */
export const unknownRoles = (
  missing: readonly string[],
  assignments: readonly Pick<AzureAssignment, 'roleId' | 'roleName'>[],
  identity: string | undefined,
): GenkanError => {
  const shipped = shippedDefinitions();
  const needed = new Set(assignments.map(({ roleId }) => roleId).filter((roleId) => !shipped.has(roleId)));
  return new GenkanError('access_drift_role_unknown', {
    roles: missing
      .map((roleId) => {
        const name = assignments.find((each) => each.roleId === roleId)?.roleName;
        return name === undefined ? roleId : `"${name}" (${roleId})`;
      })
      .join(', '),
    // All of them, not only those that were missing: the line writes the file anew.
    lines: listLines(identity, [...needed]),
  });
};

/** Nobody but a person at the Azure CLI can read it then. */
export const rightsUnread = (reason: string, identity: string): GenkanError =>
  new GenkanError('access_drift_refused', { reason, lines: listLines(identity) });

function failureOf(answer: Undone, identity: string): GenkanError {
  if (answer.kind !== 'later') return rightsUnread(answer.message, identity);
  const seconds = Math.ceil(answer.inMs / 1000);
  const reason = seconds > 0 ? `${answer.message}; try again in ${seconds} seconds` : answer.message;
  return new GenkanError('access_drift_away', { reason, lines: listLines(identity) });
}

function understood<Value>(identity: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotAzures) throw rightsUnread(oneLine(error.message), identity);
    throw error;
  }
}
