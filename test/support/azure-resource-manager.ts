// Azure Resource Manager by its real name, for programs that know no other address: a proxy leads them to a stand-in on loopback.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { createCertificate } from './entra/certificates.ts';
import type { TestAuthority } from './entra/https-server.ts';

export interface ResourceManager extends AsyncDisposable {
  /** With these a program finds it, and nothing else of the world. */
  readonly environment: Readonly<Record<string, string>>;
  /** Tokens with which subscriptions were listed, in order. */
  readonly tokens: string[];
  /** Hosts that somebody wanted to reach, this one included. */
  readonly sought: string[];
}

const host = 'management.azure.com';
const subscriptionId = '00000000-0000-0000-0000-000000000001';

/** @param admits what to answer instead of the list: a challenge, where the token is not good */
export async function startResourceManager(
  authority: TestAuthority,
  admits: (token: string) => string | undefined = () => undefined,
): Promise<ResourceManager> {
  const own = createCertificate({ name: host, hosts: [host], issuer: authority.certificate });
  const tokens: string[] = [];
  const sought: string[] = [];
  const sockets = new Set<Socket>();
  const manager = createHttpsServer({ key: own.privateKeyPem, cert: own.pem }, (request, response) => {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /i, '');
    tokens.push(token);
    const challenge = admits(token);
    if (challenge !== undefined)
      return json(response, 401, { error: { code: 'InvalidAuthenticationToken' } }, { 'www-authenticate': challenge });
    return json(response, 200, answerTo(request));
  });
  await new Promise<void>((resolve) => manager.listen(0, '127.0.0.1', () => resolve()));
  const proxy = createServer((_, response) => void response.writeHead(403).end());
  proxy.on('connect', (request: IncomingMessage, client: Socket) => {
    sought.push(request.url ?? '');
    const nearby = /^(localhost|127\.0\.0\.1):(\d+)$/.exec(request.url ?? '');
    if (nearby === null && request.url !== `${host}:443`) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const inside =
      nearby === null
        ? connect((manager.address() as AddressInfo).port, '127.0.0.1')
        : connect(Number(nearby[2]), nearby[1]!); // a program whose proxy settings know no exceptions
    for (const socket of [client, inside]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    client.pipe(inside).pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    environment: { HTTPS_PROXY: address, NO_PROXY: 'localhost,127.0.0.1', SSL_CERT_FILE: authority.file },
    tokens,
    sought,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      manager.closeAllConnections();
      proxy.closeAllConnections();
      await Promise.all([manager, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function answerTo({ url = '' }: IncomingMessage): object {
  const { pathname } = new URL(url, `https://${host}`);
  const tenantId = '00000000-0000-0000-0000-00000000000a';
  const id = `/subscriptions/${subscriptionId}`;
  const subscription = { id, subscriptionId, displayName: 'Stand-in', state: 'Enabled', tenantId };
  if (pathname === id) return subscription;
  return { value: pathname === '/subscriptions' ? [subscription] : [] };
}

function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}
