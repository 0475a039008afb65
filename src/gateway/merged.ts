// A conversation with every server at once (`/mcp`): lists are merged under unique names, a use goes to its one server.
import { GenkanError, refuse } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { request, result } from '../protocol/message.ts';
import type { Era, JsonObject, RequestId, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Conversation, RequestOptions, Use } from './conversation.ts';
import { greet } from './greeting.ts';
import { ownId, silent } from './line.ts';
import type { Line } from './line.ts';
import { requests } from './methods.ts';
import type { Method, Target } from './methods.ts';
import { exposedName } from './names.ts';
import { createOrigins } from './origins.ts';
import { ownEnvelope } from './own-envelope.ts';
import type { Questions } from './questions.ts';
import { showing } from './single.ts';

export interface MergedOptions {
  readonly era: Era;
  /** Servers of which the person may use anything now, in a stable order. */
  readonly servers: () => readonly string[];
  readonly open: (server: string) => Promise<Line>;
  readonly questions: Questions;
  readonly deadlineMs: number;
  readonly log: Log;
}

type Lists = NonNullable<Method['lists']>;
interface Item {
  readonly shown: string;
  readonly name: string;
  readonly value: JsonObject;
}

const maxPages = 100;

export function createMerged({ era, servers, open, questions, deadlineMs, log }: MergedOptions): Conversation {
  const lines = new Map<string, Promise<Line>>();
  const origins = createOrigins();
  /** Calls under way, so that a cancellation reaches the server that carries them out and no other. */
  const underWay = new Map<RequestId, Line>();
  let closed = false;

  async function lineTo(server: string): Promise<Line> {
    const known = lines.get(server);
    const opened = await known?.catch(() => undefined);
    if (opened?.alive() === true) return opened;
    if (lines.get(server) !== known) return lineTo(server); // somebody else has opened it anew meanwhile
    if (closed) throw new GenkanError('upstream_unavailable', { server });
    const opening = open(server);
    lines.set(server, opening);
    return opening;
  }

  async function opened(): Promise<Line[]> {
    const settled = await Promise.allSettled(lines.values());
    return settled.flatMap((line) => (line.status === 'fulfilled' ? line.value : []));
  }

  /** All pages of one server's list under the names that are shown; empty when the server has no such list. */
  async function collect(
    server: string,
    method: string,
    lists: Lists,
    params: JsonObject,
    signal: AbortSignal,
  ): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: unknown;
    for (let page = 0; page < maxPages; page++) {
      const line = await lineTo(server);
      const ask = request(ownId(), method, cursor === undefined ? params : { ...params, cursor });
      const { result: listed } = await line.request(ask, { outlet: silent, signal });
      for (const value of Array.isArray(listed?.[lists.member]) ? (listed[lists.member] as JsonObject[]) : []) {
        const name = value[lists.identifier];
        if (typeof name !== 'string') continue;
        const shown = lists.primitive === 'resources' ? name : exposedName(server, name);
        items.push({ shown, name, value: { ...value, [lists.identifier]: shown } });
      }
      cursor = listed?.['nextCursor'];
      if (typeof cursor !== 'string') break;
    }
    return items;
  }

  /** One page with everything. A server that is late or fails is left out, and what it listed before stays known. */
  async function list(method: string, lists: Lists, { cursor: _, ...params }: JsonObject): Promise<JsonObject> {
    const signal = AbortSignal.timeout(deadlineMs);
    const late = new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new GenkanError('gateway_list_late')), { once: true }),
    );
    late.catch(() => undefined);
    const parts = await Promise.all(
      servers().map(async (server) => {
        const items = await Promise.race([collect(server, method, lists, params, signal), late]).catch(
          (error: unknown) => {
            log.warn({ server, method, err: error }, 'a server is left out of a merged list');
            return [];
          },
        );
        return { server, items };
      }),
    );
    const kept = parts.flatMap(({ server, items }) =>
      items.filter(({ shown, name }) => origins.claim(lists.primitive, shown, { server, name })),
    );
    const complete = era === 'modern' ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private' } : {};
    return { [lists.member]: kept.map(({ value }) => value), ...complete };
  }

  async function locate(target: Target): ReturnType<Conversation['locate']> {
    const { primitive, name } = target;
    let origin = origins.find(primitive, name);
    if (origin === undefined) {
      for (const [method, { lists }] of requests) {
        if (lists?.primitive === primitive) await list(method, lists, era === 'modern' ? ownEnvelope : {});
      }
      origin = origins.find(primitive, name);
    }
    if (origin === undefined || !servers().includes(origin.server)) {
      return primitive === 'tools'
        ? refuse('gateway_tool_unknown', { tool: name.slice(0, 128) })
        : refuse('gateway_name_unknown', { name: name.slice(0, 512) });
    }
    if (primitive === 'resources') return { ...target, server: origin.server };
    const tool = primitive === 'tools' ? await (await lineTo(origin.server)).tools.find(origin.name) : undefined;
    return { ...target, server: origin.server, name: origin.name, tool };
  }

  async function forward(
    message: RequestMessage,
    use: Use,
    { outlet, signal }: RequestOptions,
  ): Promise<ResponseMessage> {
    const line = await lineTo(use.server);
    const renamed =
      use.primitive === 'resources' ? message : request(message.id, message.method, rename(message, use.name));
    underWay.set(message.id, line);
    try {
      return await line.request(renamed, { outlet: showing(questions, line, outlet, use.server), signal }, use.tool);
    } finally {
      underWay.delete(message.id);
    }
  }

  return {
    era,
    alive: () => !closed,
    locate,
    async request(message, use, options) {
      const { id, method, params } = message;
      if (use !== undefined) return forward(message, use, options);
      const lists = requests.get(method)?.lists;
      if (lists !== undefined) return result(id, await list(method, lists, params));
      if (method === 'initialize' || method === 'server/discover') return result(id, greet(message));
      if (method === 'logging/setLevel') {
        await Promise.allSettled((await opened()).map((line) => line.request(message, options)));
        return result(id, {});
      }
      if (method === 'ping') return result(id, {});
      throw new GenkanError('gateway_method_unknown', { method });
    },
    async deliver(message) {
      if (message.kind === 'response') {
        const settled = questions.settle(message);
        return settled === undefined ? refuse('gateway_answer_unexpected') : settled.line.deliver(settled.response);
      }
      if (message.method === 'notifications/cancelled') {
        await underWay.get(message.params['requestId'] as RequestId)?.deliver(message);
      } else if (message.method === 'notifications/roots/list_changed') {
        await Promise.allSettled((await opened()).map((line) => line.deliver(message)));
      } // `initialized` each line has sent itself; progress belongs to questions, which are answered as they are
    },
    origin: (primitive, identifier) => origins.find(primitive, identifier),
    async close() {
      closed = true;
      await Promise.allSettled((await opened()).map((line) => line.close()));
    },
  };
}

function rename({ method, params }: RequestMessage, name: string): JsonObject {
  return method === 'completion/complete'
    ? { ...params, ref: { ...(params['ref'] as JsonObject), name } }
    : { ...params, name };
}
