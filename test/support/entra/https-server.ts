// An https server on `localhost` under the test authority, and the trust in it of this process.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createCertificate } from './certificates.ts';
import type { TestCertificate } from './certificates.ts';

export interface TestAuthority extends Disposable {
  readonly certificate: TestCertificate;
  /** For `NODE_EXTRA_CA_CERTS` of child processes. */
  readonly file: string;
  /** Makes TLS clients of this process trust it, until disposed. Call it before they open their first connection. */
  trust(): Disposable;
}

export function createTestAuthority(): TestAuthority {
  const certificate = createCertificate({ name: `Test authority ${process.pid}`, authority: true });
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-authority-'));
  const file = path.join(folder, 'ca.pem');
  writeFileSync(file, certificate.pem);
  return {
    certificate,
    file,
    trust() {
      setDefaultCACertificates([...getCACertificates('default'), certificate.pem]);
      return {
        // Takes away this one only, whatever else came to be trusted meanwhile.
        [Symbol.dispose]: () =>
          setDefaultCACertificates(getCACertificates('default').filter((pem) => pem.trim() !== certificate.pem.trim())),
      };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface HttpsServer extends AsyncDisposable {
  /** `https://localhost:PORT` */
  readonly origin: string;
}

export async function startHttpsServer(
  authority: TestAuthority,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  port = 0,
): Promise<HttpsServer> {
  const own = createCertificate({
    name: 'localhost',
    hosts: ['localhost', '127.0.0.1'],
    issuer: authority.certificate,
  });
  const server = createServer({ key: own.privateKeyPem, cert: own.pem }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      // A fault of the stand-in must not look like a refusal.
      console.error('stand-in:', error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  // `localhost` may mean ::1 first.
  await new Promise<void>((resolve) => server.listen(port, 'localhost', () => resolve()));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
