// Who may approve, as policies write it, and as the ids that decisions are made by.
import { z } from 'zod';
import { guid } from '../../base/guid.ts';
import type { Approver } from './approval.ts';

export const approverSettings = z
  .union([
    z.strictObject({
      user: z
        .string()
        .trim()
        .min(1)
        .max(256)
        .describe('Principal id of a person, or the sign-in name, which is looked up once and never again.'),
    }),
    z.strictObject({
      group: z
        .string()
        .min(1)
        .max(256)
        .describe('Group name or object id, exactly as the identity provider states it.'),
    }),
    z.strictObject({ operator: z.literal(true).describe("Whoever sits at the machine's own command line.") }),
  ])
  .describe('Who may approve.');

export type ApproverSettings = z.output<typeof approverSettings>;

/** The principal id of the one person with a sign-in name; undefined for nobody and for several. */
export type FindPerson = (name: string) => Promise<string | undefined>;

export interface ResolvedApprovers {
  readonly approvers: readonly Approver[];
  /** Names of nobody: they approve nothing. Where `approvers` is empty, nothing can be approved, and so nothing goes on. */
  readonly unknown: readonly string[];
}

/** Turns names into ids. Whoever takes a name over afterwards is not the one who was meant. */
export async function resolveApprovers(
  written: readonly ApproverSettings[],
  findPerson: FindPerson,
): Promise<ResolvedApprovers> {
  const approvers = new Map<string, Approver>();
  const unknown: string[] = [];
  for (const each of written) {
    if ('operator' in each) approvers.set('operator', { kind: 'operator' });
    else if ('group' in each) approvers.set(`group ${each.group}`, { kind: 'group', id: each.group });
    else {
      const id = isPrincipalId(each.user) ? each.user : await findPerson(each.user);
      if (id === undefined) unknown.push(each.user);
      else approvers.set(`user ${id}`, { ...approvers.get(`user ${id}`), ...personOf(id, each.user) });
    }
  }
  return { approvers: [...approvers.values()], unknown };
}

const personOf = (id: string, written: string): Approver => ({
  kind: 'user',
  id,
  ...(id === written ? {} : { name: written }),
});

/** `{issuer}#{sub}`, or `{oid}@{tid}` at Entra ID. A sign-in name is neither: its domain has no hash mark and is no GUID. */
function isPrincipalId(text: string): boolean {
  const [object = '', tenant = '', ...more] = text.split('@');
  return /^https?:\/\/[^#]+#./.test(text) || (more.length === 0 && guid.test(object) && guid.test(tenant));
}
