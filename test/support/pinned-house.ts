// A Genkan in front of servers that change, with a person who uses them and one who approves.
import { makersUse, openTestHouse } from './house.ts';
import type { TestHouse } from './house.ts';
import { modern, openLegacySession, post } from './mcp-post.ts';
import type { Posted } from './mcp-post.ts';
import type { HttpUpstream } from './http-upstream.ts';

type Era = 'legacy' | 'modern';

export interface PinnedHouse extends AsyncDisposable {
  readonly house: TestHouse;
  /** A request of dana's: at the server, or at `/mcp`. */
  ask(
    server: string | undefined,
    method: string,
    params?: Record<string, unknown>,
    era?: Era,
  ): Promise<Posted['message']>;
  /** What a list shows to dana. */
  names(server: string | undefined, method?: string, era?: Era): Promise<string[]>;
  /** Calls a tool. @returns the error's reason, or `done` */
  call(server: string | undefined, name: string, era?: Era): Promise<string>;
  /** An operation over REST, by somebody with every right. */
  act(operation: string, input: object): Promise<Record<string, unknown>>;
  /** Versions that wait at a server. */
  waiting(server: string): Promise<readonly Waiting[]>;
}

export interface Waiting {
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly reasons: readonly string[];
  readonly digest: string;
  readonly approvedBy?: string;
  readonly why?: string;
}

const issuer = 'http://127.0.0.1:9';

export async function openPinnedHouse(
  upstreams: Readonly<Record<string, HttpUpstream | object>>,
  { pins = {}, ...settings }: { readonly pins?: object } & Record<string, unknown> = {},
): Promise<PinnedHouse> {
  const servers = Object.fromEntries(
    Object.entries(upstreams).map(([name, upstream]) => [name, 'seen' in upstream ? { url: upstream.url } : upstream]),
  );
  const { assignments } = makersUse(...Object.keys(servers)) as { assignments: object[] };
  const administers = { principal: { user: `${issuer}#sena` }, role: 'Genkan Operator', scope: '/' };
  const house = await openTestHouse({
    servers,
    access: { assignments: [...assignments, administers] },
    inspect: { pins: { settleSeconds: 0, ...pins } },
    ...settings,
  });
  const sessions = new Map<string, Promise<Record<string, string>>>();

  async function ask(
    server: string | undefined,
    method: string,
    params: Record<string, unknown> = {},
    era: Era = 'modern',
  ): Promise<Posted['message']> {
    const url = server === undefined ? `${house.url}/mcp` : `${house.url}/mcp/${server}`;
    const token = await house.token('dana', server);
    if (era === 'modern') {
      const { body, headers } = modern(method, params);
      return (await post(url, body, { token, headers })).message;
    }
    const session = sessions.get(url) ?? openLegacySession(url, token);
    sessions.set(url, session);
    const body = { jsonrpc: '2.0', id: 1, method, params };
    return (await post(url, body, { token, headers: await session })).message;
  }

  async function act(operation: string, input: object): Promise<Record<string, unknown>> {
    const { body } = await post(`${house.url}/api/${operation}`, input, { token: await house.apiToken('sena') });
    return JSON.parse(body) as Record<string, unknown>;
  }

  return {
    house,
    ask,
    act,
    async names(server, method = 'tools/list', era) {
      const { result } = await ask(server, method, {}, era);
      const list = Object.values(result ?? {}).find((member) => Array.isArray(member)) as Record<string, string>[];
      return list.map(({ name, uri, uriTemplate }) => uri ?? uriTemplate ?? name!);
    },
    async call(server, name, era) {
      const { error } = await ask(server, 'tools/call', { name, arguments: {} }, era);
      return error === undefined ? 'done' : String(error.data?.['reason']);
    },
    async waiting(server) {
      return ((await act('pin/list', { server }))['pins'] ?? []) as Waiting[];
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}
