// What Genkan proves itself with: unpacked once, seen anew when it is exchanged, and used for as long as it is valid alone.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createCertificate } from '../../../test/support/entra.ts';
import { createCredential } from './credential.ts';
import type { Credential } from './credential.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'genkan-credential-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);

function pkcs12(rounds: number): { pfx: string; thumbprint: string } {
  const { pem, privateKeyPem, thumbprintSha256 } = createCertificate({ name: 'genkan', key: 'rsa' });
  writeFileSync(at('both.pem'), privateKeyPem + pem, { mode: 0o600 });
  const how = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-iter', String(rounds)];
  execFileSync('openssl', [
    'pkcs12',
    '-export',
    '-in',
    at('both.pem'),
    '-out',
    at('pfx'),
    '-passout',
    'pass:x',
    ...how,
  ]);
  return { pfx: readFileSync(at('pfx')).toString('base64'), thumbprint: thumbprintSha256.toUpperCase() };
}

function opened(values: Record<string, string>, nowMs = Date.now()): Credential {
  const reference = (name: string) => ({ source: 'env', name }) as const;
  const certificate = { pkcs12: reference('PFX'), password: reference('PASSWORD') };
  const settings = { credential: { certificate }, authorityHost: 'https://login.microsoftonline.com' };
  return createCredential(settings, {
    secret: (asked) => Promise.resolve('name' in asked ? values[asked.name]! : ''),
    clock: { now: () => nowMs },
    sendToMachine: () => Promise.reject(new Error('nobody is to be asked')),
  });
}

test('a file that takes long to unpack is unpacked once, until there is another one', async () => {
  const first = pkcs12(100_000);
  const values = { PFX: first.pfx, PASSWORD: 'x' };
  const credential = opened(values);
  const beganMs = performance.now();
  assert.equal((await credential()).id, first.thumbprint);
  const unpackedMs = performance.now();
  const againMs: number[] = [];
  for (let time = 0; time < 10; time++) {
    const askedMs = performance.now();
    await credential();
    againMs.push(performance.now() - askedMs);
  }
  assert.ok(Math.min(...againMs) * 10 < unpackedMs - beganMs, 'ten times more take less than the first time');
  const second = pkcs12(2048);
  values.PFX = second.pfx;
  assert.equal((await credential()).id, second.thumbprint);
  values.PASSWORD = 'wrong';
  await assert.rejects(credential(), { code: 'identity_credential_unusable' });
});

test('what would keep Genkan busy for seconds is refused at once', async () => {
  await assert.rejects(opened({ PFX: pkcs12(600_000).pfx, PASSWORD: 'x' })(), {
    code: 'identity_credential_unusable',
    message: /export it anew with AES-256 and SHA-256/,
  });
});

test('a certificate that is not valid yet, or any longer, proves nothing', async () => {
  const { pfx } = pkcs12(2048);
  const values = { PFX: pfx, PASSWORD: 'x' };
  const century = 100 * 365 * 86_400_000;
  await assert.rejects(opened(values, Date.now() - century)(), { message: /not valid before/ });
  await assert.rejects(opened(values, Date.now() + century)(), { code: 'identity_credential_expired' });
});
