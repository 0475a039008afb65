// The configuration's part of the policy: noted down at each start, so that its changes stand among the versions as well.
import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import type { Revocations } from '../../state/revocations.ts';
import type { AccessSettings } from '../settings.ts';
import type { ConfiguredPolicy } from './composition.ts';
import { editsBetween, keyOf, write } from './policy-item.ts';
import type { Content, Items, PolicyItem } from './policy-item.ts';
import { addVersion, storedItems } from './policy-store.ts';

/** What the configuration says, one item for each thing that people would speak of. */
export function configuredItems(settings: AccessSettings, { roles, grants, denials }: ConfiguredPolicy): Items {
  const { roles: _, assignments: __, denyAssignments: ___, ...others } = settings;
  const items: PolicyItem[] = [
    ...[...roles.values()]
      .filter(({ source }) => source !== 'built-in')
      .map(({ name, definition }) => ({ kind: 'role', id: name, content: { ...definition } })),
    ...grants.map(({ assignment: { id, source: _, ...content } }) => ({ kind: 'assignment', id, content })),
    ...denials.map(({ assignment: { id, source: _, ...content } }) => ({ kind: 'deny-assignment', id, content })),
    ...Object.entries(others).flatMap(([name, value]) => itemsOf(name, value)),
  ];
  return new Map(items.map((item) => [keyOf(item), item]));
}

/** Lists and maps within a setting are looked at entry by entry, under the name of the setting. */
function itemsOf(name: string, value: unknown): PolicyItem[] {
  if (value === undefined) return [];
  if (Array.isArray(value))
    return value.map((each: unknown) => ({ kind: name, id: nameOf(each), content: contentOf(each) }));
  if (name === 'maps')
    return Object.entries(value as Content).map(([id, map]) => ({ kind: name, id, content: contentOf(map) }));
  const members = Object.entries(contentOf(value));
  const isList = ([, member]: [string, unknown]): boolean => Array.isArray(member) && member.every(isObject);
  const rest = Object.fromEntries(members.filter((member) => !isList(member)));
  return [
    { kind: 'setting', id: name, content: rest },
    ...members.filter(isList).flatMap(([member, list]) => itemsOf(`${name}.${member}`, list)),
  ];
}

// Entries of lists that have no name go by what they say.
function nameOf(entry: unknown): string {
  const { name, id } = contentOf(entry);
  const given = [name, id].find((each) => typeof each === 'string');
  return (
    given ??
    createHash('sha256')
      .update(write(contentOf(entry)))
      .digest('base64url')
      .slice(0, 12)
  );
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const contentOf = (value: unknown): Content =>
  isObject(value) && !Array.isArray(value) ? (value as Content) : { value };

/** Notes down what has changed in the configuration since a process started last, as a version of its own. */
export async function recordConfiguration(
  items: Items,
  { database, revocations, clock }: { database: Database; revocations: Revocations; clock: Clock },
): Promise<void> {
  const changed = async (reader: Database) =>
    editsBetween(new Map((await storedItems(reader, 'configuration')).map((item) => [keyOf(item), item])), items);
  if ((await changed(database)).length === 0) return;
  await revocations.commit(async (transaction) => {
    const edits = await changed(transaction); // another process may have started in between
    if (edits.length === 0) return;
    const by = { id: '', name: 'configuration' };
    await addVersion(transaction, edits, {
      source: 'configuration',
      atMs: clock.now(),
      by,
      why: 'changed in the configuration',
    });
  });
}
