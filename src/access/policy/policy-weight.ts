// Which parts of a change weigh most, so that whoever approves it reads them first: what gives most to anybody, and widest.
import type { Roles } from '../assignment.ts';
import { parseScope } from '../scope.ts';
import type { ItemEdit } from './policy-item.ts';

/** @param roles as they would be after the change */
export const heaviestFirst = (edits: readonly ItemEdit[], roles: Roles): ItemEdit[] =>
  edits
    .map((edit) => ({ edit, weight: weightOf(edit, roles) }))
    .toSorted(({ weight: [a, b, c] }, { weight: [x, y, z] }) => a - x || b - y || c - z)
    .map(({ edit }) => edit);

/** The smaller the heavier: whether it takes something away; how narrow the role is, then the scope. */
function weightOf({ kind, before, after }: ItemEdit, roles: Roles): readonly [number, number, number] {
  // What keeps people out gives to them when it goes.
  const denies = kind === 'deny-assignment' || kind === 'exclusion';
  const given = denies ? before : after;
  if (given === undefined) return [1, 0, 0];
  if (kind === 'role') return [0, narrownessOf(given), narrowest(textsIn(given['AssignableScopes']), depthOf)];
  const role = roles.get(String(given['role']))?.definition;
  return [0, denies || role === undefined ? 0 : narrownessOf({ ...role }), depthOf(String(given['scope'] ?? '/'))];
}

/** How many segments of its widest pattern are named: none in `*`, one in `mcp/*`. */
const narrownessOf = ({ Actions, DataActions }: Readonly<Record<string, unknown>>): number =>
  narrowest(
    [...textsIn(Actions), ...textsIn(DataActions)],
    (pattern) => pattern.split('/').filter((segment) => !segment.includes('*')).length,
  );

const depthOf = (scope: string): number => parseScope(scope, 'patterns')?.keys.length ?? 0;
const narrowest = (texts: readonly string[], measure: (text: string) => number): number =>
  Math.min(...texts.map(measure), mostSegments);
const mostSegments = 64;

const textsIn = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
