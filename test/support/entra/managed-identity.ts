// The managed identity endpoint as App Service offers it to a process: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`, http on loopback.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readClaimsRequest } from './claims-request.ts';
import type { Registration } from './directory.ts';
import type { EntraState } from './state.ts';
import { accessToken } from './tokens.ts';

export interface ManagedIdentity extends AsyncDisposable {
  readonly endpoint: string;
  readonly header: string;
  readonly clientId: string;
  /** Subject of its tokens, which a federated credential names. */
  readonly principalId: string;
  /** What a process is given to find it. */
  readonly env: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  readonly requests: URLSearchParams[];
}

/** @param identity the service principal behind it */
export async function startManagedIdentity(state: EntraState, identity: Registration): Promise<ManagedIdentity> {
  const header = randomUUID();
  const requests: URLSearchParams[] = [];
  const json = (response: ServerResponse, status: number, value: object): void =>
    void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    requests.push(searchParams);
    if (request.headers['x-identity-header'] !== header)
      return json(response, 401, { statusCode: 401, message: 'Unauthorized' });
    const name = searchParams.get('resource') ?? '';
    const resource = state.directory.resource(name.replace(/\/$/, ''));
    const clientId = searchParams.get('client_id');
    if (resource === undefined || (clientId !== null && clientId !== identity.clientId))
      return json(response, 400, { statusCode: 400, message: 'No User Assigned or Delegated Managed Identity found.' });
    const { token, lifetimeSeconds } = await accessToken(state, {
      client: identity,
      proof: '2',
      asked: { resource, name, scopes: [] },
      tenant: identity.tenant,
      claims: readClaimsRequest(undefined),
    });
    json(response, 200, {
      access_token: token,
      expires_on: String(Math.floor(state.now() / 1000) + lifetimeSeconds),
      resource: name,
      token_type: 'Bearer',
      client_id: identity.clientId,
    });
  }

  const server = createServer(
    (request, response) => void answer(request, response).catch(() => response.writeHead(500).end()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`;
  return {
    endpoint,
    header,
    clientId: identity.clientId,
    principalId: identity.servicePrincipalId,
    env: { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header },
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}
