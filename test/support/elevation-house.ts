// A house in which dana may look at virtual machines, and is eligible to delete them for a while by the rules of Azure PIM's file.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Principal } from '../../src/base/principal.ts';
import type { StoredEntry } from '../../src/record/entry.ts';
import { openTestHouse } from './house.ts';
import type { TestHouse } from './house.ts';
import { startHttpUpstream } from './http-upstream.ts';
import { mcpByHand } from './mcp-by-hand.ts';
import { modern, post } from './mcp-post.ts';
import type { Posted } from './mcp-post.ts';

const subscription = '00000000-0000-0000-0000-000000000001';
export const devGroups = `/subscriptions/${subscription}/resourceGroups/dev-*`;
export const devWeb = `/subscriptions/${subscription}/resourceGroups/dev-web`;
export const deleter = 'Virtual Machine Contributor';
/** The authentication context that proves a second factor. */
export const mfa = 'c1';
/** As Azure PIM has it, unedited. */
export const jitFile = path.join(import.meta.dirname, '..', 'golden', 'elevation', 'jit-settings.json');
export const issuer = 'http://127.0.0.1:9';

export interface ElevationHouse extends AsyncDisposable {
  readonly house: TestHouse;
  readonly settings: Record<string, unknown>;
  /** Carries out an operation over REST with a token. */
  api(token: string, operation: string, input?: object, at?: string): Promise<Answer>;
  /** As the command line on this machine does it. */
  order(operation: string, input?: object): Promise<Answer>;
  /** Deletes a virtual machine over MCP; what it is answered. */
  deletes(token: string, at?: string): Promise<Posted['message']>;
  records(): Promise<readonly StoredEntry[]>;
}

export interface Answer {
  readonly status: number;
  /** Code of the refusal; empty where there is none. */
  readonly code: string;
  // The shape is the operation's own, and what tests look at.
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

interface Differences {
  readonly elevation?: object;
  readonly breakGlass?: object;
  readonly contexts?: object;
  readonly identity?: object;
}

export async function openElevationHouse({
  elevation,
  breakGlass,
  contexts = { mfa },
  identity,
}: Differences = {}): Promise<ElevationHouse> {
  await using opened = new AsyncDisposableStack();
  const tool = { name: 'compute_vm_delete', inputSchema: { type: 'object' } };
  const upstream = opened.use(await startHttpUpstream(mcpByHand({ tools: [tool] })));
  const settings = {
    servers: { azure: { url: upstream.url } },
    identity: {
      provider: { issuer, allowInsecureIssuer: true, clientId: 'test' },
      conditionalAccess: { contexts },
      ...identity,
    },
    access: {
      maps: { azure: { map: 'azure', defaultSubscription: subscription } },
      assignments: [
        { principal: { group: 'makers' }, role: 'MCP User', scope: '/servers/azure' },
        { principal: { group: 'makers' }, role: 'Reader', scope: devGroups },
      ],
      elevation: {
        settings: jitFile,
        eligible: [{ principal: { group: 'makers' }, role: deleter, scope: devGroups }],
        ...elevation,
      },
      ...(breakGlass && { breakGlass }),
    },
  };
  const house = opened.use(await openTestHouse(settings));
  const stack = opened.move();
  return {
    house,
    settings,
    async api(token, operation, input = {}, at = house.url) {
      return answerOf(await post(`${at}/api/${operation}`, input, { token }));
    },
    async order(operation, input = {}) {
      const key = readFileSync(path.join(house.dataDirectory, 'keys', 'operator.key'), 'utf8').trim();
      return answerOf(
        await post(`${house.url}/api/${operation}`, input, { headers: { authorization: `Operator ${key}` } }),
      );
    },
    async deletes(token, at = house.url) {
      const { body, headers } = modern('tools/call', {
        name: tool.name,
        arguments: { 'resource-group': 'dev-web', 'vm-name': 'web-1' },
      });
      return (await post(`${at}/mcp/azure`, body, { token, headers })).message;
    },
    records: () => house.house.audit.list({ limit: 1000 }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const answerOf = ({ status, body }: Posted): Answer => {
  const parsed = JSON.parse(body) as { code?: string };
  return { status, code: parsed.code ?? '', body: parsed };
};

export const principalOf = async ({ house }: ElevationHouse, name: string): Promise<Principal> =>
  (await house.house.people.find(name))!;

/** Polls until something is so. */
export async function until<Value>(look: () => Promise<Value | undefined | false>, withinMs = 15_000): Promise<Value> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadlineMs) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
