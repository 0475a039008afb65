// What the app registration of Genkan has to hold, and which parts of one that is there do not. Nothing of others in it is taken away.
import { createHash } from 'node:crypto';
import { graphAppId } from './permissions.ts';
import type { Permission } from './permissions.ts';

export interface RegistrationWish {
  readonly displayName: string;
  /** Without a final slash. */
  readonly publicUrl: string;
  readonly multiTenant: boolean;
  /** Name of the scope that the application exposes. */
  readonly scope: string;
  readonly appRoles: readonly string[];
  readonly permissions: readonly Permission[];
}

interface Claim {
  readonly name: string;
}
interface ResourceAccess {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: string }[];
}

/** As `GET /v1.0/applications/{id}` gives it, as far as it concerns us. */
export interface GraphApplication {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly signInAudience?: string;
  readonly identifierUris?: readonly string[];
  readonly groupMembershipClaims?: string | null;
  readonly web?: { readonly redirectUris?: readonly string[] };
  readonly api?: {
    readonly requestedAccessTokenVersion?: number | null;
    readonly oauth2PermissionScopes?: readonly { readonly value: string; readonly isEnabled: boolean }[];
  };
  readonly appRoles?: readonly { readonly value: string | null; readonly isEnabled: boolean }[];
  readonly optionalClaims?: { readonly idToken?: readonly Claim[]; readonly accessToken?: readonly Claim[] } | null;
  readonly requiredResourceAccess?: readonly ResourceAccess[];
}

export const applicationFields =
  'id,appId,displayName,signInAudience,identifierUris,groupMembershipClaims,web,api,appRoles,optionalClaims,requiredResourceAccess';

export interface Part {
  readonly about: string;
  /** What it should be, for people. */
  readonly wanted: string;
  /** What has to be written; undefined where it is as it should be. */
  readonly change: Readonly<Record<string, unknown>> | undefined;
}

const accessClaims = ['xms_cc', 'acrs', 'idtyp'];
const idClaims = ['acrs', 'auth_time', 'login_hint'];
/** Each of them emits object ids of groups. */
const groupClaims = new Set(['SecurityGroup', 'All', 'ApplicationGroup']);

/** Scopes and roles keep their id however often the registration is made anew: clients and consents refer to it. */
export function stableId(kind: 'scope' | 'role', name: string): string {
  const bytes = createHash('sha256').update(`genkan ${kind} ${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80; // RFC 9562 §5.8
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @param there the registration as it is; an empty one where there is none yet */
export function partsOf(wish: RegistrationWish, there: Partial<GraphApplication>): Part[] {
  const audience = wish.multiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg';
  const redirect = `${wish.publicUrl}/auth/callback`;
  const redirects = there.web?.redirectUris ?? [];
  const scopes = there.api?.oauth2PermissionScopes ?? [];
  const roles = there.appRoles ?? [];
  const missingRoles = wish.appRoles.filter(
    (name) => !roles.some(({ value, isEnabled }) => value === name && isEnabled),
  );
  const missing = (named: readonly Claim[] | undefined, wanted: readonly string[]): string[] =>
    wanted.filter((name) => !named?.some((claim) => claim.name === name));
  const { idToken = [], accessToken = [] } = there.optionalClaims ?? {};
  const claims = (named: readonly Claim[], wanted: readonly string[]): object[] => [
    ...named,
    ...missing(named, wanted).map((name) => ({ name, source: null, essential: false, additionalProperties: [] })),
  ];
  const part = (about: string, wanted: string, isRight: boolean, change: Record<string, unknown>): Part => ({
    about,
    wanted,
    change: isRight ? undefined : change,
  });
  return [
    part('who may sign in', audience, there.signInAudience === audience, { signInAudience: audience }),
    part('redirect URI', redirect, redirects.includes(redirect), { web: { redirectUris: [...redirects, redirect] } }),
    part('version of access tokens', '2', there.api?.requestedAccessTokenVersion === 2, {
      api: { requestedAccessTokenVersion: 2 },
    }),
    part(
      'scope',
      wish.scope,
      scopes.some(({ value, isEnabled }) => value === wish.scope && isEnabled),
      {
        api: {
          oauth2PermissionScopes: scopes.some(({ value }) => value === wish.scope)
            ? scopes.map((each) => (each.value === wish.scope ? { ...each, isEnabled: true } : each))
            : [...scopes, scopeOf(wish.scope)],
        },
      },
    ),
    ...(wish.appRoles.length === 0
      ? []
      : [
          part('app roles', wish.appRoles.join(', '), missingRoles.length === 0, {
            appRoles: [
              ...roles.map((each) => (missingRoles.includes(each.value ?? '') ? { ...each, isEnabled: true } : each)),
              ...missingRoles.filter((name) => !roles.some(({ value }) => value === name)).map(roleOf),
            ],
          }),
        ]),
    part('groups in tokens', 'SecurityGroup', groupClaims.has(there.groupMembershipClaims ?? ''), {
      groupMembershipClaims: 'SecurityGroup',
    }),
    part(
      'optional claims',
      `access token: ${accessClaims.join(', ')}; ID token: ${idClaims.join(', ')}`,
      [...missing(accessToken, accessClaims), ...missing(idToken, idClaims)].length === 0,
      { optionalClaims: { idToken: claims(idToken, idClaims), accessToken: claims(accessToken, accessClaims) } },
    ),
    permissionPart(wish.permissions, there.requiredResourceAccess ?? []),
  ];
}

function permissionPart(wanted: readonly Permission[], listed: readonly ResourceAccess[]): Part {
  const ours = listed.find(({ resourceAppId }) => resourceAppId === graphAppId)?.resourceAccess ?? [];
  const missing = wanted.filter(({ id, type }) => !ours.some((each) => each.id === id && each.type === type));
  const access = [...ours, ...missing.map(({ id, type }) => ({ id, type }))];
  const others = listed.filter(({ resourceAppId }) => resourceAppId !== graphAppId);
  return {
    about: 'permissions at Microsoft Graph',
    wanted: wanted.map(({ name, type }) => `${name} (${type === 'Scope' ? 'delegated' : 'application'})`).join(', '),
    change:
      missing.length === 0
        ? undefined
        : { requiredResourceAccess: [...others, { resourceAppId: graphAppId, resourceAccess: access }] },
  };
}

const scopeOf = (value: string): object => ({
  id: stableId('scope', value),
  value,
  type: 'User',
  isEnabled: true,
  adminConsentDisplayName: 'Use MCP servers through Genkan',
  adminConsentDescription: 'Lets Genkan call MCP servers in the name of the person who has signed in.',
  userConsentDisplayName: 'Use MCP servers through Genkan',
  userConsentDescription: 'Lets Genkan call MCP servers in your name.',
});

const roleOf = (value: string): object => ({
  id: stableId('role', value),
  value,
  displayName: value,
  description: `${value}: what it may do stands in the assignments of Genkan, as role:${value}.`,
  allowedMemberTypes: ['User'],
  isEnabled: true,
});

/** App roles stand among the groups of people as `role:NAME`. */
export const appRolesAmong = (groups: readonly string[]): string[] => [
  ...new Set(groups.flatMap((group) => (group.startsWith('role:') ? [group.slice('role:'.length)] : []))),
];

/** One change out of those of several parts. Of a complex property only what is named is written. */
export function merged(parts: readonly Part[]): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const { change = {} } of parts)
    for (const [name, value] of Object.entries(change)) {
      const before = all[name];
      all[name] = isPlain(before) && isPlain(value) ? { ...before, ...value } : value;
    }
  return all;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
