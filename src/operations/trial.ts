// Operations of the trial: a token without the walk through the sign-in pages, and starting afresh.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import { defineDeskOperation, defineOperation } from './operation.ts';

const token = defineOperation({
  id: 'trial.token',
  summary: 'Print an access token of a person of the trial for one server',
  action: 'genkan/trial/token',
  effect: 'write',
  doors: ['cli'],
  input: z.strictObject({
    as: z.string().min(1).describe('Person of the trial: dana, omar, sena or ada.'),
    for: z.string().min(1).optional().describe('Name of the server; without it, the token is for all of them at /mcp.'),
    api: z.boolean().default(false).describe('For the REST API at /api instead of a server.'),
    mfa: z.boolean().default(false).describe('As after a sign-in with a second factor.'),
  }),
  output: z.object({
    token: z.string().describe('The access token, for `Authorization: Bearer`.'),
    resource: z.string().describe('The address that it is good for.'),
    expiresInSeconds: z.int(),
  }),
  resource: ({ for: server }) => (server === undefined ? '/' : `/servers/${server}`),
  async run({ trial, people, catalogue, publicUrl }, { as, for: server, api, mfa }) {
    const operation = 'trial token';
    const wrong = (reason: string) => refuse('operation_input_invalid', { operation, reason });
    if (trial === undefined) return refuse('operation_trial_only', { operation });
    if (api && server !== undefined) return wrong('a token is for a server or for the REST API, not for both');
    const { secondFactor } = trial;
    if (mfa && secondFactor === undefined) return wrong('identity.conditionalAccess.contexts.mfa is not configured');
    const person = await people.find(as);
    if (person === undefined) return refuse('operation_not_found', { kind: 'person', name: as });
    if (server !== undefined && !catalogue.list().some(({ name }) => name === server))
      return refuse('operation_not_found', { kind: 'server', name: server });
    const resource = `${publicUrl}${api ? '/api' : server === undefined ? '/mcp' : `/mcp/${server}`}`;
    const contexts = mfa ? [secondFactor!] : [];
    return { resource, ...(await trial.token({ ...person, contexts }, resource)) };
  },
  print: ({ token }) => token,
});

const reset = defineDeskOperation({
  id: 'trial.reset',
  summary: 'Empty the data directory of the trial: databases, audit log and keys',
  action: 'genkan/trial/reset',
  effect: 'destroy',
  doors: ['cli'],
  where: 'data',
  input: z.strictObject({}),
  output: z.object({ directory: z.string() }),
  async run({ trialData }) {
    if (trialData === undefined) return refuse('operation_trial_only', { operation: 'trial reset' });
    return { directory: await trialData.reset() };
  },
  print: ({ directory }) => `${directory} is empty. Clients that were connected have to be added again.`,
});

export const trialOperations = [token, reset];
