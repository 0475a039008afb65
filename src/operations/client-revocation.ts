// Operations that keep an OAuth client out, whoever uses it, and that let it ask people again.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import { defineOperation } from './operation.ts';
import { reasonGiven } from './principal.ts';

const client = z.string().min(1).max(2000).describe('Client id, as `session list` or the audit log names it.');
const resource = ({ client: id }: { client: string }): string => `/clients/${id}`;

const revoke = defineOperation({
  id: 'client.revoke',
  summary: 'Keep an OAuth client out for everybody, at once and on every process',
  about:
    'Within two seconds all its tokens, refresh tokens, open streams and calls under way end, and what people have agreed to for it is forgotten. It is refused wherever it comes: at sign-in, at the token endpoint, with tokens it still holds. It does not stop the same program from registering anew under another id, nor does it sign anybody out.',
  action: 'genkan/client/revoke',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({ client, reason: reasonGiven.min(1) }),
  positional: ['client'],
  output: z.object({ client: z.string() }),
  resource,
  async run({ killSwitch }, { client: id, reason }, { principal }) {
    await killSwitch.revokeClient(id, { by: principal.id, reason });
    return { client: id };
  },
  print: ({ client: id }) => `${id} is revoked`,
});

const restore = defineOperation({
  id: 'client.restore',
  summary: 'Let a revoked OAuth client ask people again; none of its former access comes back',
  action: 'genkan/client/restore',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ client, reason: reasonGiven.default('') }),
  positional: ['client'],
  output: z.object({ client: z.string() }),
  resource,
  async run({ killSwitch }, { client: id, reason }, { principal }) {
    if (await killSwitch.restoreClient(id, { by: principal.id, reason })) return { client: id };
    return refuse('operation_not_found', { kind: 'revoked client', name: id });
  },
  print: ({ client: id }) => `${id} may ask people again`,
});

export const clientRevocationOperations = [revoke, restore];
