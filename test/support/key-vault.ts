// Azure Key Vault for tests, over https: challenge, versions of secrets, rights, throttling; and the managed identity that reads it.
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyOf, startHttpsServer } from './entra/https-server.ts';
import type { TestAuthority } from './entra/https-server.ts';

interface Version {
  readonly id: string;
  readonly value: string;
  readonly createdAtSeconds: number;
  enabled: boolean;
}

export interface KeyVault extends AsyncDisposable {
  /** `https://localhost:PORT` */
  readonly url: string;
  /** For the process that reads: an identity endpoint as App Service has it. */
  readonly env: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** Adds a version. @returns its id */
  put(name: string, value: string): string;
  disable(name: string): void;
  remove(name: string): void;
  versions(name: string): readonly Version[];
  /** What every request gets instead of an answer, until it is undefined again. */
  trouble: { readonly status: number; readonly code?: string } | undefined;
  /** Whether whoever reads may write too. */
  mayWrite: boolean;
  /** `METHOD /path` of every request that bore a token. */
  readonly requests: string[];
  /** The resources for which tokens were asked. */
  readonly tokensFor: string[];
  /** The `Authorization` header of every request. */
  readonly bearers: string[];
}

export interface KeyVaultOptions {
  /** Resource of the challenge. */
  readonly resource?: string;
  readonly answerInstead?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export async function startKeyVault(
  authority: TestAuthority,
  { resource = 'https://vault.azure.net', answerInstead = () => false }: KeyVaultOptions = {},
): Promise<KeyVault> {
  const secrets = new Map<string, Version[]>();
  const tokens = new Set<string>();
  let ticks = 1_700_000_000;
  const send = (response: ServerResponse, status: number, body: object, headers = {}): void =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  const fault = (response: ServerResponse, status: number, code: string): void =>
    send(response, status, { error: { code, message: `${code}: details that nobody should rely on` } });
  const shown = (name: string, { id, value, enabled, createdAtSeconds }: Version, withValue: boolean): object => ({
    ...(withValue && { value }),
    id: `${vault.url}/secrets/${name}/${id}`,
    attributes: { enabled, created: createdAtSeconds, updated: createdAtSeconds, recoveryLevel: 'Recoverable' },
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', vault.url);
    vault.bearers.push(request.headers.authorization ?? '');
    if (answerInstead(request, response)) return;
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined || !tokens.has(bearer)) {
      const challenge = `Bearer authorization="https://login.microsoftonline.com/${tenant}", resource="${resource}"`;
      return send(response, 401, { error: { code: 'Unauthorized' } }, { 'www-authenticate': challenge });
    }
    vault.requests.push(`${request.method} ${pathname}`);
    if (vault.trouble !== undefined) return fault(response, vault.trouble.status, vault.trouble.code ?? 'Trouble');
    const [, kind, name = '', version = ''] = pathname.split('/');
    const versions = secrets.get(name) ?? [];
    if (kind !== 'secrets') return fault(response, 404, 'NotFound');
    if (request.method === 'GET' && version === 'versions') {
      return send(response, 200, { value: versions.map((each) => shown(name, each, false)), nextLink: null });
    }
    const found = version === '' ? versions.at(-1) : versions.find(({ id }) => id === version);
    if (request.method === 'GET') {
      if (found === undefined) return fault(response, 404, 'SecretNotFound');
      if (!found.enabled)
        return send(response, 403, { error: { code: 'Forbidden', innererror: { code: 'SecretDisabled' } } });
      return send(response, 200, shown(name, found, true));
    }
    if (!vault.mayWrite) return fault(response, 403, 'Forbidden');
    const body = JSON.parse(await bodyOf(request)) as { value?: string; attributes?: { enabled?: boolean } };
    if (request.method === 'PUT') {
      vault.put(name, body.value ?? '');
      return send(response, 200, shown(name, secrets.get(name)!.at(-1)!, true));
    }
    if (request.method === 'PATCH' && found !== undefined) {
      found.enabled = body.attributes?.enabled ?? found.enabled;
      return send(response, 200, shown(name, found, false));
    }
    return fault(response, 404, 'NotFound');
  }

  const tenant = randomUUID();
  const header = randomUUID();
  const identity = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.headers['x-identity-header'] !== header) return send(response, 401, {});
    const wanted = searchParams.get('resource') ?? '';
    vault.tokensFor.push(wanted);
    const token = randomBytes(24).toString('base64url');
    if (wanted === resource) tokens.add(token);
    const expires_on = String(Math.floor(Date.now() / 1000) + 86_400);
    send(response, 200, { access_token: token, expires_on, resource: wanted, token_type: 'Bearer' });
  });
  await new Promise<void>((resolve) => identity.listen(0, '127.0.0.1', () => resolve()));
  const server = await startHttpsServer(authority, answer);
  const vault: KeyVault = {
    url: server.origin,
    env: {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${(identity.address() as AddressInfo).port}/msi/token`,
      IDENTITY_HEADER: header,
    },
    put(name, value) {
      const id = randomBytes(16).toString('hex');
      secrets.set(name, [...(secrets.get(name) ?? []), { id, value, createdAtSeconds: ticks++, enabled: true }]);
      return id;
    },
    disable: (name) => void secrets.get(name)?.forEach((version) => (version.enabled = false)),
    remove: (name) => void secrets.delete(name),
    versions: (name) => secrets.get(name) ?? [],
    trouble: undefined,
    mayWrite: true,
    requests: [],
    tokensFor: [],
    bearers: [],
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await new Promise((resolve) => (identity.close(resolve), identity.closeAllConnections()));
    },
  };
  return vault;
}
