// An MCP client as far as OAuth goes: discovery, registration, sign-in, consent and tokens, by the strict library oauth4webapi.
import * as oauth from 'oauth4webapi';
import { createBrowser } from './browser.ts';
import type { Arrival, Browser } from './browser.ts';

export const insecure = { [oauth.allowInsecureRequests]: true } as const;

export interface Registered {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
}

export async function discover(publicUrl: string): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(publicUrl);
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  return oauth.processDiscoveryResponse(issuer, response);
}

/** Registers a client (RFC 7591); `metadata` replaces the defaults of a web client with one https redirect URI. */
export async function register(publicUrl: string, metadata: Record<string, unknown> = {}): Promise<Registered> {
  const server = await discover(publicUrl);
  const asked = {
    client_name: 'Test client',
    redirect_uris: ['https://client.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    ...metadata,
  };
  const response = await oauth.dynamicClientRegistrationRequest(server, asked as Partial<oauth.Client>, insecure);
  return { server, client: await oauth.processDynamicClientRegistrationResponse(response) };
}

export interface Asked {
  readonly url: URL;
  readonly verifier: string;
  readonly state: string;
}

/** An authorization request; a parameter set to `undefined` is left out. */
export async function authorizationRequest(
  { server, client }: Registered,
  parameters: Record<string, string | undefined>,
): Promise<Asked> {
  const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()];
  const all = {
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: (client.redirect_uris as string[] | undefined)?.[0],
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...parameters,
  };
  const url = new URL(server.authorization_endpoint!);
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.set(name, value);
  return { url, verifier, state };
}

/** Opens an authorization request and signs in; ends on the consent page, an error page, or back at the client. */
export function open(browser: Browser, { url }: Asked): Promise<Arrival> {
  return browser.follow(url, leavesFor(url));
}

/** Answers the consent page. */
export function answer(browser: Browser, page: Arrival, decision: 'approve' | 'deny'): Promise<Arrival> {
  return browser.submit(page.url, page.page!, { decision }, leavesFor(page.url));
}

const leavesFor = (home: URL) => (location: URL) =>
  location.hostname !== home.hostname || location.pathname.startsWith('/callback');

export interface Authorized extends Registered {
  readonly browser: Browser;
  readonly redirectUri: string;
  readonly callback: URL;
  readonly asked: Asked;
}

/** The way of a person up to the code: sign in, approve. */
export async function authorize(
  registered: Registered,
  parameters: Record<string, string | undefined>,
  browser = createBrowser(),
): Promise<Authorized> {
  const asked = await authorizationRequest(registered, parameters);
  let arrival = await open(browser, asked);
  if (arrival.page !== undefined) arrival = await answer(browser, arrival, 'approve');
  if (arrival.page !== undefined) throw new Error(`no way back to the client: ${arrival.page}`);
  return {
    ...registered,
    browser,
    redirectUri: asked.url.searchParams.get('redirect_uri')!,
    callback: arrival.url,
    asked,
  };
}

/** Exchanges the code for tokens. */
export async function exchange({
  server,
  client,
  callback,
  asked,
  redirectUri,
}: Authorized): Promise<oauth.TokenEndpointResponse> {
  const parameters = oauth.validateAuthResponse(server, client, callback, asked.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    asked.verifier,
    insecure,
  );
  return oauth.processAuthorizationCodeResponse(server, client, response);
}

/** Everything at once: register, sign in, approve, exchange. */
export async function obtainTokens(publicUrl: string, resource: string, metadata?: Record<string, unknown>) {
  const authorized = await authorize(await register(publicUrl, metadata), { resource });
  return { ...authorized, tokens: await exchange(authorized) };
}

/** The raw answer of the token endpoint to a form. */
export function postToken(server: oauth.AuthorizationServer, form: Record<string, string>): Promise<Response> {
  return fetch(server.token_endpoint!, { method: 'POST', body: new URLSearchParams(form) });
}

export const refresh = ({ server, client }: Registered, refreshToken: string): Promise<Response> =>
  postToken(server, { grant_type: 'refresh_token', client_id: client.client_id, refresh_token: refreshToken });
