// Assignments made while running, in table `assignment` of the control database.
import type { Database } from '../state/database.ts';
import type { Assignment } from './assignment.ts';

export interface AssignmentStore {
  list(): Promise<Assignment[]>;
  add(assignment: Assignment): Promise<void>;
  remove(id: string): Promise<void>;
}

/** Where nothing is assigned but by the configuration. */
export const noAssignments: AssignmentStore = {
  list: () => Promise.resolve([]),
  add: () => Promise.reject(new TypeError('there is no database')),
  remove: () => Promise.reject(new TypeError('there is no database')),
};

export function createAssignmentStore(database: Database): AssignmentStore {
  return {
    async list() {
      const rows = await database.selectFrom('assignment').selectAll().orderBy('created_at').orderBy('id').execute();
      return rows.map((row) => ({
        id: row.id,
        principal: { kind: row.principal_kind, id: row.principal },
        role: row.role,
        scope: row.scope,
        source: 'database',
        createdBy: row.created_by,
        createdAtMs: row.created_at,
      }));
    },
    async add({ id, principal, role, scope, createdBy = '', createdAtMs = 0 }) {
      await database
        .insertInto('assignment')
        .values({
          id,
          principal_kind: principal.kind,
          principal: principal.id,
          role,
          scope,
          created_by: createdBy,
          created_at: createdAtMs,
        })
        .execute();
    },
    async remove(id) {
      await database.deleteFrom('assignment').where('id', '=', id).execute();
    },
  };
}
