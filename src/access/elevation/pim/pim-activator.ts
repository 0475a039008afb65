// Elevations that Azure's Privileged Identity Management activates: asked for in the person's own name, begun once Azure says so.
import type { Clock } from '../../../base/clock.ts';
import { parseDuration } from '../../../base/duration.ts';
import { refuse } from '../../../base/errors.ts';
import type { Refusal } from '../../../base/errors.ts';
import { covers, parseScope } from '../../scope.ts';
import { requestPage } from '../elevation.ts';
import type { Activator, Elevation, Progress } from '../elevation.ts';
import type { Answered } from './arm.ts';
import { requestName } from './schedule-requests.ts';
import type { ActivationWish, ScheduleRequest, ScheduleRequests } from './schedule-requests.ts';
import type { PimSettings } from './settings.ts';

interface PimNeighbours {
  readonly requests: ScheduleRequests;
  readonly clock: Clock;
  readonly publicUrl: string;
}

/** Status of a request that may yet become an activation. Whatever is in neither list has failed. */
const waiting: ReadonlySet<string> = new Set([
  'Accepted',
  'PendingEvaluation',
  'Granted',
  'PendingProvisioning',
  'PendingApprovalProvisioning',
  'PendingApproval',
  'PendingAdminDecision',
  'AdminApproved',
  'ProvisioningStarted',
  'PendingScheduleCreation',
  'ScheduleCreated',
  'PendingExternalProvisioning',
]);
const forSomebody: ReadonlySet<string> = new Set(['PendingApproval', 'PendingAdminDecision']);
const begun = 'Provisioned';

/** Azure ends no activation that is younger, and may not know yet of one. */
const settlingMs = 300_000;
const [shortestPauseMs, longestPauseMs] = [2_000, 60_000];

export function createPimActivator(
  settings: Pick<PimSettings, 'scopes' | 'roles' | 'ticketSystem'>,
  { requests, clock, publicUrl }: PimNeighbours,
): Activator {
  const inCharge = settings.scopes.map((text) => parseScope(text, 'patterns')!);

  /** Rarer the longer it lasts. */
  const later = (sinceMs: number, asksMs = 0): number => {
    const nowMs = clock.now();
    return nowMs + Math.max(asksMs, Math.min(Math.max((nowMs - sinceMs) / 4, shortestPauseMs), longestPauseMs));
  };

  const ticketOf = (number: string): Pick<ActivationWish, 'ticket'> =>
    settings.ticketSystem === undefined
      ? {}
      : { ticket: { ticketSystem: settings.ticketSystem, ticketNumber: number } };

  const signInPage = (of: { role: string; scope: string }, context = ''): string => {
    const page = new URL(requestPage(publicUrl, of));
    page.searchParams.set('signin', context);
    return page.href;
  };

  function refusalOf(answer: Exclude<Answered, { kind: 'done' }>, of: { role: string; scope: string }): Refusal {
    const { message: detail } = answer;
    if (answer.kind === 'later') return refuse('access_elevation_azure_away', {}, { detail });
    if (answer.kind === 'refused') return refuse('access_elevation_azure_refused', { reason: detail }, { detail });
    const page = signInPage(of, answer.context);
    return refuse('access_elevation_azure_sign_in', { page }, { data: { signIn: page }, detail });
  }

  async function ask(elevation: Elevation, name: string, durationMs: number) {
    const { id, person, role, scope, justification } = elevation;
    const eligible = await requests.eligibility(person.id, role, parseScope(scope, 'literal')!);
    if (eligible.kind !== 'done') return eligible;
    if (eligible.found === undefined)
      return { kind: 'refused', code: 'NotEligible', message: `not eligible for ${role} at Azure` } as const;
    const wish = { person: person.id, scope, startsAtMs: clock.now(), durationMs, justification, ...ticketOf(id) };
    return requests.activate(name, wish, eligible.found);
  }

  /** How long it holds there, never longer than was asked for. What had to wait counts from when it is seen to have begun. */
  function active(elevation: Elevation, { scheduleInfo }: ScheduleRequest, wishedMs: number): Progress {
    const nowMs = clock.now();
    const statedMs = Date.parse(scheduleInfo?.startDateTime ?? '');
    const waited = elevation.outside !== undefined && elevation.outside.untilMs === undefined;
    const fromMs = waited || Number.isNaN(statedMs) ? nowMs : Math.min(Math.max(statedMs, elevation.startsAtMs), nowMs);
    const lastsMs = Math.min(parseDuration(scheduleInfo?.expiration?.duration ?? '') ?? wishedMs, wishedMs);
    return { state: 'active', status: begun, fromMs, untilMs: fromMs + lastsMs };
  }

  return {
    enforces({ role, scope }) {
      const where = parseScope(scope, 'patterns');
      const isOurs = where !== undefined && inCharge.some((each) => covers(each, where));
      return isOurs && (settings.roles?.includes(role) ?? true) ? 'entra-pim' : undefined;
    },

    async whyNot(person, wish) {
      const { role, scope: text, durationMs, justification } = wish;
      const scope = parseScope(text, 'literal');
      if (scope === undefined) return refuse('access_elevation_azure_scope', { scope: text });
      const eligible = await requests.eligibility(person.id, role, scope);
      if (eligible.kind !== 'done') return refusalOf(eligible, wish);
      if (eligible.found === undefined) return refuse('access_elevation_azure_not_eligible', { role, scope: text });
      const name = requestName(person.id, `validate ${clock.now()}`);
      const asked = { person: person.id, scope: text, startsAtMs: clock.now(), durationMs, justification };
      const judged = await requests.validate(name, { ...asked, ...ticketOf(name) }, eligible.found);
      return judged.kind === 'done' ? undefined : refusalOf(judged, wish);
    },

    async activate(elevation) {
      const { id, person, scope, outside, startsAtMs, endsAtMs } = elevation;
      const heldMs = outside?.untilMs;
      // Azure extends no activation and allows no second one beside it: the next begins when this one has ended.
      if (heldMs !== undefined && clock.now() < heldMs) return { state: 'pending', status: begun, againAtMs: heldMs };
      const sinceMs = heldMs ?? startsAtMs;
      const durationMs = heldMs === undefined ? endsAtMs - startsAtMs : endsAtMs - clock.now();
      const name = requestName(id, heldMs === undefined ? 'begin' : `go on ${heldMs}`);
      const known = await requests.find(person.id, scope, name);
      const isNew = known.kind === 'done' && known.found === undefined;
      const answer = isNew ? await ask(elevation, name, durationMs) : known;
      const pending = (status: string, asksMs?: number): Progress => ({
        state: 'pending',
        status,
        forSomebody: forSomebody.has(status),
        againAtMs: later(sinceMs, asksMs),
      });
      if (answer.kind === 'done') {
        const { status } = answer.found!;
        if (status === begun) return active(elevation, answer.found!, durationMs);
        return waiting.has(status) ? pending(status) : { state: 'refused', status };
      }
      if (answer.kind === 'later') return pending(answer.message, answer.inMs);
      // It has been asked for, and goes its way there whether or not it can be watched.
      if (answer.kind === 'sign-in' && !isNew && outside?.status !== undefined) return pending(outside.status);
      // What has just ended there is forgotten within seconds.
      const isEnding = answer.kind === 'refused' && answer.code === 'RoleAssignmentExists' && heldMs !== undefined;
      if (isEnding && clock.now() < heldMs + longestPauseMs) return pending(answer.code);
      const page = answer.kind === 'sign-in' ? signInPage(elevation, answer.context) : undefined;
      return { state: 'refused', status: answer.message, ...(page !== undefined && { page }) };
    },

    async deactivate({ id, person, scope, outside, startsAtMs, ended }) {
      const heldMs = outside?.untilMs;
      const endedAtMs = ended?.atMs ?? clock.now();
      if (heldMs !== undefined && (endedAtMs >= heldMs || clock.now() >= heldMs)) return undefined; // Azure ends it by itself
      const left = (message: string) => ({ state: 'left', status: message }) as const;
      const again = (status: string, asksMs?: number) =>
        ({ state: 'pending', status, againAtMs: later(endedAtMs, asksMs) }) as const;

      const begin = requestName(id, 'begin');
      const known = await requests.find(person.id, scope, begin);
      if (known.kind === 'later') return again(known.message, known.inMs);
      if (known.kind !== 'done') return left(known.message);
      const activation = known.found;
      if (activation === undefined) return heldMs === undefined ? undefined : left('Azure does not know it any more');
      if (heldMs === undefined && waiting.has(activation.status)) {
        const cancelled = await requests.cancel(begin, person.id, scope);
        if (cancelled.kind === 'done') return undefined;
        return cancelled.kind === 'sign-in' ? left(cancelled.message) : again(cancelled.message); // approved meanwhile?
      }
      if (heldMs === undefined && activation.status !== begun) return undefined;

      const answer = await requests.deactivate(requestName(id, 'end'), person.id, scope, activation);
      if (answer.kind === 'done') return undefined;
      if (answer.kind === 'later') return again(answer.message, answer.inMs);
      const isUnknown = answer.kind === 'refused' && answer.code === 'RoleAssignmentDoesNotExist';
      const isYoung = clock.now() < startsAtMs + settlingMs;
      if (isUnknown && !isYoung) return undefined;
      if (isUnknown || (answer.kind === 'refused' && answer.code === 'ActiveDurationTooShort'))
        return again(answer.message);
      return left(answer.message);
    },
  };
}
