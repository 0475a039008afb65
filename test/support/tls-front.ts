// TLS in front of a Genkan that listens on loopback, as a reverse proxy has it: the name in Host stays, nothing is cached.
import { request as ask } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificate } from './entra/certificates.ts';
import type { TestAuthority } from './entra/https-server.ts';

export interface TlsFront extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`: another site than `localhost`, where the stand-ins are, so cookies cross sites as they do outside of tests. */
  readonly origin: string;
}

/** @param port of the house behind it, which need not be there yet */
export async function startTlsFront(authority: TestAuthority, port: number): Promise<TlsFront> {
  const own = createCertificate({ name: '127.0.0.1', hosts: ['127.0.0.1'], issuer: authority.certificate });
  const server = createServer({ key: own.privateKeyPem, cert: own.pem }, (request, response) => {
    const { method, url: path, headers } = request;
    const passed = { ...headers, 'x-forwarded-for': request.socket.remoteAddress, 'x-forwarded-proto': 'https' };
    const onward = ask({ host: '127.0.0.1', port, method, path, headers: passed }, (answer) => {
      response.writeHead(answer.statusCode!, answer.statusMessage, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}
