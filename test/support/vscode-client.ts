// An MCP client as VS Code is one, by hand: what it sends in which order, from the first 401 to the token, over HTTP and a browser.
import assert from 'node:assert/strict';
import { randomBytes, hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const grantTypes = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'];
/** What it says of itself first. */
export const opening = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'Visual Studio Code', version: '1' },
};
const discovering = { accept: 'application/json', 'mcp-protocol-version': '2025-06-18' };

/** The document by which it names itself, for whoever serves it at `url`. */
export const clientDocument = (url: string): object => ({
  client_id: url,
  client_name: 'Visual Studio Code',
  client_uri: 'https://code.visualstudio.com',
  grant_types: grantTypes,
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
  token_endpoint_auth_method: 'none',
  application_type: 'native',
});

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

/** What a client finds out before it can ask anybody to sign in. */
export interface Introduced {
  readonly clientId: string;
  readonly resource: string;
  readonly scopes: string | undefined;
  readonly server: Record<string, string> & { readonly issuer: string };
}

export interface VsCode extends AsyncDisposable {
  readonly redirectUri: string;
  /** Follows a refusal to the authorization server; the client id is registered there unless it is the address of a document. */
  introduce(refusal: Response, document?: string): Promise<Introduced>;
  /** @param visit brings a browser to this address, and resolves once the person is through */
  signIn(introduced: Introduced, scope: string | undefined, visit: (url: string) => Promise<void>): Promise<Tokens>;
  refresh(introduced: Introduced, refreshToken: string): Promise<Response>;
  revoke(introduced: Introduced, token: string): Promise<Response>;
  /** A request of MCP 2025-11-25. */
  send(resource: string, method: string, params: object, token?: string, session?: string): Promise<Response>;
  /** Opens a session and calls the tool. @returns the text, or the refusal that it met */
  call(resource: string, tool: string, given: object, token: string): Promise<string | Response>;
}

export async function startVsCode(): Promise<VsCode> {
  const arrivals: URL[] = [];
  const loopback = createServer((request, response) => {
    const url = new URL(request.url!, redirectUri);
    if (url.pathname === '/' && url.searchParams.has('state')) arrivals.push(url);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>You can close this page now</h1>');
  });
  await new Promise<void>((resolve) => loopback.listen(0, '127.0.0.1', resolve));
  const redirectUri = `http://127.0.0.1:${(loopback.address() as AddressInfo).port}/`;

  async function register(endpoint: string, scope: string | undefined): Promise<string> {
    const body = {
      client_name: 'Visual Studio Code',
      client_uri: 'https://code.visualstudio.com',
      grant_types: grantTypes,
      response_types: ['code'],
      redirect_uris: [
        'https://insiders.vscode.dev/redirect',
        'https://vscode.dev/redirect',
        'http://127.0.0.1/',
        redirectUri,
      ],
      scope,
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    };
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 201);
    return ((await response.json()) as { client_id: string }).client_id;
  }

  async function introduce(refusal: Response, document?: string): Promise<Introduced> {
    const { metadata, scopes } = challengeIn(refusal);
    // RFC 9728 §3.3
    const described = (await json(metadata!)) as { resource: string; authorization_servers: [string] };
    assert.ok(refusal.url.startsWith(described.resource));
    const issuer = described.authorization_servers[0];
    const server = (await json(`${issuer}/.well-known/oauth-authorization-server`)) as Introduced['server'];
    assert.equal(server.issuer, issuer); // RFC 8414 §3.3
    assert.ok(document === undefined || (server as object as Flags).client_id_metadata_document_supported);
    const clientId = document ?? (await register(server['registration_endpoint']!, scopes));
    return { clientId, resource: described.resource, scopes, server };
  }

  const post = (address: string | undefined, form: Record<string, string>): Promise<Response> =>
    fetch(address!, { method: 'POST', body: new URLSearchParams(form) });

  const send: VsCode['send'] = (resource, method, params, token, session) => {
    const id = method.startsWith('notifications/') ? {} : { id: 1 };
    return fetch(resource, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream, application/json',
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(session !== undefined && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', ...id, method, params }),
    });
  };

  return {
    redirectUri,
    introduce,
    async signIn({ clientId, resource, server }, scope, visit) {
      const verifier = randomBytes(32).toString('base64url');
      const state = randomBytes(16).toString('base64'); // with + / =, as VS Code has it
      const asked = new URL(server['authorization_endpoint']!);
      const parameters = {
        client_id: clientId,
        response_type: 'code',
        state,
        code_challenge: hash('sha256', verifier, 'base64url'),
        code_challenge_method: 'S256',
        ...(scope !== undefined && { scope }),
        resource,
        redirect_uri: redirectUri,
      };
      for (const [name, value] of Object.entries(parameters)) asked.searchParams.set(name, value);
      await visit(asked.href);
      const { searchParams: back } = arrivals.at(-1)!;
      assert.equal(back.get('state'), state);
      assert.equal(back.get('iss'), server.issuer); // RFC 9207 §2.4
      const response = await post(server['token_endpoint'], {
        client_id: clientId,
        grant_type: 'authorization_code',
        code: back.get('code') ?? '',
        redirect_uri: redirectUri,
        code_verifier: verifier,
        resource,
      });
      assert.equal(response.status, 200, await response.clone().text());
      return (await response.json()) as Tokens;
    },
    refresh: ({ clientId, resource, server }, refreshToken) =>
      post(server['token_endpoint'], {
        client_id: clientId,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        resource,
      }),
    revoke: ({ clientId, server }, token) => post(server['revocation_endpoint'], { client_id: clientId, token }),
    send,
    async call(resource, tool, given, token) {
      const opened = await send(resource, 'initialize', opening, token);
      if (opened.status !== 200) return opened;
      await opened.text();
      const session = opened.headers.get('mcp-session-id')!;
      await (await send(resource, 'notifications/initialized', {}, token, session)).text();
      const called = await send(resource, 'tools/call', { name: tool, arguments: given }, token, session);
      if (called.status !== 200) return called;
      const message = lastMessage(await called.text()) as { result?: { content: [{ text: string }] } };
      assert.ok(message.result, JSON.stringify(message));
      return message.result.content[0].text;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => (loopback.close(() => resolve()), loopback.closeAllConnections())),
  };
}

interface Flags {
  readonly client_id_metadata_document_supported?: boolean;
}

async function json(address: string): Promise<unknown> {
  const response = await fetch(address, { headers: discovering });
  assert.equal(response.status, 200, address);
  return response.json();
}

/** The parts of a challenge that a client goes by (RFC 6750 §3, RFC 9728 §5.1). */
export function challengeIn({ headers }: Response): { error?: string; metadata?: string; scopes?: string } {
  const written = headers.get('www-authenticate') ?? '';
  const part = (name: string): string | undefined => new RegExp(`[ ,]${name}="([^"]*)"`).exec(written)?.[1];
  return { error: part('error'), metadata: part('resource_metadata'), scopes: part('scope') };
}

/** Answers come as JSON or as the last event of a stream. */
const lastMessage = (text: string): unknown =>
  JSON.parse(
    text
      .split('\n')
      .findLast((line) => line.startsWith('data: {'))
      ?.slice(6) ?? text,
  );
