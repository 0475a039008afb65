// A stand-in OpenID provider for tests: signs in whoever the test says, without a page, and misbehaves on demand.
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey } from 'jose';

export interface StandInPerson {
  readonly sub: string;
  readonly name?: string;
  readonly preferred_username?: string;
  readonly groups?: readonly string[];
  /** When they gave their credentials; not said by default. */
  readonly auth_time?: number;
}

export interface OidcStandIn {
  readonly issuer: string;
  /** Who signs in next; `undefined` refuses with access_denied. */
  person: StandInPerson | undefined;
  /** Changes the claims of the next ID tokens, e.g. to a wrong nonce. */
  tamper: (claims: Record<string, unknown>) => Record<string, unknown>;
  /** Signs the next ID tokens; the published key set stays as it is. */
  signingKey: CryptoKey;
  /** Every authorization request that arrived. */
  readonly requests: URLSearchParams[];
  close(): Promise<void>;
}

/** @param port 0 takes a free port */
export async function startOidcStandIn(port = 0): Promise<OidcStandIn> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'stand-in', alg: 'ES256', use: 'sig' };
  const codes = new Map<string, { person: StandInPerson; query: URLSearchParams }>();
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  await listen(server, port);
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const standIn: OidcStandIn = {
    issuer,
    person: { sub: 'dana', name: 'Dana Sato', preferred_username: 'dana@example.com', groups: ['dev-team'] },
    tamper: (claims) => claims,
    signingKey: privateKey,
    requests: [],
    close: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
  return standIn;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname === '/.well-known/openid-configuration') return json(response, 200, metadata(issuer));
    if (url.pathname === '/jwks') return json(response, 200, { keys: [jwk] });
    if (url.pathname === '/authorize') return authorize(url.searchParams, response);
    if (url.pathname === '/token') return token(new URLSearchParams(await bodyOf(request)), response);
    json(response, 404, {});
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    standIn.requests.push(query);
    const target = new URL(query.get('redirect_uri')!);
    target.searchParams.set('state', query.get('state')!);
    if (standIn.person === undefined) target.searchParams.set('error', 'access_denied');
    else {
      const code = randomBytes(16).toString('base64url');
      codes.set(code, { person: standIn.person, query });
      target.searchParams.set('code', code);
    }
    response.writeHead(303, { location: target.href }).end();
  }

  async function token(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const found = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (found === undefined || challenge !== found.query.get('code_challenge'))
      return json(response, 400, { error: 'invalid_grant' });
    const now = Math.floor(Date.now() / 1000);
    const nonce = found.query.get('nonce');
    const claims = { iss: issuer, aud: found.query.get('client_id'), iat: now, exp: now + 300, nonce, ...found.person };
    const idToken = await new SignJWT(standIn.tamper(claims))
      .setProtectedHeader({ alg: 'ES256', kid: 'stand-in' })
      .sign(standIn.signingKey);
    json(response, 200, { access_token: 'sign-in-token-of-the-provider', token_type: 'Bearer', id_token: idToken });
  }
}

const metadata = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
  code_challenge_methods_supported: ['S256'],
});

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
