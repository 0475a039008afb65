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
    const approver = approverOf(each) ?? (await personNamed(each, findPerson));
    if (approver === undefined) unknown.push('user' in each ? each.user : '');
    else if (approver.kind === 'operator') approvers.set('operator', approver);
    else {
      const key = `${approver.kind} ${approver.id}`;
      approvers.set(key, { ...approvers.get(key), ...approver });
    }
  }
  return { approvers: [...approvers.values()], unknown };
}

/** The approver that is written by id; undefined for one who is written by sign-in name. */
export function approverOf(written: ApproverSettings): Approver | undefined {
  if ('operator' in written) return { kind: 'operator' };
  if ('group' in written) return { kind: 'group', id: written.group };
  return isPrincipalId(written.user) ? { kind: 'user', id: written.user } : undefined;
}

async function personNamed(written: ApproverSettings, findPerson: FindPerson): Promise<Approver | undefined> {
  if (!('user' in written)) return undefined;
  const id = await findPerson(written.user);
  return id === undefined ? undefined : { kind: 'user', id, name: written.user };
}

/** `{issuer}#{sub}`, or `{oid}@{tid}` at Entra ID. A sign-in name is neither: its domain has no hash mark and is no GUID. */
export function isPrincipalId(text: string): boolean {
  const [object = '', tenant = '', ...more] = text.split('@');
  return /^https?:\/\/[^#]+#./.test(text) || (more.length === 0 && guid.test(object) && guid.test(tenant));
}
