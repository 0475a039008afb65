// An item of the policy: one assignment, role, deny assignment or eligibility, and what a change does to it.

/** What can be changed while running. The configuration has further kinds, named after its settings. */
export type PolicyKind = 'assignment' | 'deny-assignment' | 'role' | 'eligibility' | 'exclusion';

export interface PolicyItem {
  readonly kind: string;
  readonly id: string;
  /** Plain JSON. */
  readonly content: Content;
}

export type Content = Readonly<Record<string, unknown>>;

/** What a change does to one item; `before` is what whoever wants it has seen. Absent: there was, or will be, none. */
export interface ItemEdit {
  readonly kind: string;
  readonly id: string;
  readonly before?: Content;
  readonly after?: Content;
}

/** Items by `keyOf`. */
export type Items = ReadonlyMap<string, PolicyItem>;

export const keyOf = ({ kind, id }: Pick<PolicyItem, 'kind' | 'id'>): string => `${kind} ${id}`;

/** Items as they are after a change. */
export function withEdits(items: Items, edits: readonly ItemEdit[]): Items {
  const changed = new Map(items);
  for (const { kind, id, after } of edits) {
    if (after === undefined) changed.delete(keyOf({ kind, id }));
    else changed.set(keyOf({ kind, id }), { kind, id, content: after });
  }
  return changed;
}

/** The changes that lead from some items to others. */
export function editsBetween(from: Items, to: Items): ItemEdit[] {
  const edits: ItemEdit[] = [];
  for (const [key, { kind, id, content }] of from) {
    const after = to.get(key)?.content;
    if (!isSame(content, after)) edits.push({ kind, id, before: content, ...(after && { after }) });
  }
  for (const [key, { kind, id, content }] of to) if (!from.has(key)) edits.push({ kind, id, after: content });
  return edits;
}

export const isSame = (left: Content | undefined, right: Content | undefined): boolean =>
  left === right || (left !== undefined && right !== undefined && write(left) === write(right));

/** JSON in which members stand in the order of the alphabet, so that equal contents are equal texts. */
export const write = (content: Content): string => JSON.stringify(sorted(content));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value as Content).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, member]) => [name, sorted(member)]),
  );
}

export const read = (text: string): Content => JSON.parse(text) as Content;
