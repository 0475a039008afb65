// The Entra stand-in, judged by Microsoft's own library: what MSAL does against Entra ID it does against the stand-in.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node';
import type { AuthenticationResult, NodeAuthOptions } from '@azure/msal-node';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { createCertificate, startEntra } from './support/entra.ts';
import type { Entra, Registration, User } from './support/entra.ts';

const redirectUri = 'http://localhost:7300/auth/callback';
const certificate = createCertificate({ name: 'genkan', key: 'rsa' });

let entra: Entra;
let api: Registration;
let client: Registration;
let dana: User;

before(async () => {
  entra = await startEntra();
  entra.trust();
  api = entra.addApp({
    identifierUri: 'api://genkan',
    scopes: ['access'],
    secret: 'secret of the api',
    optionalClaims: { accessToken: ['xms_cc', 'idtyp'] },
  });
  client = entra.addApp({
    redirectUris: [redirectUri],
    secret: 'secret of the client',
    certificatePem: certificate.pem,
    optionalClaims: { idToken: ['acrs', 'auth_time'] },
    permissions: { 'api://genkan': ['Robots'] },
  });
  dana = entra.addUser({ upn: 'dana@contoso.example', name: 'Dana Sato', groups: [entra.addGroup('makers')] });
  entra.signsIn = dana.oid;
});
after(() => entra[Symbol.asyncDispose]());

const confidential = (registration: Registration, credential: Partial<NodeAuthOptions>) =>
  new ConfidentialClientApplication({
    auth: {
      clientId: registration.clientId,
      authority: entra.authority,
      knownAuthorities: [entra.host],
      ...credential,
    },
  });
const signsInWithSecret = (more: Partial<NodeAuthOptions> = {}) =>
  confidential(client, { clientSecret: 'secret of the client', ...more });

interface Wish {
  readonly scopes?: string[];
  readonly claims?: string;
  readonly responseMode?: 'query' | 'form_post';
}

/** The whole way of a web application: address, code, tokens. */
async function signIn(app: ConfidentialClientApplication, wish: Wish = {}): Promise<AuthenticationResult> {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const nonce = randomBytes(16).toString('hex');
  const scopes = wish.scopes ?? [api.scope('access')];
  const request = { scopes, redirectUri, ...(wish.claims !== undefined && { claims: wish.claims }) };
  const address = await app.getAuthCodeUrl({
    ...request,
    nonce,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    responseMode: wish.responseMode ?? 'query',
  });
  const answer = await fetch(address, { redirect: 'manual' });
  const fields = wish.responseMode === 'form_post' ? formFields(await answer.text()) : queryOf(answer);
  assert.equal(fields.get('error'), null, fields.get('error_description') ?? '');
  return app.acquireTokenByCode({ ...request, nonce, code: fields.get('code')!, codeVerifier: verifier });
}

const queryOf = (answer: Response): URLSearchParams => new URL(answer.headers.get('location')!).searchParams;
const formFields = (html: string): URLSearchParams =>
  new URLSearchParams(
    [...html.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]): [string, string] => [name!, value!]),
  );

describe('a confidential client of MSAL', () => {
  test('signs in with code, PKCE and nonce, and gets a v2 access token', async () => {
    const result = await signIn(signsInWithSecret());
    assert.equal(result.account?.homeAccountId, `${dana.oid}.${entra.tenant}`);
    const claims = decodeJwt(result.accessToken);
    assert.deepEqual(
      [claims.aud, claims.iss, claims['azp'], claims['azpacr'], claims['scp'], claims['ver'], claims['idtyp']],
      [api.clientId, `${entra.authority}/v2.0`, client.clientId, '1', 'access', '2.0', 'user'],
    );
    assert.notEqual(claims.sub, decodeJwt(result.idToken).sub, 'the subject is pairwise');
  });

  test('is answered in a form where it asks for that', async () => {
    assert.equal((await signIn(signsInWithSecret(), { responseMode: 'form_post' })).account?.username, dana.upn);
  });

  test('gets tokens from its cache, by refresh, and for another resource', async () => {
    const app = signsInWithSecret();
    const { account, accessToken } = await signIn(app);
    const scopes = [api.scope('access')];
    const cached = await app.acquireTokenSilent({ account: account!, scopes });
    assert.deepEqual([cached.fromCache, cached.accessToken], [true, accessToken]);
    const fresh = await app.acquireTokenSilent({ account: account!, scopes, forceRefresh: true });
    assert.notEqual(fresh.accessToken, accessToken);
    const graph = await app.acquireTokenSilent({
      account: account!,
      scopes: ['https://graph.microsoft.com/User.Read'],
    });
    const claims = decodeJwt(graph.accessToken);
    assert.deepEqual([claims.aud, claims['ver']], ['https://graph.microsoft.com', '1.0']);
    assert.ok(decodeProtectedHeader(graph.accessToken)['nonce']);
  });
});
