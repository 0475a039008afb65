// A whole Genkan whose people sign in with Entra ID, in front of servers that act as them; with stand-ins for Entra ID, Graph and Azure.
import { createBrowser } from './browser.ts';
import type { Arrival, Browser } from './browser.ts';
import { startEntra } from './entra.ts';
import type { Entra, Registration, User } from './entra.ts';
import { startGraph } from './graph.ts';
import type { Graph } from './graph.ts';
import { openTestHouse } from './house.ts';
import type { TestHouse } from './house.ts';
import { modern, post } from './mcp-post.ts';
import type { Posted } from './mcp-post.ts';
import { authorizationRequest, exchange, register } from './oauth-client.ts';

export interface Stands {
  readonly entra: Entra;
  readonly graph: Graph;
  /** Genkan at Entra ID. */
  readonly app: Registration;
  readonly dana: User;
  readonly omar: User;
}

export interface CallerHouse extends Stands, AsyncDisposable {
  readonly house: TestHouse;
  /** Signs a person in and a client along with them. @returns the client's token for a server */
  signIn(user: User, server: string, browser?: Browser): Promise<string>;
  call(token: string, server: string, tool: string, more?: CallOptions): Promise<Posted>;
  /** Opens the address that a refusal names, as this person. */
  openAddress(user: User, url: string, browser?: Browser): Promise<Arrival>;
}

export interface CallOptions {
  readonly args?: object;
  readonly capabilities?: object;
  readonly params?: object;
}

export const idOf = ({ oid, tid }: User): string => `${oid}@${tid}`;

/**
 * @param servers settings of the servers, which may want to know who stands where
 * @param more parts of `access` and of `identity` besides
 */
export async function openCallerHouse(
  servers: (stands: Stands) => Record<string, object> | Promise<Record<string, object>>,
  more: (stands: Stands) => { readonly access?: object; readonly identity?: object } = () => ({}),
): Promise<CallerHouse> {
  await using opened = new AsyncDisposableStack();
  const entra = opened.use(await startEntra());
  entra.trust();
  const graph = opened.use(await startGraph(entra));
  entra.state.directory.graph.application.identifierUris.push(graph.url);
  const secret = 'a~secret-of-genkan';
  process.env['GENKAN_TEST_ENTRA_SECRET'] = secret;
  const app = entra.addApp({
    scopes: ['access'],
    secret,
    optionalClaims: { idToken: ['acrs'], accessToken: ['acrs', 'xms_cc'] },
  });
  const dana = entra.addUser({ upn: 'dana@contoso.example', name: 'Dana Sato', profile: { jobTitle: 'Engineer' } });
  const omar = entra.addUser({ upn: 'omar@contoso.example', name: 'Omar Haddad', profile: { jobTitle: 'Operator' } });
  const stands = { entra, graph, app, dana, omar };
  const settings = await servers(stands);
  const assignments = [dana, omar].flatMap((user) =>
    Object.keys(settings).map((server) => ({
      principal: { user: idOf(user) },
      role: 'Owner',
      scope: `/servers/${server}`,
    })),
  );
  const house = opened.use(
    await openTestHouse({
      identity: {
        provider: {
          tenant: entra.tenant,
          clientId: app.clientId,
          credential: { secret: { source: 'env', name: 'GENKAN_TEST_ENTRA_SECRET' } },
          apiScope: app.scope('access'),
          authorityHost: entra.authorityHost,
          graphUrl: graph.url,
        },
        ...more(stands).identity,
      },
      servers: settings,
      access: { assignments, ...more(stands).access },
    }),
  );
  app.application.web.redirectUris.push(`${house.url}/auth/callback`);
  const everything = opened.move();
  return {
    ...stands,
    house,
    async signIn(user, server, browser = createBrowser()) {
      entra.signsIn = user.oid;
      const registered = await register(house.url);
      const asked = await authorizationRequest(registered, { resource: `${house.url}/mcp/${server}` });
      const redirectUri = asked.url.searchParams.get('redirect_uri')!;
      const isBack = ({ href }: URL): boolean => href.startsWith(redirectUri);
      let arrival = await browser.follow(asked.url, isBack);
      if (arrival.page?.includes('name="decision"') === true)
        arrival = await browser.submit(arrival.url, arrival.page, { decision: 'approve' }, isBack);
      if (!isBack(arrival.url)) throw new Error(`the sign-in ended at ${arrival.url.pathname}: ${arrival.page ?? ''}`);
      const tokens = await exchange({ ...registered, browser, redirectUri, callback: arrival.url, asked });
      return tokens.access_token;
    },
    call(token, server, tool, { args = {}, capabilities = {}, params = {} } = {}) {
      const { body, headers } = modern('tools/call', { name: tool, arguments: args, ...params });
      const { params: sent } = body as { params: { _meta: Record<string, unknown> } };
      sent._meta['io.modelcontextprotocol/clientCapabilities'] = capabilities;
      return post(`${house.url}/mcp/${server}`, body, { token, headers });
    },
    openAddress(user, url, browser = createBrowser()) {
      entra.signsIn = user.oid;
      return browser.follow(url, () => false);
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

export const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{}') as Record<string, unknown>;

export const textIn = ({ message }: Posted): string =>
  (message.result?.['content'] as [{ text: string }] | undefined)?.[0].text ?? JSON.stringify(message);
