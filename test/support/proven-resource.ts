// A protected resource that does nothing but ask identity about whoever comes, as the door does.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isRefusal } from '../../src/base/errors.ts';
import type { IdentityHouse } from './identity-house.ts';

export interface ProvenResource {
  /** Where it listens. */
  readonly address: string;
  /** The resource that tokens are for. */
  readonly resource: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function serveResource({ identity, publicUrl }: IdentityHouse, path: string): Promise<ProvenResource> {
  const resource = `${publicUrl}${path}`;
  const server = createServer((request, response) => {
    void (async () => {
      const { authorization, dpop } = request.headers;
      const verdict = await identity.verify(authorization, resource, {
        sourceIP: '',
        userAgent: '',
        method: request.method,
        url: `http://${request.headers.host!}${request.url!.split('?')[0]!}`,
        proof: typeof dpop === 'string' ? dpop : undefined,
      });
      if (!isRefusal(verdict)) return response.writeHead(200).end(verdict.principal.id);
      response.writeHead(401, { 'www-authenticate': identity.challenge(verdict, resource) }).end(verdict.code);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    resource,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}
