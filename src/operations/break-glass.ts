// Operations for emergencies: taking a role at once, also for somebody who cannot sign in, and looking at it afterwards.
import { z } from 'zod';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Elevation } from '../access/elevation/elevation.ts';
import { elevationView, viewOf, whyNotThere } from './elevation.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const longestTokenMs = 3_600_000;

const open = defineOperation({
  id: 'break-glass.open',
  summary: 'Take a role at once in an emergency: no approval, an alarm, and a review afterwards',
  about:
    'Only for those whom access.breakGlass names. At the command line of the machine it opens for a named person, also when the identity provider is down; --token prints an access token for them once, good for at most an hour, which proves no second factor.',
  action: 'genkan/break-glass/open',
  audience: 'anybody',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    user: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('For whom, by sign-in name or principal id; yourself when absent.'),
    role: z.string().min(1).max(256).describe('Role, from access.breakGlass.'),
    scope: z.string().min(1).max(2048).describe('Where: the scope named there, or one below it.'),
    reason: z.string().min(1).max(1000).describe('What has happened; the review begins with it.'),
    minutes: z.int().min(1).max(480).optional().describe('How long; as long as possible when absent.'),
    token: z.boolean().default(false).describe('Print an access token for them as well. At the command line alone.'),
    server: z.string().min(1).optional().describe('Server that the token is for; without it, for all of them at /mcp.'),
  }),
  output: z.object({
    elevation: elevationView,
    token: z.string().optional().describe('The access token, for `Authorization: Bearer`. It is not shown again.'),
    resource: z.string().optional().describe('The address that the token is good for.'),
    tokenExpiresInSeconds: z.int().optional(),
  }),
  resource: ({ scope }) => scope,
  noted: ({ elevation: { id, person, endsAt, enforcedBy }, resource }) => ({
    elevation: id,
    person: person.id,
    endsAt,
    enforcedBy,
    ...(resource !== undefined && { tokenFor: resource }),
  }),
  async run(house, { user, role, scope, reason, minutes, token, server }, { principal }) {
    if (token && principal.kind !== 'operator')
      return refuse('access_action_missing', {
        tool: 'break-glass open --token',
        scope: '/',
        missing: 'genkan/break-glass/token',
      });
    if (server !== undefined && !house.catalogue.list().some(({ name }) => name === server))
      return refuse('operation_not_found', { kind: 'server', name: server });
    const refusal = whyNotThere(house.catalogue, { role, scope });
    if (refusal !== undefined) return refusal;
    const isThemselves = user === undefined || user === principal.id || user === principal.name;
    const person = isThemselves ? principal : await house.people.find(user);
    if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: user ?? '' });
    const wish = { role, scope, justification: reason, ...(minutes !== undefined && { durationMs: minutes * 60_000 }) };
    const elevation = await house.elevation.breakGlass(principal, person, wish);
    if (isRefusal(elevation)) return elevation;
    const view = viewOf(elevation, house.clock.now());
    const given = token ? await tokenFor(house, elevation, server) : {};
    return isRefusal(given) ? given : { elevation: view, ...given };
  },
  print: ({ elevation: { id, person, role, scope, endsAt }, token, resource }) =>
    [
      `${person.name} holds ${role} at ${scope} until ${endsAt}: ${id}`,
      'Reviewers are told, and somebody else has to look at it afterwards: genkan break-glass list',
      ...(token === undefined ? [] : [`Token for ${resource}, shown once:`, token]),
    ].join('\n'),
});

async function tokenFor(house: House, { id, person, endsAtMs }: Elevation, server: string | undefined) {
  const resource = server === undefined ? `${house.publicUrl}/mcp` : `${house.publicUrl}/mcp/${server}`;
  const ttlSeconds = Math.max(1, Math.floor(Math.min(endsAtMs - house.clock.now(), longestTokenMs) / 1000));
  const { token, grantId } = await house.emergencyToken({ accountId: person.id, resource, ttlSeconds });
  if (!(await house.elevation.keepGrant(id, grantId))) return refuse('access_elevation_over');
  return { token, resource, tokenExpiresInSeconds: ttlSeconds };
}

const list = defineOperation({
  id: 'break-glass.list',
  summary: 'List emergencies and what was found afterwards; those that nobody has looked at first of all',
  action: 'genkan/break-glass/list',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    open: z.boolean().default(false).describe('Only those that wait for a review.'),
    limit: z.int().min(1).max(1000).default(100).describe('At most so many, newest first.'),
  }),
  output: z.object({ emergencies: z.array(elevationView) }),
  async run(house, { open: unreviewed, limit }, { principal }) {
    const { emergencies } = house.elevation;
    const all =
      house.access.allows(principal, 'genkan/break-glass/list', '/') || (await emergencies.isReviewer(principal));
    const found = await emergencies.list({ unreviewed, limit });
    return {
      emergencies: found
        .filter(({ person }) => all || person.id === principal.id)
        .toSorted((a, b) => Number(a.review !== undefined) - Number(b.review !== undefined))
        .map((each) => viewOf(each, house.clock.now())),
    };
  },
  print: ({ emergencies }) =>
    table(emergencies, {
      id: ({ id }) => id,
      who: ({ person }) => person.name,
      role: ({ role }) => role,
      scope: ({ scope }) => scope,
      state: ({ state }) => state,
      since: ({ startsAt = '' }) => startsAt,
      why: ({ justification }) => justification,
      review: ({ finding, reviewedBy }) => (finding === undefined ? 'OPEN' : `${reviewedBy}: ${finding}`),
    }),
});

const review = defineOperation({
  id: 'break-glass.review',
  summary: 'Write down what was found when looking at an emergency afterwards; never one’s own',
  action: 'genkan/break-glass/review',
  audience: 'anybody',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    id: z.string().min(1).max(100).describe('Id of the emergency, from `break-glass list`.'),
    finding: z.string().min(1).max(4000).describe('What was found. Written once.'),
  }),
  positional: ['id'],
  output: z.object({ emergency: elevationView }),
  resource: ({ id }) => `/elevations/${id}`,
  async run(house, { id, finding }, { principal }): Promise<{ emergency: z.output<typeof elevationView> } | Refusal> {
    const reviewed = await house.elevation.emergencies.review(id, principal, finding);
    return isRefusal(reviewed) ? reviewed : { emergency: viewOf(reviewed, house.clock.now()) };
  },
  print: ({ emergency: { person, role, finding } }) => `${person.name}, ${role}: ${finding}`,
});

export const breakGlassOperations = [open, list, review];
