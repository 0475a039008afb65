// Whom an assignment is about: a person, a group or an agent, as the configuration writes it.
import { z } from 'zod';
import type { Assignee } from './assignment.ts';

export const assigneeSetting = z
  .union([
    z.strictObject({
      group: z
        .string()
        .min(1)
        .max(256)
        .describe('Group name or object id, exactly as the identity provider states it.'),
    }),
    z.strictObject({
      user: z
        .string()
        .min(1)
        .max(256)
        .describe('Principal id of one person; never a name or an address, which can be taken over.'),
    }),
    z.strictObject({
      application: z.string().min(1).max(64).describe('Client id of an agent that acts for itself.'),
    }),
  ])
  .describe('Who receives the role.');

export function assigneeOf(written: z.output<typeof assigneeSetting>): Assignee {
  if ('group' in written) return { kind: 'group', id: written.group };
  if ('user' in written) return { kind: 'user', id: written.user };
  return { kind: 'application', id: written.application };
}
