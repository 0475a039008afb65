// Activations of eligible roles as Azure has them: what a person is eligible for there, and the requests that begin and end an activation.
// https://learn.microsoft.com/rest/api/authorization/role-assignment-schedule-requests/create
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { formatDuration } from '../../../base/duration.ts';
import { azureRoles } from '../../azure-roles.ts';
import { covers, parseScope } from '../../scope.ts';
import type { Scope } from '../../scope.ts';
import type { Answered, Arm } from './arm.ts';

export interface AzureEligibility {
  readonly scheduleId: string;
  readonly roleDefinitionId: string;
  readonly condition?: { readonly condition: string; readonly conditionVersion: string };
}

export interface ActivationWish {
  readonly person: string;
  readonly scope: string;
  readonly startsAtMs: number;
  readonly durationMs: number;
  readonly justification: string;
  readonly ticket?: { readonly ticketNumber: string; readonly ticketSystem: string };
}

/** A request as Azure answers of it. */
const request = z.object({
  properties: z.object({
    status: z.string().max(100),
    roleDefinitionId: z.string().max(1000),
    linkedRoleEligibilityScheduleId: z.string().max(1000).nullish(),
    scheduleInfo: z
      .object({
        startDateTime: z.string().nullish(),
        expiration: z.object({ duration: z.string().nullish() }).nullish(),
      })
      .nullish(),
  }),
});
export type ScheduleRequest = z.output<typeof request>['properties'];

const eligible = z.object({
  properties: z.object({
    scope: z.string(),
    roleDefinitionId: z.string(),
    roleEligibilityScheduleId: z.string(),
    condition: z.string().nullish(),
    conditionVersion: z.string().nullish(),
    expandedProperties: z.object({ roleDefinition: z.object({ displayName: z.string().nullish() }) }).nullish(),
  }),
});
type Eligible = z.output<typeof eligible>['properties'];

const provider = 'providers/Microsoft.Authorization';
const requestsAt = (scope: string, name: string): string =>
  `${scope}/${provider}/roleAssignmentScheduleRequests/${name}`;
/** `{oid}@{tid}`, as identity names people of Entra ID. */
const oidOf = (person: string): string => person.split('@')[0]!;
const lastOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1).toLowerCase();

export function createScheduleRequests({ ask, list }: Arm) {
  return {
    /** What lets the person activate a role there. Listed by `asTarget()`, which takes no right but their own. */
    async eligibility(
      person: string,
      role: string,
      scope: Scope,
    ): Promise<{ kind: 'done'; found: AzureEligibility | undefined } | Exclude<Answered, { kind: 'done' }>> {
      const path = `${scope.text}/${provider}/roleEligibilityScheduleInstances`;
      const answer = await list(person, { path, filter: 'asTarget()' });
      if (answer.kind !== 'done') return answer;
      const all = (answer.items ?? []).flatMap((item) => eligible.safeParse(item).data?.properties ?? []);
      const [found] = all
        .filter((each) => isRole(each, role) && reaches(each.scope, scope))
        .toSorted((left, right) => right.scope.split('/').length - left.scope.split('/').length);
      return { kind: 'done', found: found && eligibilityOf(found) };
    },

    async find(
      person: string,
      scope: string,
      name: string,
    ): Promise<{ kind: 'done'; found: ScheduleRequest | undefined } | Exclude<Answered, { kind: 'done' }>> {
      const answer = await ask(person, { method: 'GET', path: requestsAt(scope, name) });
      if (answer.kind === 'refused' && answer.status === 404) return { kind: 'done', found: undefined };
      return answer.kind === 'done' ? read(answer.body) : answer;
    },

    async activate(name: string, wish: ActivationWish, from: AzureEligibility) {
      const { person, scope } = wish;
      const answer = await ask(person, {
        method: 'PUT',
        path: requestsAt(scope, name),
        body: selfActivate(wish, from),
      });
      return answer.kind === 'done' ? read(answer.body) : answer;
    },

    /** Whether it could be activated, with nothing done: judged by Azure's own rules for the role. */
    validate: (name: string, wish: ActivationWish, from: AzureEligibility): Promise<Answered> =>
      ask(wish.person, {
        method: 'POST',
        path: `${requestsAt(wish.scope, name)}/validate`,
        body: selfActivate(wish, from),
      }),

    deactivate: (name: string, person: string, scope: string, activation: ScheduleRequest): Promise<Answered> =>
      ask(person, {
        method: 'PUT',
        path: requestsAt(scope, name),
        body: {
          properties: {
            principalId: oidOf(person),
            roleDefinitionId: activation.roleDefinitionId,
            requestType: 'SelfDeactivate',
            linkedRoleEligibilityScheduleId: activation.linkedRoleEligibilityScheduleId ?? undefined,
          },
        },
      }),

    /** Takes a request back that still waits. */
    cancel: (name: string, person: string, scope: string): Promise<Answered> =>
      ask(person, { method: 'POST', path: `${requestsAt(scope, name)}/cancel` }),
  };
}

export type ScheduleRequests = ReturnType<typeof createScheduleRequests>;

function read(body: unknown): { kind: 'done'; found: ScheduleRequest } | Exclude<Answered, { kind: 'done' }> {
  const { data } = request.safeParse(body);
  if (data === undefined) return { kind: 'later', message: 'the answer is none', inMs: 0 };
  return { kind: 'done', found: data.properties };
}

const selfActivate = (wish: ActivationWish, from: AzureEligibility): object => ({
  properties: {
    principalId: oidOf(wish.person),
    roleDefinitionId: from.roleDefinitionId,
    requestType: 'SelfActivate',
    linkedRoleEligibilityScheduleId: from.scheduleId,
    justification: wish.justification,
    ...(wish.ticket && { ticketInfo: wish.ticket }),
    ...from.condition,
    scheduleInfo: {
      startDateTime: new Date(wish.startsAtMs).toISOString(),
      expiration: { type: 'AfterDuration', endDateTime: null, duration: formatDuration(wish.durationMs) },
    },
  },
});

/** Azure's own roles by their id, which nobody else has; others by name, which is one role's alone in a tenant. */
function isRole({ roleDefinitionId, expandedProperties }: Eligible, role: string): boolean {
  const known = azureRoles.find(({ Name }) => Name === role)?.Id;
  if (known != null) return lastOf(roleDefinitionId) === known.toLowerCase();
  return expandedProperties?.roleDefinition.displayName?.toLowerCase() === role.toLowerCase();
}

/** The list also holds what lies below. What it holds of management groups lies above every subscription. */
function reaches(text: string, wanted: Scope): boolean {
  const scope = parseScope(text, 'literal');
  if (scope === undefined) return false;
  const isAbove = wanted.keys[0] === 'subscriptions' && /^\/providers\/microsoft\.management\//i.test(text);
  return isAbove || covers(scope, wanted);
}

const eligibilityOf = (each: Eligible): AzureEligibility => ({
  scheduleId: lastOf(each.roleEligibilityScheduleId),
  roleDefinitionId: each.roleDefinitionId,
  // An activation holds under the condition of what makes it possible.
  ...(each.condition != null && {
    condition: { condition: each.condition, conditionVersion: each.conditionVersion ?? '2.0' },
  }),
});

/** The same for the same elevation in every process: asked for twice, it is one request. RFC 9562 §5.8. */
export function requestName(elevation: string, what: string): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([elevation, what]))
    .digest();
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
