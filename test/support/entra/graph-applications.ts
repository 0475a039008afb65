// Applications at the Microsoft Graph stand-in. What is changed here holds at the Entra stand-in at once.
import { X509Certificate, randomUUID } from 'node:crypto';
import { jwtVerify } from 'jose';
import { addCertificate, addSecret } from './application-credentials.ts';
import type { Credential, FederatedCredential, GraphApplication, Registration } from './directory.ts';
import { GraphError, badRequest, filtered, notFound, paged, requireOneOf, selected } from './graph-protocol.ts';
import type { GraphCall, GraphRoutes } from './graph-routes.ts';
import { created } from './graph-routes.ts';
import type { EntraState } from './state.ts';

const reads = [
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.Read.All',
];
const writes = ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'];
const azureAdGraphAppId = '00000002-0000-0000-c000-000000000000';

export function applicationRoutes(state: EntraState): GraphRoutes {
  const { apps } = state.directory;
  const owners = new Map<Registration, Set<string>>();
  const mayRead = ({ asker }: GraphCall): void => requireOneOf(asker, reads, reads);
  const mayWrite = ({ asker }: GraphCall): void => requireOneOf(asker, writes, writes);

  function find(id: string): Registration {
    const found = [...apps.values()].find(
      ({ clientId, application }) => id === `appId=${clientId}` || id === application.id,
    );
    if (found === undefined) throw notFound(id);
    return found;
  }
  function findPrincipal(id: string): Registration {
    const found = [...apps.values()].find(
      ({ clientId, servicePrincipalId }) => id === `appId=${clientId}` || id === servicePrincipalId,
    );
    if (found === undefined) throw notFound(id);
    return found;
  }
  const principalOf = ({ servicePrincipalId, clientId, application }: Registration) => ({
    id: servicePrincipalId,
    appId: clientId,
    displayName: application.displayName,
    accountEnabled: true,
    servicePrincipalType: 'Application',
    servicePrincipalNames: [...application.identifierUris, clientId],
    appRoles: application.appRoles,
    oauth2PermissionScopes: application.api.oauth2PermissionScopes,
  });

  return {
    'GET /applications'(call) {
      mayRead(call);
      const found = filtered(
        [...apps.values()].map(({ application }) => application),
        call.url.searchParams,
      );
      return paged(
        call.url,
        found.map((each) => selected(each, call.url.searchParams)),
        100,
      );
    },
    'POST /applications'(call) {
      mayWrite(call);
      const displayName = call.body['displayName'];
      if (typeof displayName !== 'string')
        throw badRequest("A value is required for property 'displayName' of resource 'Application'.");
      const made = state.directory.addApp({ displayName });
      made.application.identifierUris = [];
      made.application.api.requestedAccessTokenVersion = null;
      made.application.groupMembershipClaims = null;
      change(made, call.body);
      return { ...made.application, [created]: true };
    },
    'GET /applications/{id}'(call) {
      mayRead(call);
      return selected(find(call.id).application, call.url.searchParams);
    },
    'PATCH /applications/{id}'(call) {
      mayWrite(call);
      change(find(call.id), call.body);
      return undefined;
    },
    'POST /applications/{id}/addPassword'(call) {
      mayWrite(call);
      const wish = (call.body['passwordCredential'] ?? {}) as { displayName?: string; endDateTime?: string };
      const [credential, secretText] = addSecret(find(call.id), {
        ...(wish.displayName !== undefined && { displayName: wish.displayName }),
        ...(wish.endDateTime !== undefined && { ends: new Date(wish.endDateTime) }),
      });
      return { ...credential, secretText };
    },
    'POST /applications/{id}/removePassword'(call) {
      mayWrite(call);
      const app = find(call.id);
      const keyId = String(call.body['keyId']);
      if (!app.secrets.delete(keyId)) throw badRequest('No password credential found with keyId.');
      app.application.passwordCredentials = app.application.passwordCredentials.filter((each) => each.keyId !== keyId);
      return undefined;
    },
    async 'POST /applications/{id}/addKey'(call) {
      mayWrite(call);
      const app = find(call.id);
      await requireProof(state, app, call.body['proof']);
      const { key, displayName } = (call.body['keyCredential'] ?? {}) as { key?: string; displayName?: string };
      return addCertificate(app, certificateFrom(key), displayName);
    },
    async 'POST /applications/{id}/removeKey'(call) {
      mayWrite(call);
      const app = find(call.id);
      await requireProof(state, app, call.body['proof']);
      const keyId = String(call.body['keyId']);
      if (!app.certificates.delete(keyId)) throw badRequest('No key credential found with keyId.');
      app.application.keyCredentials = app.application.keyCredentials.filter((each) => each.keyId !== keyId);
      return undefined;
    },
    'GET /applications/{id}/federatedIdentityCredentials'(call) {
      mayRead(call);
      return paged(call.url, find(call.id).federated, 100);
    },
    'POST /applications/{id}/federatedIdentityCredentials'(call) {
      mayWrite(call);
      const { name, issuer, subject, audiences, description } = call.body as unknown as FederatedCredential;
      const { federated } = find(call.id);
      if (federated.some((each) => each.name === name))
        throw new GraphError(
          409,
          'Request_MultipleObjectsWithSameKeyValue',
          `FederatedIdentityCredential with name ${name} already exists.`,
        );
      const made = { id: randomUUID(), name, issuer, subject, audiences, description };
      federated.push(made);
      return { ...made, [created]: true };
    },
    'DELETE /applications/{id}/federatedIdentityCredentials/{other}'(call) {
      mayWrite(call);
      const { federated } = find(call.id);
      const at = federated.findIndex(({ id, name }) => id === call.other || name === call.other);
      if (at === -1) throw notFound(call.other);
      federated.splice(at, 1);
      return undefined;
    },
    'GET /applications/{id}/owners'(call) {
      mayRead(call);
      const ids = [...(owners.get(find(call.id)) ?? [])];
      return paged(
        call.url,
        ids.map((id) => ({ id })),
        100,
      );
    },
    'POST /applications/{id}/owners/$ref'(call) {
      mayWrite(call);
      const app = find(call.id);
      const reference = String(call.body['@odata.id']);
      const id = findPrincipal(reference.slice(reference.lastIndexOf('/') + 1)).servicePrincipalId;
      const known = owners.get(app) ?? new Set();
      if (known.has(id))
        throw badRequest(
          "One or more added object references already exist for the following modified properties: 'owners'.",
        );
      owners.set(app, known.add(id));
      return undefined;
    },
    'GET /servicePrincipals/{id}/appRoleAssignments'(call) {
      mayRead(call);
      const { permissions } = findPrincipal(call.id);
      const assignments = Object.entries(permissions).flatMap(([name, roles]) => {
        const resource = state.directory.resource(name)!;
        const { displayName, appRoles } = resource.application;
        return roles.map((role) => ({
          id: `${resource.clientId} ${role}`,
          appRoleId: appRoles.find(({ value }) => value === role)?.id,
          resourceId: resource.servicePrincipalId,
          resourceDisplayName: displayName,
        }));
      });
      return paged(call.url, assignments, 100);
    },
    // In beta alone.
    'GET /beta/reports/appCredentialSignInActivities'(call) {
      requireOneOf(call.asker, ['AuditLog.Read.All'], ['AuditLog.Read.All']);
      const activities = [...apps.values()].flatMap(({ clientId, application }) =>
        application.passwordCredentials.flatMap(({ keyId }) => {
          const at = state.uses.get(keyId);
          return at === undefined
            ? []
            : [{ appId: clientId, keyId, signInActivity: { lastSignInDateTime: new Date(at).toISOString() } }];
        }),
      );
      return paged(call.url, filtered(activities, call.url.searchParams), 100);
    },
    'GET /servicePrincipals'(call) {
      mayRead(call);
      const found = filtered([...apps.values()].map(principalOf), call.url.searchParams);
      return paged(
        call.url,
        found.map((each) => selected(each, call.url.searchParams)),
        100,
      );
    },
    'POST /servicePrincipals'(call) {
      mayWrite(call);
      return { ...principalOf(find(`appId=${String(call.body['appId'])}`)), [created]: true };
    },
    'GET /servicePrincipals/{id}'(call) {
      mayRead(call);
      return selected(principalOf(findPrincipal(call.id)), call.url.searchParams);
    },
  };
}

/** Collections are replaced; of a complex property only what is named changes. */
function change(app: Registration, body: Record<string, unknown>): void {
  const { application } = app;
  for (const [name, value] of Object.entries(body)) {
    if (name === 'keyCredentials') replaceCertificates(app, value as (Credential & { key?: string })[]);
    else if (!(name in application) || ['id', 'appId', 'passwordCredentials'].includes(name))
      throw badRequest(`Property '${name}' is read-only or does not exist.`);
    else {
      const old = application[name as keyof GraphApplication];
      const isComplex = (each: unknown): each is object =>
        typeof each === 'object' && each !== null && !Array.isArray(each);
      Object.assign(application, { [name]: isComplex(old) && isComplex(value) ? { ...old, ...value } : value });
    }
  }
}

function replaceCertificates(app: Registration, wished: readonly (Credential & { key?: string })[]): void {
  const kept = new Set(wished.map(({ keyId }) => keyId));
  app.application.keyCredentials = app.application.keyCredentials.filter(({ keyId }) => kept.has(keyId));
  for (const keyId of app.certificates.keys()) if (!kept.has(keyId)) app.certificates.delete(keyId);
  for (const { keyId, key, displayName } of wished)
    if (!app.certificates.has(keyId)) addCertificate(app, certificateFrom(key), displayName ?? undefined);
}

function certificateFrom(key: string | undefined): X509Certificate {
  try {
    const bytes = Buffer.from(key ?? '', 'base64');
    return new X509Certificate(bytes);
  } catch {
    throw badRequest('Key credential is not a valid X.509 certificate.');
  }
}

/** Who adds or takes a key without more rights proves that it holds one already. */
async function requireProof(state: EntraState, app: Registration, proof: unknown): Promise<void> {
  const options = { audience: azureAdGraphAppId, issuer: app.application.id, currentDate: new Date(state.now()) };
  for (const { publicKey } of app.certificates.values()) {
    const verified = await jwtVerify(String(proof), publicKey, options).catch(() => undefined);
    if (verified !== undefined) return;
  }
  throw new GraphError(401, 'Authentication_MissingOrMalformed', 'Access Token missing or malformed.');
}
