// Puts an access token on every request: the official suite sends no credentials. Everything else passes as it is.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenProxy extends AsyncDisposable {
  readonly url: string;
}

/** The host name of requests is kept, since the suite checks that foreign ones are refused; only our own port is replaced. */
export async function startTokenProxy(target: string, token: string): Promise<TokenProxy> {
  const { hostname, port, pathname } = new URL(target);
  const proxy = createServer((incoming, outgoing) => {
    const ownPort = (proxy.address() as AddressInfo).port;
    const host = (incoming.headers.host ?? '').replace(`:${ownPort}`, `:${port}`);
    const headers = { ...incoming.headers, host, authorization: `Bearer ${token}` };
    const forwarded = request({ hostname, port, method: incoming.method, path: incoming.url, headers, agent: false });
    forwarded.on('response', (response) => {
      outgoing.writeHead(response.statusCode!, response.headers).flushHeaders();
      response.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(proxy.address() as AddressInfo).port}${pathname}`,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
