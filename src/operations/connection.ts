// Operations on connections: whose accounts at servers that ask for sign-in are connected, and ending such a connection.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import { serverName } from '../upstream/settings.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const list = defineOperation({
  id: 'connection.list',
  summary: 'List the accounts that people have connected at servers that ask for sign-in',
  action: 'genkan/connection/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    connections: z.array(
      z.object({ server: z.string(), person: z.string().describe('Id of the person.'), changedAt: z.iso.datetime() }),
    ),
  }),
  run: async ({ connections }) => ({
    connections: (await connections.list()).map(({ server, person, updatedAtMs }) => ({
      server,
      person,
      changedAt: new Date(updatedAtMs).toISOString(),
    })),
  }),
  print: ({ connections }) =>
    table(connections, {
      server: ({ server }) => server,
      person: ({ person }) => person,
      changed: ({ changedAt }) => changedAt,
    }),
});

const remove = defineOperation({
  id: 'connection.remove',
  summary: "Forget a person's tokens for a server; to use it again they have to sign in there",
  action: 'genkan/connection/remove',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    server: serverName,
    person: z.string().min(1).describe('Id or sign-in name of the person.'),
  }),
  positional: ['server', 'person'],
  output: z.object({ server: z.string(), person: z.string() }),
  resource: ({ server }) => `/servers/${server}`,
  async run({ connections, people }, { server, person }) {
    const id = (await people.find(person))?.id ?? person;
    if (await connections.remove(id, server)) return { server, person: id };
    return refuse('operation_not_found', { kind: 'connection', name: `${server} ${person}` });
  },
  print: ({ server, person }) => `${person} is no longer connected to ${server}`,
});

export const connectionOperations = [list, remove];
