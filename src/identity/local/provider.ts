// The identity provider of a public client: its addresses, what it is asked for, and what its ID token says about a person.
import * as oidc from 'openid-client';
import { z } from 'zod';
import { guid } from '../../base/guid.ts';
import { GenkanError } from '../../base/errors.ts';
import { personOf } from '../accounts.ts';
import type { Person } from '../accounts.ts';
import { addressesOf } from '../entra/addresses.ts';
import { createEntraFetch } from '../entra/entra-fetch.ts';
import { groupsAtGraph, hasMoreGroups } from '../entra/groups.ts';
import type { BrokeredApplication } from './broker.ts';
import { reasonOf } from '../failed-sign-in.ts';
import type { PublicEntraSettings, PublicOidcSettings, PublicProviderSettings } from './settings.ts';

export interface PublicProvider {
  /** Tells providers, and applications there, apart. */
  readonly name: string;
  /**
   * How the browser is led back. Entra ID lets a registered `http://localhost` have any port; elsewhere the address without a
   * name is the one that nobody else can be given (RFC 8252 §7.3, §8.3).
   */
  readonly redirectHost: '127.0.0.1' | 'localhost';
  readonly scope: string;
  /** Set where the operating system may have a broker for it. */
  readonly brokered?: BrokeredApplication;
  /** @throws GenkanError `identity_provider_unavailable` */
  configuration(): Promise<oidc.Configuration>;
  /**
   * Reads a person out of an ID token that has been verified.
   * @param tokenFor a token of the same sign-in for another resource
   * @throws GenkanError `identity_tenant_foreign`, `identity_groups_unavailable`
   */
  identify(claims: oidc.IDToken, tokenFor: (scope: string) => Promise<string>): Promise<Identified>;
}

interface Identified {
  readonly person: Person;
  readonly contexts: readonly string[];
}

const timeoutSeconds = 10;

export function createPublicProvider(settings: PublicProviderSettings): PublicProvider {
  return 'tenant' in settings ? entra(settings) : openId(settings);
}

function openId(settings: PublicOidcSettings): PublicProvider {
  const { issuer, clientId, scopes, groupsClaim, allowInsecureIssuer } = settings;
  return {
    name: `${issuer} ${clientId}`,
    redirectHost: '127.0.0.1',
    scope: [...new Set([...scopes, 'offline_access'])].join(' '),
    configuration: remembered(async () => {
      const execute = [oidc.enableNonRepudiationChecks, ...(allowInsecureIssuer ? [oidc.allowInsecureRequests] : [])];
      return oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), { execute, timeout: timeoutSeconds });
    }),
    identify: (claims) =>
      Promise.resolve({
        person: personOf(claims, groupsClaim),
        contexts: typeof claims['acr'] === 'string' ? [claims['acr'].slice(0, 256)] : [],
      }),
  };
}

const entraClaims = z.object({
  oid: z.guid().toLowerCase(),
  tid: z.guid().toLowerCase(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  groups: z.array(z.string()).default([]),
  roles: z.array(z.string()).default([]),
  acrs: z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(z.string())).default([]),
  _claim_names: z.looseObject({}).optional(),
  hasgroups: z.unknown().optional(),
});

function entra(settings: PublicEntraSettings): PublicProvider {
  const { tenant: written, allowedTenants, clientId, authorityHost, graphUrl } = settings;
  const tenant = written === 'organizations' ? allowedTenants![0]! : written;
  const { authority, keys, issuers } = addressesOf(authorityHost, tenant);
  return {
    name: `${issuers['2.0']} ${clientId}`,
    redirectHost: 'localhost',
    // Unqualified scopes beside these would be of Microsoft Graph; tokens for anything else are asked for one by one.
    scope: 'openid profile offline_access',
    brokered: { clientId, authority, issuer: issuers['2.0'], keys },
    configuration: remembered(() => {
      const configuration = new oidc.Configuration(
        {
          issuer: issuers['2.0'],
          authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
          token_endpoint: `${authority}/oauth2/v2.0/token`,
          device_authorization_endpoint: `${authority}/oauth2/v2.0/devicecode`,
          jwks_uri: keys,
          response_modes_supported: ['query', 'fragment', 'form_post'],
          id_token_signing_alg_values_supported: ['RS256'],
        },
        clientId,
        undefined,
        oidc.None(),
      );
      oidc.enableNonRepudiationChecks(configuration);
      configuration.timeout = timeoutSeconds;
      configuration[oidc.customFetch] = asRegistered;
      return Promise.resolve(configuration);
    }),
    async identify(claims, tokenFor) {
      const read = entraClaims.safeParse(claims);
      if (!read.success)
        throw new GenkanError('identity_sign_in_failed', {}, { detail: 'the ID token lacks oid or tid' });
      const { oid, tid, name, preferred_username: address, groups, roles, acrs, ...more } = read.data;
      if (tid !== tenant) throw new GenkanError('identity_tenant_foreign', {}, { detail: `tenant ${tid}` });
      // A part of the groups would grant a part of the rights, and lift what another part forbids.
      const all = hasMoreGroups(more as Parameters<typeof hasMoreGroups>[0])
        ? await groupsAtGraph(graphUrl, await tokenFor(`${graphUrl}/User.Read`), createEntraFetch(fetch, [graphUrl]))
        : groups;
      const person: Person = {
        id: `${oid}@${tid}`,
        name: (address ?? name ?? oid).slice(0, 256),
        // Names of groups can be given by anybody who may name a group.
        groups: [
          ...new Set([
            ...all.filter((group) => guid.test(group)).map((group) => group.toLowerCase()),
            ...roles.map((role) => `role:${role}`),
          ]),
        ],
        ...(name !== undefined && { displayName: name.slice(0, 256) }),
      };
      return { person, contexts: acrs.slice(0, 100).map((context) => context.toLowerCase()) };
    },
  };
}

/** Entra ID compares redirect URIs to the letter; the library can only write `http://localhost:PORT` with a slash at its end. */
const asRegistered: oidc.CustomFetch = (url, { body, ...options }) => {
  if (!(body instanceof URLSearchParams)) return fetch(url, { ...options, body });
  const form = new URLSearchParams(body);
  const redirectUri = form.get('redirect_uri');
  if (redirectUri !== null) form.set('redirect_uri', redirectUri.replace(/\/$/, ''));
  return fetch(url, { ...options, body: form });
};

/** Looked for when it is first needed, and again after a failure. */
function remembered(find: () => Promise<oidc.Configuration>): () => Promise<oidc.Configuration> {
  let found: Promise<oidc.Configuration> | undefined;
  return () => {
    found ??= find().catch((cause: unknown) => {
      found = undefined;
      throw new GenkanError('identity_provider_unavailable', {}, { cause, detail: reasonOf(cause) });
    });
    return found;
  };
}
