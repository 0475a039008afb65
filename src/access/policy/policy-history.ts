// The versions of the policy: listed, shown, compared, and taken back by a new one.
import { GenkanError } from '../../base/errors.ts';
import type { Database } from '../../state/database.ts';
import type { Plan } from './policy-book.ts';
import { isSame, keyOf } from './policy-item.ts';
import type { ItemEdit } from './policy-item.ts';
import { changesAfter, listVersions, newestVersion, readVersion } from './policy-store.ts';
import type { Change, PolicyVersion, Source } from './policy-store.ts';

export interface ListedVersion extends PolicyVersion {
  /** How many items it added, changed and removed. */
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export interface PolicyHistory {
  /** Newest first. */
  list(query: { readonly before?: number | undefined; readonly limit: number }): Promise<ListedVersion[]>;
  /** @throws GenkanError `access_policy_version_unknown` */
  show(number: number): Promise<{ readonly version: PolicyVersion; readonly changes: readonly ItemEdit[] }>;
  /**
   * What leads from one version to another, item by item; from the later to the earlier the other way round.
   * @throws GenkanError `access_policy_version_unknown`
   */
  diff(from: number, to: number): Promise<readonly (ItemEdit & { readonly source: Source })[]>;
  /**
   * A plan that takes back what one version changed.
   * @throws GenkanError `access_policy_version_unknown`, `access_policy_configured`; the plan itself `access_policy_touched`
   * where later versions have changed the same
   */
  planToUndo(number: number): Promise<Plan>;
  /** A plan that makes everything again as it was right after a version. @throws GenkanError as `planToUndo` */
  planToReturn(number: number): Promise<Plan>;
}

export function createPolicyHistory(database: Database): PolicyHistory {
  async function known(number: number): Promise<PolicyVersion> {
    const version = await readVersion(database, number);
    if (version === undefined) throw new GenkanError('access_policy_version_unknown', { version: number });
    return version;
  }

  /** Everything that differs right after one version from right after an earlier one. */
  async function between(source: Source, earlier: number, later: number): Promise<ItemEdit[]> {
    return joined(await changesAfter(database, source, earlier, later));
  }

  return {
    list: (query) => listVersions(database, query),
    async show(number) {
      const version = await known(number);
      return { version, changes: await changesAfter(database, version.source, number - 1, number) };
    },
    async diff(from, to) {
      // 0 is what was before the first.
      for (const number of [from, to]) if (number !== 0) await known(number);
      const [earlier, later] = [Math.min(from, to), Math.max(from, to)];
      const found = await Promise.all(
        (['configuration', 'running'] as const).map(async (source) =>
          (await between(source, earlier, later)).map((edit) => ({ ...edit, source })),
        ),
      );
      return found.flat().map((edit) => (from <= to ? edit : { ...turned(edit), source: edit.source }));
    },
    async planToUndo(number) {
      const { source } = await known(number);
      if (source === 'configuration') throw new GenkanError('access_policy_configured', { version: number });
      const changes = await changesAfter(database, 'running', number - 1, number);
      return (items) => {
        const touched = changes.filter((change) => !isSame(items.get(keyOf(change))?.content, change.after));
        if (touched.length > 0)
          throw new GenkanError('access_policy_touched', { version: number, items: touched.map(keyOf).join(', ') });
        return changes.map(turned);
      };
    },
    async planToReturn(number) {
      await known(number);
      const back = (await between('running', number, await newestVersion(database))).map(turned);
      return () => back; // what changes in between is told by what they say was there before
    },
  };
}

/** Changes one after the other as one. */
function joined(changes: readonly Change[]): ItemEdit[] {
  const edits = new Map<string, ItemEdit>();
  for (const change of changes) {
    const { kind, id, after } = change;
    const { before } = edits.get(keyOf(change)) ?? change;
    edits.set(keyOf(change), { kind, id, ...(before && { before }), ...(after && { after }) });
  }
  return [...edits.values()].filter(({ before, after }) => !isSame(before, after));
}

const turned = ({ kind, id, before, after }: ItemEdit): ItemEdit => ({
  kind,
  id,
  ...(after && { before: after }),
  ...(before && { after: before }),
});
