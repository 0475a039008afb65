// Operations on elevation: what one may request, requesting, extending and ending it, and who holds what for a while.
import { z } from 'zod';
import { parseDuration } from '../base/duration.ts';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import type { Approval } from '../access/approvals/approval.ts';
import { isActive, isWaiting } from '../access/elevation/elevation.ts';
import type { Asked, Elevation } from '../access/elevation/elevation.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { fields, table } from './table.ts';

export const elevationView = z.object({
  id: z.string(),
  kind: z.enum(['elevation', 'extension', 'break-glass']),
  state: z.enum(['pending', 'activating', 'active', 'ended', 'denied', 'withdrawn', 'expired']),
  person: z.object({ id: z.string(), name: z.string() }),
  role: z.string(),
  scope: z.string(),
  justification: z.string(),
  enforcedBy: z
    .enum(['genkan', 'entra-pim'])
    .describe("`genkan`: Genkan's own elevation, of which Azure itself knows nothing. `entra-pim`: Azure as well."),
  azure: z.string().optional().describe('What Azure says of it, e.g. `PendingApproval`, where it activates the role.'),
  requestedAt: z.iso.datetime(),
  startsAt: z.iso.datetime().optional(),
  endsAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  endedBy: z.string().optional(),
  endReason: z.enum(['time', 'holder', 'administrator', 'eligibility', 'person', 'activation']).optional(),
  openedBy: z.string().optional(),
  approvedBy: z.string().optional(),
  duration: z.string().optional().describe('What is asked for, while it waits.'),
  approval: z.string().optional().describe('Id of the request that waits: `approval show`.'),
  reviewedBy: z.string().optional(),
  finding: z.string().optional(),
});

type View = z.output<typeof elevationView>;

export function viewOf(elevation: Elevation, nowMs: number): View {
  const { id, kind, person, role, scope, justification, enforcedBy, outside, openedBy, approvedBy, review, ended } =
    elevation;
  const active = isActive(elevation, nowMs);
  const waits = isWaiting(elevation);
  const over = active || waits ? undefined : (ended ?? { atMs: elevation.endsAtMs, by: '', reason: 'time' as const });
  return {
    id,
    kind,
    state: waits ? 'activating' : active ? 'active' : 'ended',
    person,
    role,
    scope,
    justification,
    enforcedBy,
    ...(outside && { azure: outside.status }),
    openedBy,
    ...(approvedBy !== undefined && { approvedBy }),
    requestedAt: at(elevation.requestedAtMs),
    ...(!waits && { startsAt: at(elevation.startsAtMs), endsAt: at(elevation.endsAtMs) }),
    ...(over && { endedAt: at(over.atMs), endedBy: over.by, endReason: over.reason }),
    ...(review && { reviewedBy: review.name, finding: review.finding }),
  };
}

function requestViewOf({ id, kind, state, requester, details, justification, createdAtMs }: Approval): View {
  const { role = '', scope = '', duration = '', enforcedBy } = details;
  return {
    id,
    kind: kind === 'extension' ? kind : 'elevation',
    state: state === 'approved' ? 'ended' : state,
    person: requester,
    role: String(role),
    scope: String(scope),
    justification,
    enforcedBy: enforcedBy === 'entra-pim' ? enforcedBy : 'genkan',
    requestedAt: at(createdAtMs),
    duration: String(duration),
    approval: id,
  };
}

const askedView = (asked: Asked, nowMs: number): View =>
  asked.state === 'active' ? viewOf(asked.elevation, nowMs) : requestViewOf(asked.approval);

export const durationInput = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'write a duration such as PT2H or 90m');

const wish = {
  duration: durationInput.optional().describe('How long, e.g. PT2H or 90m; as long as possible when absent.'),
  justification: z.string().max(1000).default('').describe('Why; approvers and auditors read it.'),
};

const asked = z.object({ elevation: elevationView });
const named = z.string().min(1).max(100).describe('Id of the elevation, from `elevation list`.');
const durationOf = (text: string | undefined): { durationMs?: number } =>
  text === undefined ? {} : { durationMs: parseDuration(text)! };

/**
 * Refuses what would be held at a name that no server has, be somebody eligible for more than it: it would hold at the next
 * server of that name. Said as to whoever is not eligible, who is not told which names there are.
 */
export function whyNotThere(
  catalogue: Pick<House['catalogue'], 'list'>,
  { role, scope }: { readonly role: string; readonly scope: string },
): Refusal | undefined {
  const [, top, server = '*'] = scope.split('/');
  const isThere = server.includes('*') || catalogue.list().some(({ name }) => name === server);
  return top !== 'servers' || isThere ? undefined : refuse('access_elevation_not_eligible', { role, scope });
}

const request = defineOperation({
  id: 'elevation.request',
  summary: 'Request a role for a while, in your own name; it begins at once or when somebody has approved it',
  about:
    'It begins with the approval and ends by itself. Where a second factor is asked for, the token has to prove it; the page {publicUrl}/elevation asks for it in the browser.',
  action: 'genkan/elevation/request',
  audience: 'anybody',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    role: z.string().min(1).max(256).describe('Role, from `eligibility list`.'),
    scope: z.string().min(1).max(2048).describe('Where: the scope that you are eligible for, or one below it.'),
    ...wish,
  }),
  output: asked,
  resource: ({ scope }) => scope,
  noted: ({ elevation: { id, state, enforcedBy } }) => ({ elevation: id, state, enforcedBy }),
  async run({ elevation, catalogue, clock }, { duration, ...wanted }, { principal }) {
    const refusal = whyNotThere(catalogue, wanted);
    if (refusal !== undefined) return refusal;
    const outcome = await elevation.request(principal, { ...wanted, ...durationOf(duration) });
    return isRefusal(outcome) ? outcome : { elevation: askedView(outcome, clock.now()) };
  },
  print: ({ elevation }) => printOne(elevation),
});

const extend = defineOperation({
  id: 'elevation.extend',
  summary: 'Carry an elevation of your own on, until so long from now, or from the approval that it needs',
  action: 'genkan/elevation/extend',
  audience: 'anybody',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ id: named, ...wish }),
  positional: ['id'],
  output: asked,
  resource: ({ id }) => `/elevations/${id}`,
  noted: ({ elevation: { id, state, enforcedBy } }) => ({ elevation: id, state, enforcedBy }),
  async run({ elevation, clock }, { id, duration, justification }, { principal }) {
    const outcome = await elevation.extend(principal, id, { justification, ...durationOf(duration) });
    return isRefusal(outcome) ? outcome : { elevation: askedView(outcome, clock.now()) };
  },
  print: ({ elevation }) => printOne(elevation),
});

/** Those that a caller may see: their own, and for administrators everybody's. */
const seesAll = ({ access }: House, principal: Principal): boolean =>
  access.allows(principal, 'genkan/elevation/list', '/');

async function seen(house: House, id: string, principal: Principal): Promise<Elevation | Refusal> {
  const elevation = await house.elevation.find(id);
  const isTheirs = elevation?.person.id === principal.id || seesAll(house, principal);
  return elevation !== undefined && isTheirs ? elevation : refuse('access_elevation_unknown');
}

const list = defineOperation({
  id: 'elevation.list',
  summary: 'List elevations and requests for them: your own, and for administrators everybody’s',
  action: 'genkan/elevation/list',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    user: z.string().min(1).optional().describe('Only those of this person, by sign-in name or principal id.'),
    active: z.boolean().default(false).describe('Only what is held now.'),
    limit: z.int().min(1).max(1000).default(100).describe('At most so many, newest first.'),
  }),
  output: z.object({ elevations: z.array(elevationView) }),
  async run(house, { user, active, limit }, { principal }) {
    const all = seesAll(house, principal);
    const named = user === undefined ? undefined : ((await house.people.find(user))?.id ?? user);
    if (!all && named !== undefined && named !== principal.id) return { elevations: [] };
    const person = all ? named : principal.id;
    const of = person === undefined ? {} : { person };
    const begun = (await house.elevation.all({ ...of, active, limit })).map((each) => viewOf(each, house.clock.now()));
    const waiting = active ? [] : await requestsOf(house, person);
    return {
      elevations: [...begun, ...waiting].sort((a, b) => b.requestedAt.localeCompare(a.requestedAt)).slice(0, limit),
    };
  },
  print: ({ elevations }) =>
    [
      table(elevations, {
        id: ({ id }) => id,
        state: ({ state }) => state,
        who: ({ person }) => person.name,
        kind: ({ kind }) => (kind === 'elevation' ? '' : kind),
        role: ({ role }) => role,
        scope: ({ scope }) => scope,
        ends: ({ endsAt = '', endedAt = endsAt }) => endedAt,
        'enforced by': ({ enforcedBy }) => enforcedBy,
      }),
      ...(elevations.some(({ enforcedBy }) => enforcedBy === 'genkan') ? [ownElevation] : []),
    ].join('\n'),
});

const ownElevation = "enforced by genkan: Genkan's own elevation; Azure itself knows nothing of it.";

/** What was asked for and never began. */
async function requestsOf({ approvals }: House, requester: string | undefined): Promise<View[]> {
  const of = requester === undefined ? {} : { requester };
  const [elevations, extensions] = await Promise.all(
    (['elevation', 'extension'] as const).map((kind) => approvals.list({ ...of, kind, limit: 1000 })),
  );
  return [...elevations!, ...extensions!].filter(({ state }) => state !== 'approved').map(requestViewOf);
}

const show = defineOperation({
  id: 'elevation.show',
  summary: 'Show an elevation, or a request for one',
  action: 'genkan/elevation/show',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({ id: named }),
  positional: ['id'],
  output: asked,
  resource: ({ id }) => `/elevations/${id}`,
  async run(house, { id }, { principal }) {
    const elevation = await seen(house, id, principal);
    if (!isRefusal(elevation)) return { elevation: viewOf(elevation, house.clock.now()) };
    const approval = await house.approvals.find(id);
    const isRequest = approval?.kind === 'elevation' || approval?.kind === 'extension';
    if (!isRequest || (approval.requester.id !== principal.id && !seesAll(house, principal))) return elevation;
    return { elevation: requestViewOf(approval) };
  },
  print: ({ elevation }) => fields(elevation),
});

const end = defineOperation({
  id: 'elevation.end',
  summary: 'End an elevation before its time: your own, or as an administrator anybody’s',
  action: 'genkan/elevation/end',
  audience: 'anybody',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ id: named, reason: z.string().max(500).default('').describe('Why, for the audit log.') }),
  positional: ['id'],
  output: asked,
  resource: ({ id }) => `/elevations/${id}`,
  async run(house, { id }, { principal }) {
    const elevation = await house.elevation.find(id);
    const isTheirs = elevation?.person.id === principal.id;
    if (!isTheirs && !house.access.allows(principal, 'genkan/elevation/end', '/'))
      return refuse('access_elevation_unknown');
    const ended = await house.elevation.end(id, principal, isTheirs ? 'holder' : 'administrator');
    return isRefusal(ended) ? ended : { elevation: viewOf(ended, house.clock.now()) };
  },
  print: ({ elevation }) => printOne(elevation),
});

function printOne({ id, state, role, scope, endsAt, enforcedBy, azure, approval }: View): string {
  const what = `${role} at ${scope}`;
  const own = enforcedBy === 'genkan' ? `\n${ownElevation}` : '';
  if (state === 'pending') return `${what} waits for an approval: ${approval}`;
  if (state === 'activating') return `${what} waits for Azure (${azure ?? 'not asked yet'}): ${id}`;
  return state === 'active' ? `${what} until ${endsAt}: ${id}${own}` : `${what}: ${state}`;
}

const at = (ms: number): string => new Date(ms).toISOString();

export const elevationOperations = [request, list, show, extend, end];
