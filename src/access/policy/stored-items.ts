// Items of the policy read again from the database: what does not have the form in which we write it has no effect.
import { z } from 'zod';
import { GenkanError } from '../../base/errors.ts';
import type { Assignment } from '../assignment.ts';
import type { DenyAssignment } from '../deny/deny-assignment.ts';
import { actionPattern } from '../role-definition.ts';
import type { Exclusion } from './exclusion.ts';
import type { PolicyItem } from './policy-item.ts';

const assignee = z.strictObject({ kind: z.enum(['user', 'group', 'application']), id: z.string().min(1).max(256) });
const made = { createdBy: z.string().optional(), createdAtMs: z.int().optional() };
const condition = z.string().min(1).max(8192).optional();
const scope = z.string().max(2048);

const assignment = z.strictObject({
  principal: assignee,
  role: z.string().min(1).max(128),
  scope,
  condition,
  startsAtMs: z.int().optional(),
  endsAtMs: z.int().optional(),
  ...made,
});

const patterns = z.array(actionPattern).max(1024);
const denyAssignment = z.strictObject({
  name: z.string().min(1).max(256),
  description: z.string().max(2048).optional(),
  principals: z.union([z.literal('everyone'), z.array(assignee).min(1).max(1024)]),
  excludePrincipals: z.array(assignee).max(1024),
  permissions: z
    .array(z.strictObject({ actions: patterns, notActions: patterns, dataActions: patterns, notDataActions: patterns }))
    .min(1)
    .max(64),
  scope,
  doNotApplyToChildScopes: z.boolean(),
  condition,
  ...made,
});

/** @throws GenkanError `access_policy_item_invalid` */
export const readAssignment = (item: PolicyItem): Assignment =>
  ({ ...parse(assignment, item), id: item.id, source: 'database' }) as Assignment;

const exclusion = z.strictObject({
  principal: z.string().min(1).max(512),
  of: assignee,
  role: z.string().min(1).max(128),
  scope,
});

/** @throws GenkanError `access_policy_item_invalid` */
export const readExclusion = (item: PolicyItem): Exclusion => parse(exclusion, item);

/** @throws GenkanError `access_policy_item_invalid` */
export const readDenyAssignment = (item: PolicyItem): DenyAssignment =>
  ({ ...parse(denyAssignment, item), id: item.id, source: 'database' }) as DenyAssignment;

function parse<Schema extends z.ZodType>(schema: Schema, { kind, id, content }: PolicyItem): z.output<Schema> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new GenkanError('access_policy_item_invalid', { item: `${kind} ${id}`, reason: z.prettifyError(parsed.error) });
}
