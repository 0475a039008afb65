// An MCP server whose calls become tasks, in the way of either era. It gives every task to whoever knows the id, and lists them all.
import type { ByHand } from './mcp-by-hand.ts';
import { answerJson } from './http-upstream.ts';
import type { SeenRequest } from './http-upstream.ts';

const times = { createdAt: '2026-01-01T00:00:00Z', lastUpdatedAt: '2026-01-01T00:00:00Z' };

const inputSchema = { type: 'object' };

/** For `mcpByHand`. Task ids are `task-1`, `task-2` and so on; a task is done as soon as it is asked for its second time. */
export function taskServer(): Pick<ByHand, 'handle' | 'tools' | 'capabilities'> {
  const polls = new Map<string, number>();

  function answer({ message, headers }: SeenRequest): object | undefined {
    const modern = headers['mcp-protocol-version'] === '2026-07-28';
    const { method, params = {} } = message;
    const complete = modern ? { resultType: 'complete' } : {};
    const taskId = String(params['taskId']);
    const ttl = modern ? { ttlMs: 60_000 } : { ttl: 60_000 };
    if (method === 'tools/call' && (modern || params['task'] !== undefined)) {
      const created = `task-${polls.size + 1}`;
      polls.set(created, 0);
      const task = { taskId: created, status: 'working', ...times, ...ttl };
      return modern ? { ...task, resultType: 'task' } : { task };
    }
    if (method === 'tasks/list') {
      return { tasks: [...polls.keys()].map((id) => ({ taskId: id, status: 'working', ...times, ...ttl })) };
    }
    if (!polls.has(taskId)) return undefined;
    const content = [{ type: 'text', text: `the result of ${taskId}` }];
    if (method === 'tasks/result') return { content };
    if (method === 'tasks/cancel') return modern ? complete : { taskId, status: 'cancelled', ...times, ...ttl };
    if (method === 'tasks/update') return complete;
    const asked = polls.get(taskId)! + 1;
    polls.set(taskId, asked);
    const task = { taskId, ...times, ...ttl, ...complete };
    if (asked < 2) return { ...task, status: 'working' };
    return { ...task, status: 'completed', ...(modern && { result: { content } }) };
  }

  return {
    tools: [{ name: 'write', inputSchema, execution: { taskSupport: 'optional' } }],
    capabilities: {
      tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    },
    handle(seen, response) {
      const result = answer(seen);
      if (result === undefined) return false;
      answerJson(response, { jsonrpc: '2.0', id: seen.message.id, result });
      return true;
    },
  };
}
