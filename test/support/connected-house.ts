// A whole Genkan in front of a server that asks people to sign in, and people with browsers who can.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { accountId } from '../../src/identity/accounts.ts';
import { createBrowser } from './browser.ts';
import type { Arrival, Browser } from './browser.ts';
import { openTestHouse } from './house.ts';
import type { TestHouse } from './house.ts';
import type { ByHand } from './mcp-by-hand.ts';
import { startOidcStandIn } from './oidc-stand-in.ts';
import type { OidcStandIn } from './oidc-stand-in.ts';
import { startProtectedServer } from './protected-server.ts';
import type { ProtectedServer } from './protected-server.ts';

export interface ConnectedHouse extends AsyncDisposable {
  readonly house: TestHouse;
  readonly notes: ProtectedServer;
  /** Where people sign in to Genkan. */
  readonly provider: OidcStandIn;
  /** Says who uses the browsers that sign in from now on. */
  become(person: Person): void;
  /** Calls the tool `read` by plain HTTP and tells what came. */
  call(person: Person, more?: CallOptions): Promise<Called>;
  client(person: Person, mode: 'legacy' | 'modern', capabilities?: object): Promise<Client>;
}

export type Person = 'dana' | 'omar';

export interface CallOptions {
  /** `notes`, or `other` where the house has one. */
  readonly server?: 'notes' | 'other';
  readonly tool?: string;
  readonly capabilities?: object;
  readonly params?: object;
}

/** Either the account that the server knows the person by, or the address to sign in at. */
export interface Called {
  readonly account?: string;
  readonly url?: string;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> };
  readonly result?: Record<string, unknown>;
}

/**
 * @param authorization settings of the server that differ from the least ones
 * @param other a second server that dana may use
 */
export async function openConnectedHouse({
  authorization = {},
  spoken = {},
  other,
}: { authorization?: object; spoken?: ByHand; other?: ProtectedServer } = {}): Promise<ConnectedHouse> {
  await using opened = new AsyncDisposableStack();
  const notes = opened.use(await startProtectedServer(spoken));
  const provider = await startOidcStandIn();
  opened.defer(() => provider.close());
  const user = (name: Person) => ({ user: accountId(provider.issuer, name) });
  const house = opened.use(
    await openTestHouse(
      {
        servers: {
          notes: { url: notes.url, authorization: { as: 'person', ...authorization } },
          ...(other && { other: { url: other.url, authorization: { as: 'person' } } }),
        },
        access: {
          assignments: [
            { principal: user('dana'), role: 'MCP User', scope: '/servers/notes' },
            ...(other ? [{ principal: user('dana'), role: 'MCP User', scope: '/servers/other' }] : []),
            { principal: user('omar'), role: 'MCP User', scope: '/servers/notes' },
            { principal: user('omar'), role: 'Genkan Operator', scope: '/' },
          ],
        },
      },
      provider.issuer,
    ),
  );
  const connected: Omit<ConnectedHouse, keyof AsyncDisposable> = {
    house,
    notes,
    provider,
    become(person) {
      provider.person = { sub: person, name: person, preferred_username: `${person}@example.com`, groups: [] };
    },

    async call(person, { server = 'notes', tool = 'read', capabilities = {}, params = {} } = {}) {
      const meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'by hand', version: '0' },
        'io.modelcontextprotocol/clientCapabilities': capabilities,
      };
      const answer = await fetch(`${house.url}/mcp/${server}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await house.token(person, server)}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': tool,
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: tool, arguments: {}, ...params, _meta: meta },
        }),
      });
      const { error, result } = (await answer.json()) as Called;
      const [content] = (result?.['content'] ?? []) as readonly { text: string }[];
      return { account: content?.text, url: error?.data?.['url'] as string | undefined, error, result };
    },

    async client(person, mode, capabilities = {}) {
      const client = new Client(
        { name: 'assistant', version: '1.0.0' },
        { capabilities, versionNegotiation: { mode: mode === 'modern' ? { pin: '2026-07-28' } : 'legacy' } },
      );
      const headers = { authorization: `Bearer ${await house.token(person, 'notes')}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${house.url}/mcp/notes`), { requestInit: { headers } }),
      );
      return client;
    },
  };
  connected.become('dana');
  const everything = opened.move();
  return { ...connected, [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

/** Opens the address that an assistant has shown, and goes where it leads. */
export const openAddress = (url: string, browser: Browser = createBrowser()): Promise<Arrival> =>
  browser.follow(url, () => false);

/** Opens it and stops before the authorization server sends the browser back. */
export async function untilCallback(url: string, browser: Browser = createBrowser()): Promise<URL> {
  return (await browser.follow(url, ({ pathname }) => pathname.startsWith('/connect/callback/'))).url;
}
