// Who is left out of an assignment, told by what the assignment says: what is added to its line later brings nobody back.
import { createHash } from 'node:crypto';
import type { Assignee, Assignment } from '../assignment.ts';
import type { PolicyItem } from './policy-item.ts';

export interface Exclusion {
  /** Principal id of the person or agent. */
  readonly principal: string;
  /** To whom the role is assigned: a group that they are in, or themselves in the configuration. */
  readonly of: Assignee;
  readonly role: string;
  readonly scope: string;
}

type Place = Pick<Assignment, 'principal' | 'role' | 'scope'>;

/** Conditions and times are no part of it. */
export const placeOf = ({ principal: { kind, id }, role, scope }: Place): string =>
  JSON.stringify([kind, id, role, scope]);

export function exclusionFrom(place: Place, principal: string): PolicyItem {
  const digest = createHash('sha256')
    .update(JSON.stringify([placeOf(place), principal]))
    .digest('base64url');
  const { principal: of, role, scope } = place;
  const content = { principal, of: { kind: of.kind, id: of.id }, role, scope };
  return { kind: 'exclusion', id: `exclusion-${digest.slice(0, 16)}`, content };
}

/** What somebody was given by name while running is theirs: it is taken back, not left out of. */
export const canLeaveOut = ({ principal, source }: Assignment): boolean =>
  principal.kind === 'group' ? source === 'configuration' || source === 'database' : source === 'configuration';
