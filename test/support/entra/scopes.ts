// Which resource a list of scopes means at the Entra stand-in. Unqualified names mean Microsoft Graph, as at Entra ID.
import { AadstsError } from './aadsts.ts';
import { graphAppId } from './directory.ts';
import type { Directory, Registration } from './directory.ts';

const openIdScopes = new Set(['openid', 'profile', 'email', 'offline_access']);

export interface AskedScopes {
  /** Each resource with the names of its scopes. */
  readonly resources: readonly AskedResource[];
  readonly openId: ReadonlySet<string>;
}

export interface AskedResource {
  readonly resource: Registration;
  /** As the client named it; audience of a v1 token. */
  readonly name: string;
  readonly scopes: readonly string[];
}

/** @throws AadstsError */
export function readScopes(directory: Directory, client: Registration, text: string): AskedScopes {
  const names = text.split(' ').filter((name) => name !== '');
  const openId = new Set(names.filter((name) => openIdScopes.has(name)));
  const resources = new Map<Registration, { name: string; scopes: string[] }>();
  for (const name of names.filter((each) => !openIdScopes.has(each))) {
    const { resource, named, scope } = split(directory, name, client);
    const asked = resources.get(resource) ?? { name: named, scopes: [] };
    asked.scopes.push(scope);
    resources.set(resource, asked);
  }
  return { openId, resources: [...resources].map(([resource, asked]) => expand(client, resource, asked)) };
}

function split(
  directory: Directory,
  name: string,
  client: Registration,
): { resource: Registration; named: string; scope: string } {
  const slash = name.lastIndexOf('/');
  const named = slash === -1 ? graphAppId : name.slice(0, slash);
  const scope = name.slice(slash + 1);
  const resource = directory.resource(named);
  if (resource === undefined)
    throw new AadstsError(
      500011,
      `The resource principal named ${named} was not found in the tenant named Contoso. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
    );
  const known = resource.application.api.oauth2PermissionScopes.some((each) => each.value === scope && each.isEnabled);
  if (scope === '.default' || known) return { resource, named, scope };
  const { displayName } = client.application;
  throw new AadstsError(
    650053,
    `The application '${displayName}' asked for scope '${scope}' that doesn't exist on the resource '${resource.clientId}'. Contact the app vendor.`,
  );
}

function expand(
  client: Registration,
  resource: Registration,
  asked: { name: string; scopes: string[] },
): AskedResource {
  if (!asked.scopes.includes('.default')) return { resource, ...asked };
  if (asked.scopes.length > 1)
    throw new AadstsError(
      70011,
      `The provided value for the input parameter 'scope' is not valid. .default scope can't be combined with resource-specific scopes.`,
    );
  return { resource, name: asked.name, scopes: consented(client, resource) };
}

/** `.default`: what the registration lists, or everything where it lists nothing. Of Graph never more than `User.Read`. */
function consented(client: Registration, resource: Registration): string[] {
  const all = resource.application.api.oauth2PermissionScopes;
  const listed = client.application.requiredResourceAccess.find(
    ({ resourceAppId }) => resourceAppId === resource.clientId,
  );
  if (listed !== undefined) {
    const ids = new Set(listed.resourceAccess.filter(({ type }) => type === 'Scope').map(({ id }) => id));
    return all.filter(({ id }) => ids.has(id)).map(({ value }) => value);
  }
  return resource.clientId === graphAppId ? ['User.Read'] : all.map(({ value }) => value);
}

/** The one resource of a token request. @throws AadstsError */
export function oneResource(asked: AskedScopes, text: string): AskedResource | undefined {
  if (asked.resources.length > 1)
    throw new AadstsError(
      28000,
      `Provided value for the input parameter scope is not valid because it contains more than one resource. Scope ${text} is not valid.`,
    );
  return asked.resources[0];
}
