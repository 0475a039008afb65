// The claims of the tokens that the Entra stand-in issues: ID tokens, access tokens v1 and v2, for people and for applications.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { ClaimsRequest } from './claims-request.ts';
import { graphAppId } from './directory.ts';
import type { Registration, User } from './directory.ts';
import type { AskedResource } from './scopes.ts';
import type { EntraState, SignIn } from './state.ts';

/** `azpacr`, `appidacr`: how the client proved itself. */
export type ClientProof = '0' | '1' | '2';

export interface AccessTokenWish {
  readonly client: Registration;
  readonly proof: ClientProof;
  readonly asked: AskedResource;
  /** Absent for an application on its own. */
  readonly signIn?: SignIn;
  readonly tenant: string;
  readonly claims: ClaimsRequest;
}

const longLivedSeconds = 28 * 3600;
/** Entra ID dates its tokens back, so that a clock that is slow does not refuse them. */
const backdatedSeconds = 300;

const pairwise = (user: User, audience: string): string =>
  createHash('sha256').update(`${user.oid} ${audience}`).digest('base64url');
const opaque = (bytes: number): string => randomBytes(bytes).toString('base64url');
const wants = ({ application }: Registration, token: 'idToken' | 'accessToken', name: string): boolean =>
  application.optionalClaims?.[token].some((claim) => claim.name === name) ?? false;

export async function accessToken(
  state: EntraState,
  wish: AccessTokenWish,
): Promise<{ token: string; lifetimeSeconds: number }> {
  const { resource } = wish.asked;
  const now = Math.floor(state.now() / 1000);
  const isGraph = resource.clientId === graphAppId;
  // The real thing takes such a token back within minutes, so it may live long.
  const longLived = isGraph && wish.signIn !== undefined && wish.claims.capabilities.includes('CP1');
  const lifetimeSeconds = longLived ? longLivedSeconds : state.orders.accessTokenSeconds;
  const uti = opaque(16);
  if (wish.signIn !== undefined) state.issued.set(uti, wish.signIn);
  const from = now - backdatedSeconds;
  const times = { iat: from, nbf: from, exp: now + lifetimeSeconds };
  const version = resource.application.api.requestedAccessTokenVersion ?? 1;
  const own = version === 2 ? v2(state, wish) : v1(wish);
  const claims = { ...own, ...times, ...shared(state, wish), aio: opaque(24), rh: `1.${opaque(20)}.`, uti };
  const token = await state.keys.sign(state.orders.tamperAccessToken(claims), isGraph ? opaque(32) : undefined);
  return { token, lifetimeSeconds };
}

function v2(state: EntraState, { client, proof, asked, signIn, tenant }: AccessTokenWish): Record<string, unknown> {
  return {
    aud: asked.resource.clientId,
    iss: `${state.origin}/${tenant}/v2.0`,
    azp: client.clientId,
    azpacr: proof,
    ver: '2.0',
    ...(signIn && { name: signIn.user.name, preferred_username: signIn.user.upn }),
  };
}

function v1({ client, proof, asked, signIn, tenant }: AccessTokenWish): Record<string, unknown> {
  const [givenName, ...family] = signIn?.user.name.split(' ') ?? [];
  return {
    aud: asked.name,
    iss: `https://sts.windows.net/${tenant}/`,
    appid: client.clientId,
    appidacr: proof,
    ver: '1.0',
    ...(signIn === undefined
      ? { idp: `https://sts.windows.net/${tenant}/` }
      : {
          acr: '1',
          amr: signIn.amr,
          given_name: givenName,
          family_name: family.join(' '),
          ipaddr: '127.0.0.1',
          name: signIn.user.name,
          unique_name: signIn.user.upn,
          upn: signIn.user.upn,
        }),
  };
}

function shared(state: EntraState, wish: AccessTokenWish): Record<string, unknown> {
  const { client, asked, signIn, tenant, claims } = wish;
  const { resource } = asked;
  const showsKind = wants(resource, 'accessToken', 'idtyp');
  if (signIn === undefined) {
    const roles = client.permissions[resource.clientId] ?? client.permissions[resource.identifierUri];
    const { servicePrincipalId } = client;
    return {
      oid: servicePrincipalId,
      sub: servicePrincipalId,
      tid: tenant,
      ...(roles && { roles }),
      ...(showsKind && { idtyp: 'app' }),
    };
  }
  const roles = signIn.user.appRoles[resource.clientId];
  const contexts = wants(resource, 'accessToken', 'acrs')
    ? signIn.proven.filter((each) => /^c\d{1,2}$/.test(each))
    : claims.accessTokenContexts.filter((each) => signIn.proven.includes(each));
  return {
    oid: signIn.user.oid,
    sub: pairwise(signIn.user, resource.clientId),
    tid: tenant,
    scp: asked.scopes.join(' '),
    ...(roles && { roles }),
    ...(contexts.length > 0 && { acrs: contexts }),
    ...(claims.capabilities.length > 0 && wants(resource, 'accessToken', 'xms_cc') && { xms_cc: claims.capabilities }),
    ...(showsKind && { idtyp: 'user' }),
    ...groupsOf(state, resource, signIn.user),
  };
}

export interface IdTokenWish {
  readonly client: Registration;
  readonly signIn: SignIn;
  readonly nonce: string | undefined;
  readonly claims: ClaimsRequest;
  readonly openId: ReadonlySet<string>;
}

export function idToken(state: EntraState, { client, signIn, nonce, claims, openId }: IdTokenWish): Promise<string> {
  const { user } = signIn;
  const now = Math.floor(state.now() / 1000);
  const asked = (name: string): boolean => wants(client, 'idToken', name) || claims.idToken.has(name);
  const contexts = signIn.proven.filter((each) => /^c\d{1,2}$/.test(each));
  const roles = user.appRoles[client.clientId];
  const all = {
    aud: client.clientId,
    iss: `${state.origin}/${user.tid}/v2.0`,
    iat: now - backdatedSeconds,
    nbf: now - backdatedSeconds,
    exp: now + 3600,
    aio: opaque(24),
    ...(nonce !== undefined && { nonce }),
    oid: user.oid,
    rh: `1.${opaque(20)}.`,
    sid: randomUUID(),
    sub: pairwise(user, client.clientId),
    tid: user.tid,
    uti: opaque(16),
    ver: '2.0',
    ...(openId.has('profile') && { name: user.name, preferred_username: user.upn }),
    ...((openId.has('email') || asked('email')) && user.mail !== null && { email: user.mail }),
    ...(roles && { roles }),
    ...(asked('auth_time') && { auth_time: signIn.authTimeSeconds }),
    ...(asked('login_hint') && { login_hint: `O.${Buffer.from(user.oid).toString('base64url')}` }),
    ...(asked('upn') && { upn: user.upn }),
    ...(asked('acrs') && contexts.length > 0 && { acrs: contexts }),
    ...groupsOf(state, client, user),
  };
  return state.keys.sign(state.orders.tamper(all));
}

/** Groups, or the pointer to them where there are too many. */
function groupsOf(state: EntraState, { application }: Registration, user: User): Record<string, unknown> {
  if (application.groupMembershipClaims === null || user.groups.length === 0) return {};
  if (user.groups.length <= state.orders.overageThreshold) return { groups: user.groups };
  // Entra ID still names the retired Azure AD Graph here. Who follows this address has not read the documentation.
  const endpoint = `https://graph.windows.net/${user.tid}/users/${user.oid}/getMemberObjects`;
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } };
}

/** `client_info`: from it MSAL makes the home account id `oid.tid`. */
export const clientInfo = ({ oid, tid }: User): string =>
  Buffer.from(JSON.stringify({ uid: oid, utid: tid })).toString('base64url');
