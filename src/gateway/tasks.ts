// Calls that become tasks: bound to who made them, and shown to nobody else. What a task says is otherwise the server's own.
import type { Access, Allowed } from '../access/decision.ts';
import { GenkanError, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Principal } from '../base/principal.ts';
import { isJsonObject } from '../protocol/message.ts';
import type { JsonObject, ResponseMessage } from '../protocol/message.ts';
import { shorterList } from '../protocol/shorter-list.ts';
import type { Use } from './conversations/conversation.ts';
import { ownerOf } from './owner.ts';
import type { NewTask, TaskBook, TaskOrigin } from './task-book.ts';

/** What binding a task and finding it again need. */
export interface TaskJudges {
  readonly tasks: Pick<TaskBook, 'keep' | 'find'>;
  readonly access: Pick<Access, 'visible' | 'allows'>;
}

/** Of one call. They are kept with its task, and asked about whenever somebody comes back for it. */
const maxRequirements = 64;

/** Finds the call behind each of these tasks, if they are all the caller's own and every right that its call needed is still there. */
export async function locateTasks(
  judges: TaskJudges,
  principal: Principal,
  server: string | undefined,
  taskIds: readonly unknown[],
): Promise<readonly TaskOrigin[] | Refusal> {
  const ids = taskIds.filter((taskId) => typeof taskId === 'string');
  const own = await ownTasks(judges, principal, server, ids);
  const origins = taskIds.flatMap((taskId) => own.get(taskId as string) ?? []);
  return origins.length < taskIds.length ? refuse('gateway_task_unknown') : origins;
}

async function ownTasks(
  { tasks, access }: TaskJudges,
  principal: Principal,
  server: string | undefined,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, TaskOrigin>> {
  const found = await tasks.find(ownerOf(principal), taskIds, server);
  const maySee = ({ server, tool: name, requirements }: TaskOrigin): boolean =>
    access.visible(principal, { server, primitive: 'tools', name }) &&
    requirements.every(({ action, scope, data }) => access.allows(principal, action, scope, data));
  return new Map([...found].filter(([, origin]) => maySee(origin)));
}

/** Binds the task that a call has become, before its client learns the id. */
export async function keepTask(
  tasks: TaskJudges['tasks'],
  principal: Principal,
  { server, name: tool }: Use,
  { requirements, effect }: Pick<Allowed, 'requirements' | 'effect'>,
  response: ResponseMessage,
): Promise<void> {
  const task = createdTask(response, server);
  if (task === undefined) return;
  if (requirements.length > maxRequirements) throw invalid(server, 'a task that needs more rights than can be kept');
  await tasks.keep(ownerOf(principal), { server, tool, requirements, effect }, task);
}

/** Leaves the tasks of others out of a list: a server may believe that everybody behind Genkan is one and the same. */
export async function filterTasks(
  judges: TaskJudges,
  principal: Principal,
  server: string | undefined,
  response: ResponseMessage,
): Promise<ResponseMessage> {
  const listed: unknown = response.result?.['tasks'];
  if (!Array.isArray(listed)) return response;
  const idOf = (task: unknown): string => String(isJsonObject(task) ? task['taskId'] : undefined);
  const own = await ownTasks(judges, principal, server, listed.map(idOf));
  const kept = listed.filter((task) => own.has(idOf(task)));
  return kept.length === listed.length ? response : shorterList(response, 'tasks', kept);
}

/** The task in `CreateTaskResult`, of either era. */
function createdTask({ result: created }: ResponseMessage, server: string): NewTask | undefined {
  if (created?.['resultType'] === 'task') return newTask(created, created['ttlMs'], server);
  const task = created?.['task'];
  return isJsonObject(task) && created?.['content'] === undefined ? newTask(task, task['ttl'], server) : undefined;
}

function newTask({ taskId }: JsonObject, ttl: unknown, server: string): NewTask {
  if (typeof taskId === 'string') return { taskId, ttlMs: typeof ttl === 'number' && ttl >= 0 ? ttl : null };
  throw invalid(server, 'a task without an id');
}

const invalid = (server: string, detail: string): GenkanError =>
  new GenkanError('upstream_answer_invalid', { server }, { detail });
