// Whose task is whose: a server knows Genkan alone, so that who called the tool, and nobody else, gets at its task is ours to see to.
import { createHash } from 'node:crypto';
import type { Effect, Requirement } from '../access/decision.ts';
import type { Clock } from '../base/clock.ts';
import type { Database } from '../state/database.ts';
import { personPart } from './owner.ts';

/** A task as it was created (MCP 2025-11-25, tasks; extension `io.modelcontextprotocol/tasks`). */
export interface NewTask {
  readonly taskId: string;
  /** How long the server keeps it; null for as long as it likes. */
  readonly ttlMs: number | null;
}

/** The tool whose call has become the task, and what that call needed: so does whoever comes back for the task. */
export interface TaskOrigin {
  readonly server: string;
  readonly tool: string;
  readonly requirements: readonly Requirement[];
  readonly effect: Effect;
}

/** Survives a restart: clients write task ids down and come back for the result. */
export interface TaskBook {
  /** Binds a task to whoever called the tool. Ids mean something on their own server alone. */
  keep(owner: string, origin: TaskOrigin, task: NewTask): Promise<void>;
  /**
   * @param server undefined for any server
   * @returns by id the tasks of this owner among these; without others' tasks, and without ids that several servers use
   */
  find(owner: string, taskIds: readonly string[], server: string | undefined): Promise<ReadonlyMap<string, TaskOrigin>>;
  /** Nobody comes back for what this person has begun. */
  forget(person: string): Promise<void>;
}

/** Of one owner; the oldest gives way. */
const maxTasks = 1000;
const dayMs = 24 * 3600 * 1000;
const longestMs = 30 * dayMs;

export function createTaskBook(database: Database, clock: Clock): TaskBook {
  async function makeRoom(owner: string): Promise<void> {
    await database.deleteFrom('task').where('expires_at', '<', clock.now()).execute();
    const overdue = await database
      .selectFrom('task')
      .select(['server', 'id'])
      .where('owner', '=', owner)
      .orderBy('created_at', 'desc')
      .limit(maxTasks)
      .offset(maxTasks - 1)
      .execute();
    for (const { server, id } of overdue) {
      const one = database.deleteFrom('task').where('owner', '=', owner);
      await one.where('server', '=', server).where('id', '=', id).execute();
    }
  }

  return {
    async keep(owner, { server, tool, requirements, effect }, { taskId, ttlMs }) {
      await makeRoom(owner);
      const now = clock.now();
      const expires_at = now + Math.min(ttlMs ?? longestMs, longestMs);
      const values = { tool, requirements: JSON.stringify(requirements), effect, created_at: now, expires_at };
      await database
        .insertInto('task')
        .values({ owner, server, id: keyOf(taskId), ...values })
        .onConflict((conflict) => conflict.columns(['owner', 'server', 'id']).doUpdateSet(values))
        .execute();
    },

    async find(owner, taskIds, server) {
      const idOf = new Map(taskIds.slice(0, maxTasks).map((taskId) => [keyOf(taskId), taskId]));
      let query = database
        .selectFrom('task')
        .select(['server', 'tool', 'requirements', 'effect', 'id'])
        .where('owner', '=', owner);
      if (server !== undefined) query = query.where('server', '=', server);
      const rows = await query
        .where('id', 'in', [...idOf.keys()])
        .where('expires_at', '>=', clock.now())
        .execute();
      const found = new Map<string, TaskOrigin>();
      const shared = new Set<string>();
      for (const { id, server: at, tool, requirements: needed, effect } of rows) {
        const taskId = idOf.get(id)!;
        if (found.has(taskId)) shared.add(taskId);
        const requirements = JSON.parse(needed) as readonly Requirement[];
        found.set(taskId, { server: at, tool, requirements, effect });
      }
      for (const taskId of shared) found.delete(taskId);
      return found;
    },

    async forget(person) {
      const part = personPart(person);
      await database.deleteFrom('task').where('owner', '>=', `${part}:`).where('owner', '<', `${part};`).execute();
    },
  };
}

/** An id is the server's text, of any length, and opens the task: the book needs neither. */
const keyOf = (taskId: string): string => createHash('sha256').update(taskId).digest('base64url');
