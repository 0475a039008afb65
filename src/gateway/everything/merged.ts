// A conversation with every server at once (`/mcp`): lists are merged under unique names, a use goes to its one server.
import type { Primitive } from '../../access/decision.ts';
import { GenkanError, refuse } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { INVALID_PARAMS } from '../../protocol/between-families.ts';
import { logLevels, reservedPrefix } from '../../protocol/envelope.ts';
import { failure, isJsonObject, notification, request, result } from '../../protocol/message.ts';
import type { Era, JsonObject, Message, RequestId, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { changingLists } from '../../protocol/subscriptions.ts';
import { swapMembers } from '../../protocol/swap-members.ts';
import { asWritten } from '../../protocol/written-numbers.ts';
import type { Conversation, Outlet, RequestOptions, Use } from '../conversations/conversation.ts';
import { greet } from './greeting.ts';
import type { Introduced } from './greeting.ts';
import { createHearing } from './hearing.ts';
import { ownId, patience } from '../lines/line.ts';
import type { Line } from '../lines/line.ts';
import { createMergedLines } from './merged-lines.ts';
import { createMergedLists } from './merged-lists.ts';
import { createMergedSubscriptions } from './merged-subscriptions.ts';
import { requests } from '../methods.ts';
import type { Method, Target } from '../methods.ts';
import { exposedName } from './names.ts';
import { createOrigins } from './origins.ts';
import type { Origin, Owners } from './origins.ts';
import type { Questions } from '../conversations/questions.ts';
import type { Subscribed } from '../conversations/subscribed.ts';
import type { Waits } from './waits.ts';

export interface MergedOptions {
  readonly era: Era;
  /** Servers of which the person may use anything now, sorted by name. */
  readonly servers: () => readonly string[];
  readonly open: (server: string, hear: (message: Message, line: Line) => void) => Promise<Line>;
  /** Takes what servers say unasked. */
  readonly push: (message: Message) => void;
  /** Tells the client that a list has changed. */
  readonly say: (kind: Lists['primitive']) => void;
  /** Parameters of requests of our own: the client's envelope, where its revision has one. */
  readonly envelope: JsonObject;
  readonly questions: Questions;
  readonly subscribed: Subscribed;
  readonly waits: Waits;
  readonly owners: Owners;
  /** What a server has and nobody may use now, by its own names. */
  readonly withheld: (server: string, primitive: Primitive) => Iterable<string>;
  readonly log: Log;
}

type Lists = NonNullable<Method['lists']>;

/** How long the greeting waits for those of the servers: some of them are still starting. */
const greetingMs = 1000;
/** An unknown name is looked for in lists that are not older. */
const lookAgainMs = 2000;
/** Names of the servers whose part of a list is late, gone or cut. */
const noticeMember = 'genkan/servers';
const wantsWarnings = (level: unknown): boolean =>
  (logLevels as readonly unknown[]).slice(0, logLevels.indexOf('warning') + 1).includes(level);

export function createMerged(options: MergedOptions): Conversation & {
  readonly follow: () => void;
  /** What a server lists is another list for this conversation. */
  readonly changed: (server: string, kind: Primitive) => void;
} {
  const { era, open, push, say, envelope, questions, subscribed, waits, owners, log } = options;
  let servers = options.servers();
  const serversNow = (): readonly string[] => (servers = options.servers());
  const origins = createOrigins(() => servers, owners);
  const lines = createMergedLines(openLine, waits);
  const lists = createMergedLists({ servers: serversNow, lines, origins, waits, envelope, onLate: say, log });
  const subscriptions = createMergedSubscriptions({
    servers: serversNow,
    lines,
    origins,
    envelope,
    onChange: noteChange,
    log,
  });
  const hearing = createHearing({ questions, subscribed, push });
  /** The session has asked for it, so that a line opened later has to know it as well. */
  let level: unknown;
  let warned: string | undefined;
  let closed = false;

  /** A server is believed about its own lists. */
  function noteChange(server: string, message: Message): void {
    if (message.kind !== 'notification') return;
    const changed = changingLists.find(({ announced }) => announced === message.method);
    if (changed !== undefined) lists.changed(server, changed.list);
  }

  async function openLine(server: string): Promise<Line> {
    const line = await open(server, (message, from) => {
      noteChange(server, message);
      hearing.unasked(from, message);
    });
    const again = (method: string, params: JsonObject): void =>
      void line.request(request(ownId(), method, params), patience()).catch(() => undefined); // it was told as well as can be
    if (era === 'legacy' && level !== undefined) again('logging/setLevel', { level });
    for (const uri of subscribed.of(server)) again('resources/subscribe', { uri });
    return line;
  }

  async function introduced(server: string): Promise<Introduced> {
    const line = await lines.to(server);
    const { result: own } = asWritten(
      line.initialized ?? (await line.request(request(ownId(), 'server/discover', envelope), patience())),
    );
    const { capabilities, instructions } = own ?? {};
    return {
      server,
      capabilities: isJsonObject(capabilities) ? capabilities : {},
      ...(typeof instructions === 'string' && { instructions }),
    };
  }

  async function greetings(): Promise<Introduced[]> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, greetingMs);
    const unheard = (server: string): Introduced => ({ server });
    const all = serversNow().map((server) =>
      Promise.race([introduced(server), late.then(() => unheard(server))]).catch(() => unheard(server)),
    );
    return Promise.all(all).finally(() => clearTimeout(timer));
  }

  async function list({ id, method, params }: RequestMessage, which: Lists, outlet: Outlet): Promise<ResponseMessage> {
    // A later page goes on in the list that the first began, as far as it is still the same.
    const { items, notice, ttlMs } = await lists.gather(method, which, params['cursor'] === undefined ? 0 : Infinity);
    await warn(notice, params, outlet);
    const complete = era === 'modern' ? { resultType: 'complete', ttlMs, cacheScope: 'private' } : {};
    return result(id, { ...complete, [which.member]: items, ...(notice && { _meta: { [noticeMember]: notice } }) });
  }

  /** Says once in the log that the client has asked for what the list itself says every time. */
  async function warn(notice: object | undefined, params: JsonObject, outlet: Outlet): Promise<void> {
    const wanted = era === 'legacy' ? level : (params['_meta'] as JsonObject)[`${reservedPrefix}logLevel`];
    const text = notice && JSON.stringify(notice);
    if (text !== undefined && text !== warned && wantsWarnings(wanted)) {
      const data = { message: 'Not every server is in this list as it should be.', ...notice };
      await outlet.interim(notification('notifications/message', { level: 'warning', logger: 'genkan', data }));
    }
    warned = text;
  }

  /** What is withheld stands in no list, and whoever asks for it is told why. */
  function withheldAt(primitive: Primitive, shown: string): Origin | undefined {
    for (const server of servers)
      for (const name of options.withheld(server, primitive))
        if ((primitive === 'resources' ? name : exposedName(server, name, primitive)) === shown)
          return { server, name };
    return undefined;
  }

  async function locate(target: Target): ReturnType<Conversation['locate']> {
    const { primitive, name } = target;
    serversNow();
    let origin = origins.find(primitive, name);
    if (origin === undefined) {
      const looking = [...requests].map(([method, { lists: which }]) =>
        which?.primitive === primitive ? lists.gather(method, which, lookAgainMs) : undefined,
      );
      await Promise.all(looking);
      origin = origins.find(primitive, name) ?? withheldAt(primitive, name);
    }
    if (origin === undefined) {
      return primitive === 'tools'
        ? refuse('gateway_tool_unknown', { tool: name.slice(0, 128) })
        : refuse('gateway_name_unknown', { name: name.slice(0, 512) });
    }
    if (primitive === 'resources') return { ...target, server: origin.server };
    const { server, name: own } = origin;
    const tool =
      primitive === 'tools' ? await waits.within(server, (await lines.to(server)).tools.find(own)) : undefined;
    return { ...target, server, name: own, tool };
  }

  async function forward(
    message: RequestMessage,
    use: Use,
    { outlet, ...options }: RequestOptions,
  ): Promise<ResponseMessage> {
    // Only the server that was told to tell can stop, whoever has the resource by now.
    const told = message.method === 'resources/unsubscribe' ? subscribed.serverOf(use.name) : undefined;
    const line = await lines.to(told ?? use.server);
    const isNamed = use.primitive !== 'resources' && requests.get(message.method)?.uses !== undefined;
    const renamed = isNamed ? swapMembers(message, [[nameIn(message), use.name]]) : message;
    return hearing.during(message, line, outlet, (own) =>
      subscribed.note(message, line.server, () => line.request(renamed, { outlet: own, ...options }, use.tool)),
    );
  }

  return {
    era,
    paged: true,
    alive: () => !closed,
    waiting: () => lines.standing().some((line) => line.waiting?.() === true),
    locate,
    async request(message, use, requestOptions) {
      const { id, method, params } = message;
      if (use !== undefined) return forward(message, use, requestOptions);
      const which = requests.get(method)?.lists;
      if (which !== undefined) return list(message, which, requestOptions.outlet);
      if (method === 'initialize' || method === 'server/discover') return result(id, greet(message, await greetings()));
      if (method === 'subscriptions/listen') return subscriptions.listen(message, requestOptions);
      if (method === 'logging/setLevel') {
        if (!(logLevels as readonly unknown[]).includes(params['level']))
          return failure(id, { code: INVALID_PARAMS, message: 'There is no such log level' });
        ({ level } = params);
        const told = lines.standing().map((line) => waits.within(line.server, line.request(message, requestOptions)));
        await Promise.allSettled(told);
        return result(id, {});
      }
      if (method === 'ping') return result(id, {});
      throw new GenkanError('gateway_method_unknown', { method });
    },
    asker: (response) => questions.asker(response),
    async deliver(message) {
      if (message.kind === 'response') {
        const settled = questions.settle(message);
        return settled === undefined ? refuse('gateway_answer_unexpected') : settled.line.deliver(settled.response);
      }
      if (message.method === 'notifications/cancelled') {
        await hearing.lineOf(message.params['requestId'] as RequestId)?.deliver(message);
      } else if (message.method === 'notifications/roots/list_changed') {
        await Promise.allSettled(lines.standing().map((line) => line.deliver(message)));
      } // `initialized` each line has sent itself; progress belongs to questions, which are answered as they are
    },
    origin: (primitive, identifier) => origins.find(primitive, identifier),
    changed: lists.changed,
    follow() {
      lines.keepOnly(serversNow());
      subscriptions.follow();
    },
    async close() {
      closed = true;
      subscriptions.close();
      await lines.close();
    },
  };
}

/** Where the name stands that the server knows by another. */
const nameIn = ({ method }: RequestMessage): readonly string[] =>
  method === 'completion/complete' ? ['params', 'ref', 'name'] : ['params', 'name'];
