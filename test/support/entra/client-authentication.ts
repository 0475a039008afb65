// How a client proves itself to the Entra stand-in: secret, certificate (PS256), or the token of another issuer.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose';
import { AadstsError } from './aadsts.ts';
import { tokenExchangeAppId, tokenExchangeUri } from './directory.ts';
import type { Registration } from './directory.ts';
import type { EntraState } from './state.ts';
import type { ClientProof } from './tokens.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const longestAssertionSeconds = 10 * 60;
const skewSeconds = 5 * 60;

export interface Proven {
  readonly client: Registration;
  readonly proof: ClientProof;
}

export function findClient(state: EntraState, clientId: string | null, tenant: string): Registration {
  if (clientId === null)
    throw new AadstsError(900144, "The request body must contain the following parameter: 'client_id'.");
  const client = state.directory.apps.get(clientId);
  const reachable = client?.application.signInAudience !== 'AzureADMyOrg' || client.tenant === tenant;
  if (client !== undefined && reachable) return client;
  const shared = ['common', 'organizations'].includes(tenant);
  if (client !== undefined && shared)
    throw new AadstsError(
      50194,
      `Application '${clientId}'(${client.application.displayName}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'.`,
    );
  throw new AadstsError(
    700016,
    `Application with identifier '${clientId}' was not found in the directory 'Contoso'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
  );
}

export interface TokenRequest {
  readonly form: URLSearchParams;
  readonly tenant: string;
  readonly authorization: string | undefined;
}

/** @param native whether this grant may be used without a credential */
export async function authenticateClient(
  state: EntraState,
  { form, tenant, authorization }: TokenRequest,
  native: (client: Registration) => boolean,
): Promise<Proven> {
  const basic = basicCredentials(authorization);
  const client = findClient(state, form.get('client_id') ?? basic?.[0] ?? null, tenant);
  const [secret, assertion] = [form.get('client_secret') ?? basic?.[1], form.get('client_assertion')];
  if (native(client)) {
    if (secret === undefined && assertion === null) return { client, proof: '0' };
    throw new AadstsError(
      700025,
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    );
  }
  if (assertion !== null && form.get('client_assertion_type') === assertionType) {
    await verifyAssertion(state, client, assertion, tenant);
    return { client, proof: '2' };
  }
  if (secret !== undefined && secret !== null) {
    verifySecret(state, client, secret);
    return { client, proof: '1' };
  }
  throw new AadstsError(
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  );
}

function basicCredentials(authorization: string | undefined): string[] | undefined {
  const [, encoded] = /^basic (.+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  return Buffer.from(encoded, 'base64')
    .toString()
    .split(/:(.*)/s)
    .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
}

function verifySecret(state: EntraState, client: Registration, secret: string): void {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  const known = client.application.passwordCredentials.find(({ keyId }) =>
    timingSafeEqual(hash(client.secrets.get(keyId) ?? ''), hash(secret)),
  );
  if (known === undefined)
    throw new AadstsError(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client.clientId}'.`,
    );
  if (Date.parse(known.endDateTime) < state.now())
    throw new AadstsError(7000222, `The provided client secret keys for app '${client.clientId}' are expired.`);
  state.uses.set(known.keyId, state.now());
}

async function verifyAssertion(state: EntraState, client: Registration, assertion: string, tenant: string) {
  const claims = readable(assertion);
  if (claims.iss === client.clientId && claims.sub === client.clientId)
    return verifyCertificate(state, client, assertion, tenant);
  return verifyFederated(state, client, assertion, claims);
}

function readable(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw new AadstsError(50027, 'JWT token is invalid or malformed.', { error: 'invalid_client' });
  }
}

async function verifyCertificate(state: EntraState, client: Registration, assertion: string, tenant: string) {
  const header = decodeProtectedHeader(assertion);
  const named = [...client.certificates.values()].find(
    ({ raw }) =>
      createHash('sha256').update(raw).digest('base64url') === (header as { 'x5t#S256'?: string })['x5t#S256'],
  );
  const failed = (why: string): AadstsError =>
    new AadstsError(700027, `The certificate with identifier used to sign the client assertion is ${why}.`);
  if (named === undefined) throw failed('not registered on application');
  const audience = [`${state.origin}/${tenant}/oauth2/v2.0/token`, `${state.origin}/${tenant}/v2.0`];
  const { payload } = await jwtVerify(assertion, named.publicKey, {
    algorithms: ['PS256', 'RS256'],
    audience,
    currentDate: new Date(state.now()),
    clockTolerance: skewSeconds,
  }).catch((cause: { code?: string; claim?: string }) => {
    if (cause.code === 'ERR_JWT_EXPIRED')
      throw new AadstsError(700024, 'Client assertion is not within its valid time range.');
    if (cause.claim === 'aud')
      throw new AadstsError(700023, 'Client assertion audience claim does not match Realm issuer.');
    throw failed('not the one that signed it: signature validation failed');
  });
  const seconds = (payload.exp ?? Infinity) - Math.floor(state.now() / 1000);
  if (seconds > longestAssertionSeconds + skewSeconds || payload.jti === undefined)
    throw new AadstsError(700024, 'Client assertion is not within its valid time range.');
  if (Date.parse(named.validTo) < state.now()) throw failed('expired');
  if (state.orders.refuseReplayedAssertions && state.assertions.has(payload.jti)) throw failed('used a second time');
  state.assertions.add(payload.jti);
}

async function verifyFederated(state: EntraState, client: Registration, assertion: string, claims: JWTPayload) {
  const wrong = (code: number, part: string, value: unknown): AadstsError =>
    new AadstsError(
      code,
      `No matching federated identity record found for presented assertion ${part} '${String(value)}'.`,
    );
  const sameIssuer = client.federated.filter(({ issuer }) => issuer === claims.iss);
  if (sameIssuer.length === 0) throw wrong(700211, 'issuer', claims.iss);
  const sameSubject = sameIssuer.filter(({ subject }) => subject === claims.sub);
  if (sameSubject.length === 0) throw wrong(700213, 'subject', claims.sub);
  // Tokens of managed identities name the same audience by its application id.
  const named = [claims.aud ?? []].flat().map((each) => (each === tokenExchangeAppId ? tokenExchangeUri : each));
  if (!sameSubject.some(({ audiences }) => named.some((each) => audiences.includes(each))))
    throw wrong(700212, 'audience', claims.aud);
  try {
    await jwtVerify(assertion, await keysOf(state, client, claims.iss!), { currentDate: new Date(state.now()) });
  } catch {
    throw new AadstsError(700027, 'Client assertion failed signature validation.');
  }
}

async function keysOf(state: EntraState, client: Registration, issuer: string): Promise<JWTVerifyGetKey> {
  const known = client.issuerKeys.get(issuer);
  if (known !== undefined) return createLocalJWKSet(known);
  if (issuer.startsWith(`${state.origin}/`)) {
    const keys = state.keys.keySet(state.origin, new URL(issuer).pathname.split('/')[1]!);
    return createLocalJWKSet(keys as JSONWebKeySet);
  }
  const discovery = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  return createRemoteJWKSet(new URL(((await discovery.json()) as { jwks_uri: string }).jwks_uri));
}
