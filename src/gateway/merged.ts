// A conversation with every server at once (`/mcp`): lists are merged under unique names, a use goes to its one server.
import type { Primitive } from '../access/decision.ts';
import { GenkanError, refuse } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { request, result } from '../protocol/message.ts';
import type { Era, JsonObject, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { Conversation, RequestOptions, Use } from './conversation.ts';
import type { Line } from './line.ts';
import { requests } from './methods.ts';
import type { Method } from './methods.ts';
import { exposedName } from './names.ts';
import { ownEnvelope } from './own-envelope.ts';
import type { Questions } from './questions.ts';

export interface MergedOptions {
  readonly era: Era;
  /** Servers that may be used now. */
  readonly servers: () => readonly string[];
  readonly open: (server: string) => Promise<Line>;
  /** Answers what concerns the conversation as a whole: `initialize`, `server/discover`. */
  readonly greet: (message: RequestMessage) => JsonObject;
  readonly questions: Questions;
  readonly deadlineMs: number;
  readonly log: Log;
}

type Origin = { readonly server: string; readonly name: string };
type Lists = NonNullable<Method['lists']>;

const maxPages = 100;

export function createMerged({ era, servers, open, greet, questions, deadlineMs, log }: MergedOptions): Conversation {
  const lines = new Map<string, Promise<Line>>();
  /** What each shown name or URI stands for, by primitive. Grows with what the servers list. */
  const origins: Record<Primitive, Map<string, Origin>> = {
    tools: new Map(),
    prompts: new Map(),
    resources: new Map(),
  };

  async function lineOf(server: string): Promise<Line> {
    const opened = await lines.get(server)?.catch(() => undefined);
    if (opened?.alive === true) return opened;
    const opening = open(server);
    lines.set(server, opening);
    return opening;
  }

  /** All pages of one server's list, renamed; empty when the server has no such list or does not answer in time. */
  async function collect(
    server: string,
    method: string,
    lists: Lists,
    params: JsonObject,
    signal: AbortSignal,
  ): Promise<JsonObject[]> {
    const { primitive, member, identifier } = lists;
    const items: JsonObject[] = [];
    let cursor: unknown;
    for (let page = 0; page < maxPages; page++) {
      const line = await lineOf(server);
      const ask = request(`genkan-list-${page}`, method, cursor === undefined ? params : { ...params, cursor });
      const { result: listed } = await line.request(ask, { interim: () => undefined, signal });
      for (const item of Array.isArray(listed?.[member]) ? (listed[member] as JsonObject[]) : []) {
        const name = item[identifier];
        if (typeof name !== 'string') continue;
        const shown = primitive === 'resources' ? name : exposedName(server, name);
        const holder = origins[primitive].get(shown);
        if (holder !== undefined && holder.server !== server) continue; // first come, in the stable order of servers
        origins[primitive].set(shown, { server, name });
        items.push(primitive === 'resources' ? item : { ...item, [identifier]: shown });
      }
      cursor = listed?.['nextCursor'];
      if (typeof cursor !== 'string') return items;
    }
    return items;
  }

  async function list(method: string, lists: Lists, given: JsonObject): Promise<JsonObject> {
    const { cursor: _, ...params } = given; // one page holds everything
    const signal = AbortSignal.timeout(deadlineMs);
    const parts = await Promise.all(
      servers().map((server) =>
        withDeadline(collect(server, method, lists, params, signal), signal).catch((error: unknown) => {
          log.warn({ server, method, err: error }, 'a server is left out of a merged list');
          return [];
        }),
      ),
    );
    return {
      [lists.member]: parts.flat(),
      ...(era === 'modern' && { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }),
    };
  }

  async function find(primitive: Primitive, name: string): Promise<Origin | undefined> {
    const known = origins[primitive].get(name);
    if (known !== undefined) return known;
    for (const [method, { lists }] of requests)
      if (lists?.primitive === primitive) await list(method, lists, era === 'modern' ? ownEnvelope : {});
    return (
      origins[primitive].get(name) ?? (primitive === 'resources' ? byTemplate(origins.resources, name) : undefined)
    );
  }

  async function forward(
    message: RequestMessage,
    use: Use,
    { interim, signal }: RequestOptions,
  ): Promise<ResponseMessage> {
    const line = await lineOf(use.server);
    const renamed =
      use.primitive === 'resources' ? message : request(message.id, message.method, rename(message, use.name));
    const show: RequestOptions['interim'] = (part) => {
      const shown = questions.ask(part, () => line, use.server);
      if (shown !== undefined) return interim(shown);
    };
    return line.request(renamed, { interim: show, signal }, use.tool);
  }

  return {
    era,
    async locate(target) {
      const origin = await find(target.primitive, target.name);
      if (origin === undefined) {
        return target.primitive === 'tools'
          ? refuse('gateway_tool_unknown', { tool: target.name })
          : refuse('gateway_name_unknown', { name: target.name });
      }
      const name = target.primitive === 'resources' ? target.name : origin.name;
      const tool = target.primitive === 'tools' ? await (await lineOf(origin.server)).tools.find(name) : undefined;
      return { ...target, server: origin.server, name, tool };
    },
    async request(message, use, options) {
      if (use !== undefined) return forward(message, use, options);
      const lists = requests.get(message.method)?.lists;
      if (lists !== undefined) return result(message.id, await list(message.method, lists, message.params));
      if (message.method === 'initialize' || message.method === 'server/discover')
        return result(message.id, greet(message));
      if (message.method === 'logging/setLevel') {
        const opened = await Promise.all([...lines.values()].map((line) => line.catch(() => undefined)));
        await Promise.allSettled(opened.map((line) => line?.request(message, options)));
        return result(message.id, {});
      }
      if (message.method === 'ping') return result(message.id, {});
      throw new GenkanError('gateway_method_unknown', { method: message.method });
    },
    async deliver(message) {
      if (message.kind === 'response') {
        const settled = questions.settle(message);
        if (settled === undefined) return refuse('gateway_answer_unexpected');
        return settled.line.deliver(settled.response);
      }
      if (message.method === 'notifications/initialized') return; // each line has sent its own
      const opened = await Promise.all([...lines.values()].map((line) => line.catch(() => undefined)));
      await Promise.allSettled(opened.map((line) => line?.deliver(message)));
    },
    origin: (primitive, identifier) => origins[primitive].get(identifier),
    async close() {
      const opened = await Promise.all([...lines.values()].map((line) => line.catch(() => undefined)));
      await Promise.allSettled(opened.map((line) => line?.close()));
    },
  };
}

function rename({ method, params }: RequestMessage, name: string): JsonObject {
  return method === 'completion/complete'
    ? { ...params, ref: { ...(params['ref'] as JsonObject), name } }
    : { ...params, name };
}

/** The owner of a URI that no list names but a template covers: the literal start of the template decides. */
function byTemplate(resources: Map<string, Origin>, uri: string): Origin | undefined {
  for (const [template, origin] of resources) {
    const literal = template.slice(0, template.indexOf('{'));
    if (template.includes('{') && literal !== '' && uri.startsWith(literal)) return origin;
  }
  return undefined;
}

function withDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new GenkanError('gateway_list_late')), { once: true });
    work.then(resolve, reject);
  });
}
