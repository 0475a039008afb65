// Operations on sessions: who is signed in where, and ending one of them or all of a person's.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import { defineOperation } from './operation.ts';
import { reasonGiven, theirs } from './principal.ts';
import { table } from './table.ts';

const sessionView = z.object({
  id: z.string().describe('Handle of the session, for `session revoke`. No secret: nobody gets in with it.'),
  kind: z
    .enum(['client', 'browser'])
    .describe('`client`: an MCP client that holds tokens. `browser`: signed in at the pages of Genkan.'),
  person: z.string().describe('Principal id.'),
  name: z.string().optional(),
  client: z.string().optional(),
  clientName: z.string().optional().describe('As the client calls itself.'),
  resource: z.string().optional(),
  since: z.iso.datetime(),
  lastUsed: z.iso.datetime().describe('When it last fetched tokens, which a client in use does every few minutes.'),
  ends: z.iso.datetime().optional().describe('When it ends if nobody ends it before.'),
});

const list = defineOperation({
  id: 'session.list',
  summary: 'List who is signed in, with which client, since when and for which resource, newest first',
  action: 'genkan/session/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    user: z.string().min(1).optional().describe('Only those of this person, by id or sign-in name.'),
    limit: z.int().min(1).max(10_000).default(500).describe('At most so many.'),
  }),
  output: z.object({ sessions: z.array(sessionView) }),
  async run(house, { user, limit }) {
    const person = user === undefined ? undefined : await theirs(house, user);
    const sessions = await house.killSwitch.sessions({ person, limit });
    return {
      sessions: sessions.map(({ personName, sinceMs, lastUsedMs, endsMs, ...row }) => ({
        ...row,
        name: personName,
        since: at(sinceMs),
        lastUsed: at(lastUsedMs),
        ends: endsMs === undefined ? undefined : at(endsMs),
      })),
    };
  },
  print: ({ sessions }) =>
    table(sessions, {
      id: ({ id }) => id,
      person: ({ name, person }) => name ?? person,
      client: ({ kind, client = '', clientName }) => (kind === 'browser' ? 'browser' : (clientName ?? client)),
      resource: ({ resource = '' }) => resource,
      since: ({ since }) => since,
      'last used': ({ lastUsed }) => lastUsed,
    }),
});

const revoke = defineOperation({
  id: 'session.revoke',
  summary: 'End one session, or all of a person; they may sign in again',
  about:
    'Tokens, refresh tokens and open streams of it end on every process within two seconds. It does not end what the person has elsewhere: their session at the identity provider (e.g. Entra ID) goes on, so a browser may sign in again without asking them. To keep somebody out use `principal disable`.',
  action: 'genkan/session/revoke',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      id: z.string().min(1).max(200).optional().describe('Handle from `session list`.'),
      user: z.string().min(1).optional().describe('All of this person, by id or sign-in name.'),
      reason: reasonGiven.default(''),
    })
    .refine(({ id, user }) => (id === undefined) !== (user === undefined), 'give either a session or --user'),
  positional: ['id'],
  output: z.object({ ended: z.int().describe('Number of sessions ended.') }),
  resource: ({ id, user }) => (id === undefined ? `/principals/${user}` : `/sessions/${id}`),
  async run(house, { id, user, reason }, { principal }) {
    const cause = { by: principal.id, reason };
    if (user !== undefined) {
      const person = await theirs(house, user);
      if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: user });
      return { ended: await house.killSwitch.endSessionsOf(person, cause) };
    }
    if (await house.killSwitch.endSession(id!, cause)) return { ended: 1 };
    return refuse('operation_not_found', { kind: 'session', name: id! });
  },
  print: ({ ended }) => `${ended} ended`,
});

const at = (ms: number): string => new Date(ms).toISOString();

export const sessionOperations = [list, revoke];
