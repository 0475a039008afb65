// From what an administrator writes and what genkan.yaml says to an order for a setup, and to the piece of genkan.yaml that follows from it.
import { setTimeout as passed } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { refuse } from '../../../base/errors.ts';
import type { Refusal } from '../../../base/errors.ts';
import { createGraphClient } from '../../conditional-access/graph-client.ts';
import { exchangeAudience } from '../addresses.ts';
import type { Proof } from '../credential.ts';
import { createEntraFetch } from '../entra-fetch.ts';
import type { IdentitySettings } from '../../settings.ts';
import { createOwnApplication } from '../own-application.ts';
import type { OwnApplication, OwnNeighbours } from '../own-application.ts';
import type { EntraSettings } from '../settings.ts';
import { administratorToken } from './administrator.ts';
import type { Ability } from './permissions.ts';
import { appRolesAmong } from './registration.ts';
import { setUp } from './setup.ts';
import type { SetupResult } from './setup.ts';
import type { Shell } from './shell-lines.ts';
import type { FederatedWish, SetupWish } from './steps.ts';

export interface SetupInput {
  readonly apply: boolean;
  readonly tenant?: string | undefined;
  readonly app?: string | undefined;
  readonly name: string;
  readonly publicUrl?: string | undefined;
  readonly allow: readonly Ability[];
  readonly appRole: readonly string[];
  readonly context: readonly string[];
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  readonly clientId?: string | undefined;
  readonly tokenEnv?: string | undefined;
  readonly shell: Shell;
  readonly authorityHost?: string | undefined;
  readonly graphUrl?: string | undefined;
}

/** What genkan.yaml says, where there is one that signs people in with Entra ID. */
export interface Configured {
  readonly settings: EntraSettings;
  readonly publicUrl: string;
  readonly contexts: readonly string[];
  readonly appRoles: readonly string[];
  readonly hasPolicies: boolean;
  readonly own: OwnApplication;
}

interface Settings {
  readonly identity: Pick<IdentitySettings, 'provider' | 'conditionalAccess'>;
  readonly access: { readonly assignments: readonly { readonly principal: object }[] };
}

/** What a configuration says about Entra ID; undefined where people sign in elsewhere. */
export function configuredFor(
  { identity, access }: Settings,
  publicUrl: string,
  neighbours: OwnNeighbours,
): Configured | undefined {
  const { provider, conditionalAccess } = identity;
  if (!('tenant' in provider)) return undefined;
  const own = createOwnApplication(provider, neighbours);
  const groups = access.assignments.map(({ principal }) => ('group' in principal ? String(principal.group) : ''));
  return {
    settings: provider,
    publicUrl,
    contexts: [...new Set(Object.values(conditionalAccess.contexts))].filter((context) => /^c[1-9]\d?$/.test(context)),
    appRoles: appRolesAmong(groups),
    hasPolicies: conditionalAccess.policies.length > 0,
    own,
  };
}

export interface OrderNeighbours {
  readonly configured: () => Promise<Configured | undefined>;
  /** The value of an environment variable. */
  readonly variable: (name: string) => string | undefined;
  readonly tell: (text: string) => void;
  readonly fetch: typeof fetch;
}

export type EntraSetup = (input: SetupInput) => Promise<(SetupResult & { readonly next: string }) | Refusal>;

/** Gives the setup. It refuses with `operation_input_invalid`, `entra_registration_exists`, `operation_not_found`. */
export function createEntraSetup({ configured: read, variable, tell, fetch: send }: OrderNeighbours): EntraSetup {
  return async (input) => {
    const configured = await read();
    const own = configured?.settings;
    const missing = (reason: string): Refusal =>
      refuse('operation_input_invalid', { operation: 'entra setup', reason });
    const home = own === undefined || own.tenant === 'organizations' ? undefined : own.tenant;
    const { tenant = home, publicUrl = configured?.publicUrl, apply } = input;
    if (tenant === undefined) return missing('--tenant is missing');
    if (publicUrl === undefined) return missing('--public-url is missing');
    const authorityHost = input.authorityHost ?? own?.authorityHost ?? 'https://login.microsoftonline.com';
    const graphUrl = input.graphUrl ?? own?.graphUrl ?? 'https://graph.microsoft.com';
    const clientId = input.app ?? own?.clientId;
    const scope = own?.apiScope?.slice(own.apiScope.lastIndexOf('/') + 1) ?? 'access';
    const appRoles = [...new Set([...(configured?.appRoles ?? []), ...input.appRole])];
    const contexts = [...new Set([...(configured?.contexts ?? []), ...input.context])];
    const abilities = [
      ...new Set([...input.allow, ...(configured?.hasPolicies ? (['conditional-access'] as const) : [])]),
    ];

    const given = input.tokenEnv === undefined ? undefined : variable(input.tokenEnv);
    if (input.tokenEnv !== undefined && (given === undefined || given === ''))
      return missing(`the variable ${input.tokenEnv} is not set`);
    const toEntra = createEntraFetch(send, [authorityHost]);
    const person = input.clientId;
    const rights = apply
      ? ['Application.ReadWrite.All', ...(contexts.length > 0 ? ['Policy.ReadWrite.ConditionalAccess'] : [])]
      : ['Application.Read.All', ...(contexts.length > 0 ? ['Policy.Read.All'] : [])];
    const token =
      given !== undefined
        ? () => Promise.resolve(given)
        : person !== undefined
          ? () => administratorToken({ tenant, authorityHost, graphUrl }, person, rights, { send: toEntra, tell })
          : // Genkan's own token goes nowhere but where genkan.yaml says.
            configured !== undefined && graphUrl === own?.graphUrl && tenant === home
            ? async () => (await configured.own.signIn()).token
            : undefined;
    const result = await setUp(
      {
        tenant,
        clientId,
        displayName: input.name,
        publicUrl,
        multiTenant: own?.tenant === 'organizations',
        scope,
        identifierUri: own?.apiScope?.slice(0, own.apiScope.lastIndexOf('/')),
        appRoles: appRoles.length === 0 ? ['Genkan.Admin'] : appRoles,
        contexts,
        federated: await federatedOf(input, configured, authorityHost),
        authorityHost,
        graphUrl,
        abilities,
        apply,
        shell: input.shell,
      },
      {
        graph:
          token &&
          (async () => {
            const once = await token();
            return createGraphClient({ graphUrl, token: () => Promise.resolve(once), fetch: send });
          }),
        pause: passed,
      },
    );
    if ('outcome' in result) return result;
    return { ...result, next: nextPiece(tenant, result.clientId, appRoles, own) };
  };
}

async function federatedOf(
  { issuer, subject }: SetupInput,
  configured: Configured | undefined,
  authorityHost: string,
): Promise<FederatedWish | undefined> {
  const audience = exchangeAudience(authorityHost);
  if (issuer !== undefined && subject !== undefined) return { name: 'genkan', issuer, subject, audience };
  if (configured === undefined) return undefined;
  return configured.own.proof().then(
    (proof) => federatedBy(proof, authorityHost),
    () => undefined, // elsewhere than on the machine whose identity it is
  );
}

/** The federated credential that the assertions of a proof need; undefined for other kinds. */
export function federatedBy({ kind, auth }: Proof, authorityHost: string): SetupWish['federated'] {
  if ((kind !== 'federatedToken' && kind !== 'managedIdentity') || typeof auth.clientAssertion !== 'string')
    return undefined;
  const { iss, sub } = decodeJwt(auth.clientAssertion);
  if (iss === undefined || sub === undefined) return undefined;
  return { name: 'genkan', issuer: iss, subject: sub, audience: exchangeAudience(authorityHost) };
}

function nextPiece(
  tenant: string,
  clientId = 'CLIENT-ID',
  appRoles: readonly string[],
  own: EntraSettings | undefined,
): string {
  if (own !== undefined && own.clientId === clientId)
    return own.apiScope === undefined
      ? `# below identity.provider, to call servers in people's names:\napiScope: api://${clientId}/access`
      : '# nothing to change';
  const [role = 'Genkan.Admin'] = appRoles;
  return [
    'identity:',
    '  provider:',
    `    tenant: ${tenant}`,
    `    clientId: ${clientId}`,
    '    credential: { managedIdentity: {} } # or federatedToken, certificate, secret: docs/entra.md',
    `    apiScope: api://${clientId}/access`,
    'access:',
    '  assignments:',
    `    - { principal: { group: 'role:${role}' }, role: Genkan Operator, scope: / }`,
  ].join('\n');
}
