// Who somebody is to Genkan: open to whoever is signed in, about themselves alone.
import { z } from 'zod';
import { defineOperation } from './operation.ts';

const show = defineOperation({
  id: 'me.show',
  summary: 'Show who you are here: in whose name you act, through which client, and what your sign-in has proved',
  action: 'genkan/me/show',
  audience: 'anybody',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['user', 'application', 'operator']),
    clientId: z.string().optional().describe('Through which client.'),
    contexts: z
      .array(z.string())
      .describe('Authentication contexts that the sign-in has proved, e.g. the one of a second factor.'),
  }),
  run: (_house, _input, { principal: { id, name, kind, clientId, contexts = [] } }) =>
    Promise.resolve({ id, name, kind, ...(clientId !== undefined && { clientId }), contexts: [...contexts] }),
  print: ({ name, id, contexts }) =>
    `${name}${id === name ? '' : ` (${id})`}${contexts.length === 0 ? '' : `, proved: ${contexts.join(', ')}`}`,
});

export const meOperations = [show];
