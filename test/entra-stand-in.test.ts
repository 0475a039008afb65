// The Entra stand-in, judged by Microsoft's own library: what MSAL does against Entra ID it does against the stand-in.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { ManagedIdentityCredential } from '@azure/identity';
import {
  ConfidentialClientApplication,
  CryptoProvider,
  InteractionRequiredAuthError,
  PublicClientApplication,
} from '@azure/msal-node';
import type { AuthenticationResult, NodeAuthOptions } from '@azure/msal-node';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { launchChromium, withoutChromium } from './support/chromium.ts';
import { createCertificate, startEntra } from './support/entra.ts';
import type { Entra, Registration, User } from './support/entra.ts';
import { startGraph } from './support/graph.ts';

const redirectUri = 'http://localhost:7300/auth/callback';
const certificate = createCertificate({ name: 'genkan', key: 'rsa' });

let entra: Entra;
let api: Registration;
let client: Registration;
let tool: Registration;
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
  tool = entra.addApp({ redirectUris: ['http://localhost'], public: true });
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

  test('proves an authentication context when the claims parameter demands it, past its cache', async () => {
    const app = signsInWithSecret({ clientCapabilities: ['cp1'] });
    const plain = await signIn(app);
    assert.deepEqual(
      [decodeJwt(plain.accessToken)['acrs'], decodeJwt(plain.accessToken)['xms_cc']],
      [undefined, ['CP1']],
    );
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c1' } } });
    const wish = { account: plain.account!, scopes: [api.scope('access')], claims };
    await assert.rejects(app.acquireTokenSilent(wish), (error) => {
      assert.ok(error instanceof InteractionRequiredAuthError);
      assert.deepEqual(JSON.parse(error.claims), JSON.parse(claims), 'what to send the person back with');
      return true;
    });
    const proven = await signIn(app, { claims });
    assert.deepEqual(decodeJwt(proven.accessToken)['acrs'], ['c1']);
    assert.deepEqual(decodeJwt(proven.idToken)['acrs'], ['c1']);
    const again = await app.acquireTokenSilent({ ...wish, account: proven.account! });
    assert.deepEqual(decodeJwt(again.accessToken)['acrs'], ['c1'], 'the refresh token remembers what was proven');
  });

  test('must have the person sign in again when the sessions are revoked', async () => {
    const app = signsInWithSecret();
    const { account } = await signIn(app);
    entra.revokeSessions(dana.oid);
    const wish = { account: account!, scopes: [api.scope('access')], forceRefresh: true };
    await assert.rejects(app.acquireTokenSilent(wish), InteractionRequiredAuthError);
    await signIn(app);
  });

  test('acts on behalf of a person, from the cache the second time', async () => {
    const assertion = (await signIn(signsInWithSecret())).accessToken;
    const middle = confidential(api, { clientSecret: 'secret of the api' });
    const wish = { oboAssertion: assertion, scopes: ['https://graph.microsoft.com/User.Read'] };
    const first = await middle.acquireTokenOnBehalfOf(wish);
    const claims = decodeJwt(first!.accessToken);
    assert.deepEqual([claims['oid'], claims['appid'], claims['scp']], [dana.oid, api.clientId, 'User.Read']);
    assert.equal((await middle.acquireTokenOnBehalfOf(wish))?.fromCache, true);
  });

  test('may not act on behalf of an application, nor with a token for somebody else', async () => {
    const middle = confidential(api, { clientSecret: 'secret of the api' });
    const scopes = ['https://graph.microsoft.com/User.Read'];
    const robot = await signsInWithSecret().acquireTokenByClientCredential({ scopes: [api.scope('.default')] });
    assert.deepEqual(
      [decodeJwt(robot!.accessToken)['roles'], decodeJwt(robot!.accessToken)['idtyp']],
      [['Robots'], 'app'],
    );
    await assert.rejects(middle.acquireTokenOnBehalfOf({ oboAssertion: robot!.accessToken, scopes }), /AADSTS7000114/);
    const other = entra.addApp({ scopes: ['access'] });
    const elsewhere = await signIn(signsInWithSecret(), { scopes: [other.scope('access')] });
    await assert.rejects(
      middle.acquireTokenOnBehalfOf({ oboAssertion: elsewhere.accessToken, scopes }),
      /AADSTS500131/,
    );
  });

  test('is told what to ask the person for when a resource demands more than the sign-in proved', async () => {
    const vault = entra.addApp({ identifierUri: 'api://vault', scopes: ['read'] });
    entra.requireContext(vault.clientId, 'c2');
    const middle = confidential(api, { clientSecret: 'secret of the api' });
    const act = async (oboAssertion: string) =>
      middle.acquireTokenOnBehalfOf({ oboAssertion, scopes: [vault.scope('read')] });
    let claims = '';
    await assert.rejects(act((await signIn(signsInWithSecret())).accessToken), (error) => {
      assert.ok(error instanceof InteractionRequiredAuthError);
      claims = error.claims;
      return true;
    });
    assert.deepEqual(JSON.parse(claims), { access_token: { acrs: { essential: true, value: 'c2' } } });
    const stronger = await signIn(signsInWithSecret(), { claims });
    assert.equal(decodeJwt((await act(stronger.accessToken))!.accessToken).aud, vault.clientId);
  });

  test('proves itself with a certificate, and with the token of a managed identity', async () => {
    const { thumbprintSha256, privateKeyPem: privateKey, pem: x5c } = certificate;
    const signed = confidential(client, { clientCertificate: { thumbprintSha256, privateKey, x5c } });
    const scopes = [api.scope('.default')];
    const result = await signed.acquireTokenByClientCredential({ scopes });
    assert.equal(decodeJwt(result!.accessToken)['azpacr'], '2');

    entra.refuseReplayedAssertions = true;
    try {
      const again = signed.acquireTokenByClientCredential({ scopes, skipCache: true });
      await assert.rejects(again, /AADSTS700027.*second time/);
    } finally {
      entra.refuseReplayedAssertions = false;
    }
    assert.ok(await signed.acquireTokenByClientCredential({ scopes, skipCache: true }), 'as Entra ID does it');

    const stranger = createCertificate({ name: 'genkan', key: 'rsa' });
    const forged = { thumbprintSha256, privateKey: stranger.privateKeyPem };
    await assert.rejects(
      confidential(client, { clientCertificate: forged }).acquireTokenByClientCredential({ scopes }),
      /AADSTS700027/,
    );

    const identity = await entra.managedIdentity();
    Object.assign(process.env, identity.env);
    try {
      const credential = new ManagedIdentityCredential();
      const { token } = await credential.getToken('api://AzureADTokenExchange/.default');
      const federated = { issuer: `${entra.authority}/v2.0`, subject: identity.principalId };
      const workload = entra.addApp({ federated, permissions: { 'api://genkan': ['Robots'] } });
      const app = confidential(workload, { clientAssertion: token });
      assert.ok(await app.acquireTokenByClientCredential({ scopes }));
      const stolen = confidential(entra.addApp(), { clientAssertion: token });
      await assert.rejects(stolen.acquireTokenByClientCredential({ scopes }), /AADSTS700211/);
    } finally {
      for (const name of Object.keys(identity.env)) delete process.env[name];
    }
  });
});

describe('a public client of MSAL', () => {
  const publicApp = () =>
    new PublicClientApplication({
      auth: { clientId: tool.clientId, authority: entra.authority, knownAuthorities: [entra.host] },
    });
  const scopes = (): string[] => [api.scope('access')];

  test('signs in with a device code', async () => {
    const codes: string[] = [];
    const result = await publicApp().acquireTokenByDeviceCode({
      scopes: scopes(),
      deviceCodeCallback({ userCode }) {
        codes.push(userCode);
        entra.approveDevice(userCode);
      },
    });
    assert.equal(codes.length, 1);
    assert.deepEqual([result?.account?.username, decodeJwt(result!.accessToken)['azpacr']], [dana.upn, '0']);
  });

  test('signs in through the browser of the person, on any loopback port', async () => {
    const result = await publicApp().acquireTokenInteractive({
      scopes: scopes(),
      // A browser reduced to one form that is sent on.
      async openBrowser(address) {
        const page = await (await fetch(address)).text();
        const [, action = ''] = /action="([^"]*)"/.exec(page) ?? [];
        const url = action.replace(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)));
        await (await fetch(url, { method: 'POST', body: formFields(page) })).text();
      },
    });
    assert.equal(result.account?.localAccountId, dana.oid);
  });
});

describe('the refusals of Entra ID', () => {
  const authorize = async (more: Record<string, string> = {}, registration = client) => {
    const fields = { client_id: registration.clientId, redirect_uri: redirectUri, response_type: 'code', state: 's' };
    const query = new URLSearchParams({ ...fields, scope: `openid profile ${api.scope('access')}`, ...more });
    return fetch(`${entra.authority}/oauth2/v2.0/authorize?${query}`, { redirect: 'manual' });
  };
  const refusal = async (more: Record<string, string>) => {
    const query = queryOf(await authorize(more));
    return `${query.get('error')} ${/AADSTS\d+/.exec(query.get('error_description') ?? '')?.[0]}`;
  };
  const redeem = async (form: Record<string, string>): Promise<Record<string, unknown>> => {
    const fields = {
      client_id: client.clientId,
      client_secret: 'secret of the client',
      grant_type: 'authorization_code',
    };
    const body = new URLSearchParams({ ...fields, redirect_uri: redirectUri, ...form });
    return (await (await fetch(`${entra.authority}/oauth2/v2.0/token`, { method: 'POST', body })).json()) as never;
  };
  const codesOf = (answer: Record<string, unknown>) => answer['error_codes'];

  test('refuses `resource` and scopes that Graph does not know', async () => {
    assert.equal(await refusal({ resource: 'https://genkan.example/mcp' }), 'invalid_target AADSTS9010010');
    assert.equal(await refusal({ scope: 'openid access' }), 'invalid_client AADSTS650053');
    assert.equal(await refusal({ prompt: 'none' }), 'login_required AADSTS50058');
    assert.equal(await refusal({}), 'null undefined', 'the control');
  });

  test('never redirects to an address that is not registered to the letter', async () => {
    for (const redirect_uri of [
      `${redirectUri}/`,
      'https://localhost:7300/auth/callback',
      'http://localhost/auth/Callback',
    ]) {
      const answer = await authorize({ redirect_uri });
      assert.equal(answer.status, 400, redirect_uri);
      assert.match(await answer.text(), /AADSTS50011/);
    }
    assert.equal(
      (await authorize({ redirect_uri: 'http://localhost:1/auth/callback' })).status,
      302,
      'the port is free',
    );
  });

  test('takes a code once, within a minute, for its client and redirect URI, with the verifier', async () => {
    const code = async (more = {}) => queryOf(await authorize(more)).get('code')!;
    const once = await code();
    assert.ok((await redeem({ code: once }))['access_token']);
    assert.deepEqual(codesOf(await redeem({ code: once })), [54005]);
    assert.deepEqual(
      codesOf(await redeem({ code: await code(), redirect_uri: 'http://localhost:1/auth/callback' })),
      [500112],
    );
    const challenge = { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };
    assert.deepEqual(codesOf(await redeem({ code: await code(challenge) })), [501481]);
    assert.deepEqual(codesOf(await redeem({ code: await code(challenge), code_verifier: 'y'.repeat(43) })), [501481]);
    assert.deepEqual(codesOf(await redeem({ code: await code(), client_secret: 'wrong' })), [7000215]);
    const late = await code();
    entra.advance(61_000);
    assert.deepEqual(codesOf(await redeem({ code: late })), [70008]);
    entra.advance(-61_000);
  });

  test('says so in the shape of Entra ID', async () => {
    const answer = await redeem({ code: 'made up' });
    assert.deepEqual(Object.keys(answer), [
      ...['error', 'error_description', 'error_codes', 'timestamp', 'trace_id', 'correlation_id', 'error_uri'],
    ]);
    entra.failTokens(50196, 'The server terminated an operation because it encountered a loop.', {
      status: 429,
      retryAfter: 7,
    });
    assert.deepEqual(codesOf(await redeem({ code: 'any' })), [50196]);
  });
});

describe('tokens', () => {
  test('of version 1 name another issuer and audience, and how the person signed in', async () => {
    const old = entra.addApp({ identifierUri: 'api://old', scopes: ['access'], accessTokenVersion: 1 });
    const { accessToken } = await signIn(signsInWithSecret(), { scopes: [old.scope('access')] });
    const { aud, iss, ver, amr, appid } = decodeJwt(accessToken) as Record<string, unknown>;
    assert.deepEqual(
      { aud, iss, ver, amr, appid },
      {
        aud: 'api://old',
        iss: `https://sts.windows.net/${entra.tenant}/`,
        ver: '1.0',
        amr: ['pwd'],
        appid: client.clientId,
      },
    );
  });

  test('point to the groups of a person who has more than fit in', async () => {
    entra.overageThreshold = 0;
    try {
      const claims = decodeJwt((await signIn(signsInWithSecret())).idToken) as Record<string, any>;
      assert.equal(claims['groups'], undefined);
      assert.match(claims['_claim_sources'].src1.endpoint, /graph\.windows\.net/);
    } finally {
      entra.overageThreshold = 200;
    }
    assert.deepEqual(decodeJwt((await signIn(signsInWithSecret())).idToken)['groups'], dana.groups);
  });

  test('are signed with the newest key, which the key set shows at once', async () => {
    const keys = (options = {}) => createRemoteJWKSet(new URL(`${entra.authority}/discovery/v2.0/keys`), options);
    const before = keys({ cooldownDuration: 600_000 });
    const old = (await signIn(signsInWithSecret())).idToken;
    await jwtVerify(old, before);
    const { kid } = entra.rotateKeys({ withdraw: true });
    const fresh = (await signIn(signsInWithSecret())).idToken;
    assert.equal(decodeProtectedHeader(fresh).kid, kid);
    await jwtVerify(fresh, keys());
    await assert.rejects(jwtVerify(old, keys()), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
    await assert.rejects(jwtVerify(fresh, before), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'the control: an old key set');
  });
});

test('Graph challenges a client that can take it when the sessions are revoked, and leaves the others alone', async () => {
  await using graph = await startGraph(entra);
  const scopes = ['https://graph.microsoft.com/User.Read'];
  const capable = await signIn(signsInWithSecret({ clientCapabilities: ['cp1'] }), { scopes });
  const plain = await signIn(signsInWithSecret(), { scopes });
  const me = (token: string) => fetch(`${graph.url}/v1.0/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.ok(capable.expiresOn!.getTime() - Date.now() > 20 * 3_600_000, 'such a token lives long');
  assert.ok(((await (await me(capable.accessToken)).json()) as Record<string, unknown>)['mobilePhone']);
  entra.revokeSessions(dana.oid);
  const answer = await me(capable.accessToken);
  assert.equal(answer.status, 401);
  const challenge = answer.headers.get('www-authenticate')!;
  assert.match(challenge, /error="insufficient_claims"/);
  const [, claims = ''] = /claims="([^"]+)"/.exec(challenge)!;
  assert.ok(JSON.parse(Buffer.from(claims, 'base64').toString()).access_token.nbf.essential);
  assert.equal((await me(plain.accessToken)).status, 200);
});

test('accounts of other tenants come in by `organizations`, to an application that is for all of them', async () => {
  const elsewhere = entra.addTenant();
  const omar = entra.addUser({ upn: 'omar@fabrikam.example', name: 'Omar Haddad', tenant: elsewhere });
  const everybodys = entra.addApp({ redirectUris: [redirectUri], secret: 'everybody', multiTenant: true });
  const authority = `${entra.origin}/organizations`;
  entra.signsIn = omar.oid;
  try {
    const app = confidential(everybodys, { clientSecret: 'everybody', authority });
    const { idToken, account } = await signIn(app, { scopes: ['User.Read'] });
    assert.deepEqual([decodeJwt(idToken)['tid'], account?.tenantId], [elsewhere, elsewhere]);
    assert.equal(decodeJwt(idToken).iss, `${entra.origin}/${elsewhere}/v2.0`);
    const discovery = await fetch(`${authority}/v2.0/.well-known/openid-configuration`);
    const { issuer } = (await discovery.json()) as { issuer: string };
    assert.equal(issuer, `${entra.origin}/{tenantid}/v2.0`, 'a template, which no token equals');

    const query = { client_id: client.clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid' };
    const single = await fetch(`${authority}/oauth2/v2.0/authorize?${new URLSearchParams(query)}`);
    assert.match(await single.text(), /AADSTS50194/);
  } finally {
    entra.signsIn = dana.oid;
  }
});

test(
  'in a browser: chooses an account, approves a second factor, and is not asked again',
  { skip: withoutChromium },
  async () => {
    entra.signsIn = undefined;
    await using chrome = await launchChromium();
    try {
      const context = await chrome.newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      const answers: URLSearchParams[] = [];
      await context.route(
        (url) => url.href.startsWith(redirectUri),
        (route) => {
          const request = route.request();
          answers.push(new URLSearchParams(request.postData() ?? new URL(request.url()).search));
          return route.fulfill({ body: 'the client has what it needs' });
        },
      );
      const open = async (more: Record<string, string>) => {
        const fields = { client_id: client.clientId, redirect_uri: redirectUri, response_type: 'code' };
        const query = new URLSearchParams({ ...fields, scope: `openid ${api.scope('access')}`, ...more });
        await page.goto(`${entra.authority}/oauth2/v2.0/authorize?${query}`);
      };
      const claims = JSON.stringify({ id_token: { acrs: { essential: true, value: 'c1' } } });
      await open({ claims, state: 'first' });
      await page.getByRole('button', { name: 'Dana Sato' }).click();
      assert.match(await page.locator('body').innerText(), /Demanded: c1/);
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.waitForURL(`${redirectUri}?*`);
      await open({ claims, state: 'second', response_mode: 'form_post' });
      await page.waitForURL(redirectUri);
      assert.deepEqual(
        answers.map((each) => [each.get('state'), each.has('code')]),
        [
          ['first', true],
          ['second', true],
        ],
      );
      await open({ prompt: 'login', state: 'third' });
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.waitForURL(`${redirectUri}?*`);
      assert.equal(answers.at(-1)!.get('error'), 'access_denied');
    } finally {
      entra.signsIn = dana.oid;
    }
  },
);
