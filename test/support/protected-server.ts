// An MCP server that asks people to sign in, with its authorization server: codes with PKCE, rotating refresh tokens, no pages.
import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { answerJson, startHttpUpstream } from './http-upstream.ts';
import type { SeenRequest } from './http-upstream.ts';
import { mcpByHand } from './mcp-by-hand.ts';
import type { ByHand } from './mcp-by-hand.ts';

export interface AuthorizationServer {
  readonly issuer: string;
  /** Whose account the next sign-in is for; undefined refuses with access_denied. */
  account: string | undefined;
  /** Changes what the metadata says. */
  metadata: (document: Record<string, unknown>) => Record<string, unknown>;
  /** Changes where the browser is sent back to. */
  answer: (back: URL) => void;
  /** Lifetime of the access tokens to come. */
  seconds: number;
  readonly registrations: Record<string, unknown>[];
  readonly requests: URLSearchParams[];
  readonly tokenRequests: URLSearchParams[];
  /** Holds answers of the token endpoint back until the promise resolves. */
  hold: Promise<void>;
  /** Account and scope of an access token that is good. */
  read(token: string): { readonly account: string; readonly scope: string } | undefined;
  /** Ends everything that was issued. */
  revoke(): void;
  /** Ends access tokens before their time. */
  expire(): void;
  /** Loses the clients that have registered. */
  forgetClients(): void;
  close(): Promise<void>;
}

interface Grant {
  readonly account: string;
  readonly query: URLSearchParams;
}

export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const clients = new Map<string, unknown>();
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  const accessTokens = new Map<string, Grant & { readonly untilMs: number }>();
  const upstream = await startHttpUpstream(handle);
  const issuer = new URL(upstream.url).origin;
  const server: AuthorizationServer = {
    issuer,
    account: 'dana@notes',
    metadata: (document) => document,
    answer: () => undefined,
    seconds: 3600,
    registrations: [],
    requests: [],
    tokenRequests: [],
    hold: Promise.resolve(),
    read(token) {
      const found = accessTokens.get(token);
      if (found === undefined || found.untilMs < Date.now()) return undefined;
      return { account: found.account, scope: found.query.get('scope') ?? '' };
    },
    revoke() {
      for (const issued of [codes, refreshTokens, accessTokens]) issued.clear();
    },
    expire: () => accessTokens.clear(),
    forgetClients: () => clients.clear(),
    close: async () => upstream[Symbol.asyncDispose](),
  };
  return server;

  async function handle(seen: SeenRequest, response: ServerResponse): Promise<void> {
    const url = new URL(seen.path, issuer);
    if (url.pathname === '/.well-known/oauth-authorization-server') {
      const document = {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
      };
      return answerJson(response, server.metadata(document));
    }
    if (url.pathname === '/register') {
      const asked = JSON.parse(seen.body.toString()) as Record<string, unknown>;
      server.registrations.push(asked);
      const secret = { client_secret: 'a secret of the client', client_secret_expires_at: 0 };
      const clientId = `client-${server.registrations.length}`;
      clients.set(clientId, asked['redirect_uris']);
      return answerJson(response, { ...asked, ...secret, client_id: clientId }, 201);
    }
    if (url.pathname === '/authorize') return authorize(url.searchParams, response);
    if (url.pathname === '/token') return token(seen, response);
    answerJson(response, {}, 404);
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    server.requests.push(query);
    const back = new URL(query.get('redirect_uri')!);
    // RFC 6749 §3.1.2.4: it sends nobody to an address that the client has not registered.
    const registered = clients.get(query.get('client_id')!) as readonly string[] | undefined;
    if (!registered?.includes(back.href)) return answerJson(response, { error: 'invalid_request' }, 400);
    back.searchParams.set('state', query.get('state')!);
    back.searchParams.set('iss', issuer);
    if (server.account === undefined) back.searchParams.set('error', 'access_denied');
    else back.searchParams.set('code', keep(codes, { account: server.account, query }));
    server.answer(back);
    response.writeHead(303, { location: back.href }).end();
  }

  async function token(seen: SeenRequest, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(seen.body.toString());
    server.tokenRequests.push(form);
    await server.hold;
    const given = form.get('code') ?? form.get('refresh_token') ?? '';
    const issued = form.get('grant_type') === 'refresh_token' ? refreshTokens : codes;
    const grant = issued.get(given);
    issued.delete(given);
    const verifier = createHash('sha256').update(form.get('code_verifier') ?? '');
    const proven = issued === refreshTokens || verifier.digest('base64url') === grant?.query.get('code_challenge');
    // RFC 6749 §4.1.3 and §6: what was issued is good for the same address and the same client.
    const sameAddress = issued === refreshTokens || form.get('redirect_uri') === grant?.query.get('redirect_uri');
    const sameClient = clientOf(seen) === grant?.query.get('client_id');
    if (grant === undefined || !proven || !sameAddress || !sameClient)
      return answerJson(response, { error: 'invalid_grant' }, 400);
    const access = keep(accessTokens, { ...grant, untilMs: Date.now() + server.seconds * 1000 });
    answerJson(response, {
      access_token: access,
      token_type: 'Bearer',
      expires_in: server.seconds,
      refresh_token: keep(refreshTokens, grant),
    });
  }
}

export interface ProtectedServer extends AsyncDisposable {
  readonly url: string;
  readonly authority: AuthorizationServer;
  /** Every message that came, with its token. */
  readonly seen: readonly SeenRequest[];
  /** Changes what the resource metadata says. */
  metadata: (document: Record<string, unknown>) => Record<string, unknown>;
  /** Scope that a method needs beyond the first one. */
  needs: (method: string) => string | undefined;
}

/** Its tools answer with the account that called them. @param spoken as `mcpByHand` takes it */
export async function startProtectedServer(spoken: ByHand = {}): Promise<ProtectedServer> {
  const authority = await startAuthorizationServer();
  const inner = mcpByHand({
    ...spoken,
    async handle(seen, response) {
      if ((await spoken.handle?.(seen, response)) === true) return true;
      const account = authority.read(tokenOf(seen))?.account ?? 'nobody';
      if (seen.message.method !== 'tools/call') return false;
      const modern = seen.headers['mcp-protocol-version'] === '2026-07-28' ? { resultType: 'complete' } : {};
      const result = { content: [{ type: 'text', text: account }], ...modern };
      answerJson(response, { jsonrpc: '2.0', id: seen.message.id, result });
      return true;
    },
  });
  const messages: SeenRequest[] = [];
  const upstream = await startHttpUpstream(async (seen, response) => {
    const origin = `http://${seen.headers.host}`;
    if (seen.path.startsWith('/.well-known/')) {
      const document = { resource: `${origin}/mcp`, authorization_servers: [authority.issuer] };
      if (seen.path !== '/.well-known/oauth-protected-resource/mcp') return answerJson(response, {}, 404);
      return answerJson(response, server.metadata(document));
    }
    messages.push(seen);
    const metadata = `resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
    const challenge = (status: number, params: string): void =>
      answerJson(response, {}, status, { 'www-authenticate': `Bearer ${params}, ${metadata}` });
    const held = authority.read(tokenOf(seen));
    if (held === undefined) return challenge(401, 'error="invalid_token", scope="notes:read"');
    const needed = server.needs(seen.message?.method ?? '');
    if (needed !== undefined && !held.scope.split(' ').includes(needed))
      return challenge(403, `error="insufficient_scope", scope="${needed}"`);
    return inner(seen, response);
  });
  const server: ProtectedServer = {
    url: `${new URL(upstream.url).origin}/mcp`,
    authority,
    seen: messages,
    metadata: (document) => document,
    needs: () => undefined,
    async [Symbol.asyncDispose]() {
      await Promise.all([upstream[Symbol.asyncDispose](), authority.close()]);
    },
  };
  return server;
}

export const tokenOf = ({ headers }: SeenRequest): string => (headers.authorization ?? '').replace(/^Bearer /, '');

const clientOf = ({ headers }: SeenRequest): string | undefined =>
  Buffer.from((headers.authorization ?? '').replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':')[0];

function keep<Kept>(where: Map<string, Kept>, what: Kept): string {
  const name = randomBytes(16).toString('base64url');
  where.set(name, what);
  return name;
}
