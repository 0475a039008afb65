// The grants of the Entra stand-in's token endpoint: code, refresh token, on behalf of, client credentials, device code.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { jwtVerify } from 'jose';
import { AadstsError } from './aadsts.ts';
import { readClaimsRequest } from './claims-request.ts';
import type { ClaimsRequest } from './claims-request.ts';
import { authenticateClient } from './client-authentication.ts';
import type { Proven, TokenRequest } from './client-authentication.ts';
import { graphAppId } from './directory.ts';
import type { Registration } from './directory.ts';
import { oneResource, readScopes } from './scopes.ts';
import type { AskedResource, AskedScopes } from './scopes.ts';
import { requireConsent, requireLive, requireProven } from './sign-in-policy.ts';
import { withHashedNonce } from './signing-keys.ts';
import type { EntraState, SignIn } from './state.ts';
import { accessToken, clientInfo, idToken } from './tokens.ts';

type Answer = Record<string, unknown>;
type Grant = (state: EntraState, request: TokenRequest) => Promise<Answer>;

export const grants: Readonly<Record<string, Grant>> = {
  authorization_code: codeGrant,
  refresh_token: refreshGrant,
  'urn:ietf:params:oauth:grant-type:jwt-bearer': onBehalfOfGrant,
  client_credentials: clientCredentialsGrant,
  'urn:ietf:params:oauth:grant-type:device_code': deviceCodeGrant,
  device_code: deviceCodeGrant, // the older name, which MSAL still sends
};

const isPublic = ({ application }: Registration): boolean => application.isFallbackPublicClient === true;

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value !== null && value !== '') return value;
  throw new AadstsError(900144, `The request body must contain the following parameter: '${name}'.`);
}

interface PersonsTokens extends Proven {
  readonly signIn: SignIn;
  readonly scopes: AskedScopes;
  readonly asked: AskedResource | undefined;
  readonly claims: ClaimsRequest;
  readonly nonce?: string | undefined;
  readonly form: URLSearchParams;
}

/** The tokens of a person. Where only OpenID scopes are asked for, the access token is for Microsoft Graph. */
async function personsTokens(state: EntraState, wish: PersonsTokens): Promise<Answer> {
  const { client, proof, signIn, scopes, claims, form } = wish;
  const graphProfile = { resource: state.directory.graph, name: graphAppId, scopes: ['User.Read'] };
  const asked = wish.asked ?? graphProfile;
  const tenant = signIn.user.tid;
  const { token, lifetimeSeconds } = await accessToken(state, { client, proof, asked, signIn, tenant, claims });
  const granted = [...asked.scopes.map((scope) => (asked.name === graphAppId ? scope : `${asked.name}/${scope}`))];
  return {
    token_type: 'Bearer',
    scope: [...granted, ...[...scopes.openId].filter((scope) => scope !== 'offline_access')].join(' '),
    expires_in: lifetimeSeconds,
    ext_expires_in: lifetimeSeconds,
    ...(state.orders.refreshInSeconds !== undefined && { refresh_in: state.orders.refreshInSeconds }),
    access_token: token,
    ...(scopes.openId.has('offline_access') && { refresh_token: newRefreshToken(state, client, signIn) }),
    ...(scopes.openId.has('openid') && {
      id_token: await idToken(state, { client, signIn, nonce: wish.nonce, claims, openId: scopes.openId }),
    }),
    ...(form.get('client_info') === '1' && { client_info: clientInfo(signIn.user) }),
  };
}

function newRefreshToken(state: EntraState, client: Registration, signIn: SignIn): string {
  const token = `1.A${randomBytes(64).toString('base64url')}`;
  const expiresAtMs = state.now() + state.orders.refreshTokenSeconds * 1000;
  state.refreshTokens.set(token, { client, signIn, tenant: signIn.user.tid, expiresAtMs });
  return token;
}

async function codeGrant(state: EntraState, request: TokenRequest): Promise<Answer> {
  const { form } = request;
  const redirectUri = required(form, 'redirect_uri');
  const isNative = ({ application: { publicClient, spa } }: Registration): boolean =>
    [...publicClient.redirectUris, ...spa.redirectUris].some((each) => sameRedirect(each, redirectUri));
  const proven = await authenticateClient(state, request, isNative);
  const code = state.codes.get(required(form, 'code'));
  if (code === undefined || code.client !== proven.client)
    throw new AadstsError(9002313, 'Invalid request. Request is malformed or invalid.');
  if (code.redeemed)
    throw new AadstsError(
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    );
  if (code.expiresAtMs < state.now())
    throw new AadstsError(70008, 'The provided authorization code or refresh token has expired due to inactivity.');
  if (code.redirectUri !== redirectUri)
    throw new AadstsError(
      500112,
      `The reply address '${redirectUri}' does not match the reply address '${code.redirectUri}' provided when requesting Authorization code.`,
    );
  requireVerifier(code.challenge, form.get('code_verifier'));
  code.redeemed = true;
  requireLive(code.signIn);
  const text = form.get('scope') ?? code.scope;
  const scopes = readScopes(state.directory, proven.client, text);
  const asked = oneResource(scopes, text);
  const claims = readClaimsRequest(form.get('claims') ?? code.claims);
  const { signIn, nonce } = code;
  if (asked !== undefined) requireProven(state, signIn, asked.resource, claims, 'invalid_grant');
  return personsTokens(state, { ...proven, signIn, scopes, asked, claims, nonce, form });
}

function requireVerifier(challenge: { value: string; method: string } | undefined, verifier: string | null): void {
  const mismatch = new AadstsError(
    501481,
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  );
  if (challenge === undefined) {
    if (verifier !== null) throw mismatch;
    return;
  }
  const given =
    challenge.method === 'plain'
      ? verifier
      : createHash('sha256')
          .update(verifier ?? '')
          .digest('base64url');
  const [left, right] = [Buffer.from(given ?? ''), Buffer.from(challenge.value)];
  if (left.length !== right.length || !timingSafeEqual(left, right)) throw mismatch;
}

// A refresh token is good for every resource, and stays good when a newer one is handed out with it.
async function refreshGrant(state: EntraState, request: TokenRequest): Promise<Answer> {
  const { form } = request;
  const proven = await authenticateClient(state, request, isPublic);
  const found = state.refreshTokens.get(required(form, 'refresh_token'));
  if (found === undefined || found.client !== proven.client)
    throw new AadstsError(9002313, 'Invalid request. Request is malformed or invalid.', { suberror: 'bad_token' });
  if (found.expiresAtMs < state.now())
    throw new AadstsError(700082, 'The refresh token has expired due to inactivity.', { suberror: 'token_expired' });
  requireLive(found.signIn);
  const text = form.get('scope') ?? 'openid profile offline_access';
  const scopes = readScopes(state.directory, proven.client, text);
  const asked = oneResource(scopes, text);
  const claims = readClaimsRequest(form.get('claims'));
  if (asked !== undefined) {
    requireConsent(state, proven.client, asked.resource);
    requireProven(state, found.signIn, asked.resource, claims, 'invalid_grant');
  }
  const openId = new Set([...scopes.openId, 'offline_access']); // always answered with a newer one
  return personsTokens(state, { ...proven, signIn: found.signIn, scopes: { ...scopes, openId }, asked, claims, form });
}

async function onBehalfOfGrant(state: EntraState, request: TokenRequest): Promise<Answer> {
  const { form } = request;
  const proven = await authenticateClient(state, request, () => false);
  if (form.get('requested_token_use') !== 'on_behalf_of')
    throw new AadstsError(900144, "The request body must contain the following parameter: 'requested_token_use'.");
  const signIn = await assertedSignIn(state, proven.client, required(form, 'assertion'));
  requireLive(signIn);
  const text = required(form, 'scope');
  const scopes = readScopes(state.directory, proven.client, text);
  const asked = oneResource(scopes, text);
  const claims = readClaimsRequest(form.get('claims'));
  if (asked !== undefined) {
    requireConsent(state, proven.client, asked.resource);
    requireProven(state, signIn, asked.resource, claims, 'interaction_required');
  }
  return personsTokens(state, { ...proven, signIn, scopes, asked, claims, form });
}

async function assertedSignIn(state: EntraState, client: Registration, assertion: string): Promise<SignIn> {
  const key = (header: { kid?: string }) => {
    const known = state.keys.find(header.kid);
    if (known === undefined) throw new Error('unknown key');
    return known.publicKey;
  };
  const { payload } = await jwtVerify(withHashedNonce(assertion), key, { currentDate: new Date(state.now()) }).catch(
    (cause: { code?: string }) => {
      if (cause.code === 'ERR_JWT_EXPIRED')
        throw new AadstsError(500133, 'Assertion is not within its valid time range.');
      throw new AadstsError(50013, 'Assertion failed signature validation.');
    },
  );
  const own = [client.clientId, ...client.application.identifierUris];
  if (!own.includes(String(payload.aud)))
    throw new AadstsError(
      500131,
      `Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '${String(payload.aud)}' and the expected audience is '${own.join("' or '")}'.`,
    );
  if (payload['scp'] === undefined)
    throw new AadstsError(
      7000114,
      `Application '${client.clientId}' is not allowed to make application on-behalf-of calls.`,
    );
  const signIn = state.issued.get(String(payload['uti']));
  if (signIn === undefined) throw new AadstsError(50013, 'Assertion failed signature validation.');
  return signIn;
}

async function clientCredentialsGrant(state: EntraState, request: TokenRequest): Promise<Answer> {
  const { form, tenant } = request;
  const { client, proof } = await authenticateClient(state, request, () => false);
  const text = required(form, 'scope');
  if (!text.endsWith('/.default') || text.includes(' '))
    throw new AadstsError(
      1002012,
      `The provided value for scope ${text} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    );
  const asked = oneResource(readScopes(state.directory, client, text), text)!;
  const claims = readClaimsRequest(form.get('claims'));
  const own = state.directory.tenants.has(tenant) ? tenant : client.tenant;
  const { token, lifetimeSeconds } = await accessToken(state, { client, proof, asked, tenant: own, claims });
  return { token_type: 'Bearer', expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds, access_token: token };
}

async function deviceCodeGrant(state: EntraState, request: TokenRequest): Promise<Answer> {
  const { form } = request;
  const proven = await authenticateClient(state, request, isPublic);
  const name = form.get('device_code') ?? required(form, 'code');
  const found = state.deviceCodes.get(name);
  if (found === undefined || found.client !== proven.client)
    throw new AadstsError(
      70018,
      'Invalid verification code due to user typing in wrong user code for device code flow.',
    );
  if (found.expiresAtMs < state.now())
    throw new AadstsError(
      70020,
      'The provided value for the input parameter device_code is not valid. It has expired.',
    );
  const { signIn } = found;
  if (signIn === undefined)
    throw new AadstsError(70016, 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.');
  state.deviceCodes.delete(name);
  if (signIn === 'declined')
    throw new AadstsError(65004, 'User declined to consent to access the app.', { error: 'authorization_declined' });
  requireLive(signIn);
  const scopes = readScopes(state.directory, proven.client, found.scope);
  const asked = oneResource(scopes, found.scope);
  const claims = readClaimsRequest(form.get('claims') ?? found.claims);
  return personsTokens(state, { ...proven, signIn, scopes, asked, claims, form });
}

/** Exactly, but for the port of a loopback address (RFC 8252 §7.3). */
export function sameRedirect(registered: string, asked: string): boolean {
  if (registered === asked) return true;
  const loopback = /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(?=\/|$)/;
  const [left, right] = [loopback.exec(registered), loopback.exec(asked)];
  if (left === null || right === null || left[1] !== right[1]) return false;
  const rest = (url: string): string => url.replace(loopback, '').replace(/^\/$/, '');
  return rest(registered) === rest(asked);
}
