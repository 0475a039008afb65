// Azure Resource Manager as far as role assignments go: subscriptions, who has which role where, and what roles grant.
// https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startHttpsServer } from './entra/https-server.ts';
import type { TestAuthority } from './entra/https-server.ts';

export interface AzureAssignmentWish {
  readonly principal: string;
  readonly principalType?: 'ServicePrincipal' | 'Group';
  readonly role: string;
  readonly scope: string;
  readonly condition?: string;
}

export interface AzureRoleAssignments extends AsyncDisposable {
  /** `https://localhost:PORT`: what `managementUrl` takes, and the resource of its tokens. */
  readonly origin: string;
  /** Subscriptions in which Genkan's application may read. */
  readonly readable: string[];
  /** Which of these a management group holds. */
  readonly managementGroups: Record<string, readonly string[]>;
  /** Groups that an identity is in, groups in groups included. */
  readonly groups: Record<string, readonly string[]>;
  /** @returns the id of the role */
  addRole(name: string, permission: { actions?: string[]; notActions?: string[]; dataActions?: string[] }): string;
  /** @returns the id of the assignment */
  assign(wish: AzureAssignmentWish): string;
  /** Takes a role away, and leaves its assignments as Azure would not. */
  dropRole(id: string): void;
  /** Paths that were asked for, in order, and with which object ids of tokens. */
  readonly asked: { readonly path: string; readonly by: unknown }[];
  /** What to answer to the next requests whose path ends so. */
  instead: { readonly path: RegExp; readonly answer: (response: ServerResponse) => void } | undefined;
}

const provider = '/providers/Microsoft.Authorization/';

export async function startAzureRoleAssignments(authority: TestAuthority): Promise<AzureRoleAssignments> {
  const roles = new Map<string, object>();
  const assignments: (AzureAssignmentWish & { readonly id: string })[] = [];
  const server = await startHttpsServer(authority, answer);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, azure.origin);
    const path = decodeURIComponent(pathname);
    const claims = claimsIn(request.headers.authorization);
    azure.asked.push({ path, by: claims['oid'] ?? claims['appid'] ?? claims['azp'] });
    if (azure.instead?.path.test(path) === true) return azure.instead.answer(response);
    // A token of an application has no scopes of a person.
    if (claims['aud'] !== azure.origin || claims['scp'] !== undefined)
      return refuse(response, 401, 'InvalidAuthenticationToken');
    if (path === '/subscriptions' && searchParams.get('api-version') === '2022-12-01')
      return paged(
        response,
        azure.readable.map((each) => ({ id: `/subscriptions/${each}`, subscriptionId: each })),
        request.url!,
      );
    const [, subscription = '', rest = ''] = /^\/subscriptions\/([^/]+)(\/.*)$/.exec(path) ?? [];
    if (searchParams.get('api-version') !== '2022-04-01' || !rest.startsWith(provider))
      return refuse(response, 400, 'NoRegisteredProviderFound');
    if (!azure.readable.includes(subscription)) return refuse(response, 403, 'AuthorizationFailed');
    const [kind, name = ''] = rest.slice(provider.length).split('/');
    if (kind === 'roleDefinitions') {
      const role = roles.get(name);
      return role === undefined ? refuse(response, 404, 'RoleDefinitionDoesNotExist') : json(response, 200, role);
    }
    const [, identity = ''] = /^assignedTo\('([0-9a-f-]{36})'\)$/.exec(searchParams.get('$filter') ?? '') ?? [];
    if (kind !== 'roleAssignments' || identity === '') return refuse(response, 400, 'BadRequestFormat');
    const whose = [identity, ...(azure.groups[identity] ?? [])];
    const found = assignments.filter(
      ({ principal, scope }) => whose.includes(principal) && concerns(scope, subscription),
    );
    return paged(
      response,
      found.map(({ id, role, principal, principalType = 'ServicePrincipal', scope, condition = null }) => ({
        id,
        name: id.split('/').at(-1),
        type: 'Microsoft.Authorization/roleAssignments',
        properties: {
          roleDefinitionId: `/subscriptions/${subscription}${provider}roleDefinitions/${role}`,
          principalId: principal,
          principalType,
          scope,
          condition,
        },
      })),
      request.url!,
    );
  }

  /** Those at, above and below a subscription. */
  function concerns(scope: string, subscription: string): boolean {
    const group = /\/managementGroups\/(.+)$/.exec(scope)?.[1];
    if (group !== undefined) return azure.managementGroups[group]?.includes(subscription) === true;
    return scope === '/' || `${scope}/`.startsWith(`/subscriptions/${subscription}/`);
  }

  /** A page holds one, so that whoever reads the first alone misses the rest. */
  function paged(response: ServerResponse, items: readonly object[], url: string): void {
    const next = new URL(url, azure.origin);
    const page = Number(next.searchParams.get('$skiptoken') ?? 0);
    next.searchParams.set('$skiptoken', String(page + 1));
    json(response, 200, {
      value: items.slice(page, page + 1),
      ...(page + 1 < items.length && { nextLink: next.href }),
    });
  }

  const azure: AzureRoleAssignments = {
    origin: server.origin,
    readable: [],
    managementGroups: {},
    groups: {},
    addRole(roleName, { actions = [], notActions = [], dataActions = [] }) {
      const name = randomUUID();
      const permissions = [{ actions, notActions, dataActions, notDataActions: [] }];
      const properties = { roleName, type: 'CustomRole', permissions, assignableScopes: ['/'] };
      roles.set(name, { id: `${provider}roleDefinitions/${name}`, name, properties });
      return name;
    },
    assign(wish) {
      const id = `${wish.scope === '/' ? '' : wish.scope}${provider}roleAssignments/${randomUUID()}`;
      assignments.push({ ...wish, id });
      return id;
    },
    dropRole: (id) => void roles.delete(id),
    asked: [],
    instead: undefined,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
  return azure;
}

function claimsIn(authorization = ''): Record<string, unknown> {
  const [, payload = ''] = authorization.replace(/^Bearer /, '').split('.');
  return payload === '' ? {} : (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>);
}

const json = (response: ServerResponse, status: number, body: object): void =>
  void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));

const refuse = (response: ServerResponse, status: number, code: string): void =>
  json(response, status, { error: { code, message: `the client is refused: ${code}` } });
