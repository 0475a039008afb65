// What the views over the log have in common: how their columns are told, and those of which the record knows nothing.
import { missing } from '../../kql/plan.ts';
import type { KqlType } from '../../kql/values.ts';
import type { Depth } from './found.ts';
import type { RecordColumn } from './record-table.ts';

/** Columns by how deep in a record they lie. */
export function viewColumns<Item = undefined>() {
  const column =
    (type: KqlType, depth: Depth) =>
    (name: string, about: string, value: RecordColumn<Item>['value']): RecordColumn<Item> => ({
      name,
      type,
      depth,
      about,
      value,
    });
  return {
    rowText: column('string', 'row'),
    openText: column('string', 'open'),
    sealedText: column('string', 'sealed'),
    sealedDynamic: column('dynamic', 'sealed'),
  };
}

/** Columns by type that are there so that rules can be read, and always empty: nothing is made up. */
export function unknownColumns<Item>(names: Partial<Record<KqlType, string>>): RecordColumn<Item>[] {
  return Object.entries(names).flatMap(([type, list]) =>
    list.split(/\s+/).map((name) => ({
      name,
      type: type as KqlType,
      depth: 'row' as const,
      about: '',
      value: () => missing(type as KqlType),
    })),
  );
}

/** Object id and tenant of somebody who signs in with Entra ID. */
export function entraIds(user: string): { readonly oid: string; readonly tid: string } | undefined {
  const at = user.indexOf('@');
  const [oid, tid] = [user.slice(0, at), user.slice(at + 1)];
  return at > 0 && guid.test(oid) && guid.test(tid) ? { oid, tid } : undefined;
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
