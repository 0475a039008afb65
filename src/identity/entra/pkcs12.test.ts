// PKCS#12 files of several programs and ages: certificate and key come out, and nothing else makes trouble.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { readPkcs12 } from './pkcs12.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'genkan-pkcs12-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);
const openssl = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'pipe' });
openssl(
  'req',
  '-x509',
  '-newkey',
  'rsa:2048',
  '-nodes',
  '-keyout',
  at('key'),
  '-out',
  at('crt'),
  '-subj',
  '/CN=genkan',
);

function exported(...more: string[]): Buffer {
  openssl('pkcs12', '-export', '-inkey', at('key'), '-in', at('crt'), '-out', at('pfx'), ...more);
  return readFileSync(at('pfx'));
}

function isOurs(bytes: Buffer, password: string): void {
  const { certificate, privateKey } = readPkcs12(bytes, password);
  assert.equal(certificate.fingerprint256, new X509Certificate(readFileSync(at('crt'))).fingerprint256);
  assert.ok(privateKey.equals(createPrivateKey(readFileSync(at('key')))));
}

test('reads what OpenSSL writes today, with AES-256', () => {
  isOurs(exported('-passout', 'pass:pässwörd'), 'pässwörd');
});

test('reads what older programs wrote, with triple DES', () => {
  const older = ['-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'];
  isOurs(exported(...older, '-passout', 'pass:secret'), 'secret');
  isOurs(exported(...older, '-passout', 'pass:'), '');
});

test('reads what Key Vault hands out: no password', () => {
  isOurs(exported('-keypbe', 'NONE', '-certpbe', 'NONE', '-passout', 'pass:'), '');
});

test('finds the certificate of the key among those that vouch for it', () => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('ca-key'),
    '-out',
    at('ca'),
    '-subj',
    '/CN=ca',
  );
  isOurs(exported('-certfile', at('ca'), '-passout', 'pass:x'), 'x');
});

test('says what is wrong without a word of what it read', () => {
  assert.throws(() => readPkcs12(exported('-passout', 'pass:right'), 'wrong'), /password does not open it/);
  assert.throws(() => readPkcs12(Buffer.from('no such thing'), ''), /no PKCS#12/);
  assert.throws(() => readPkcs12(Buffer.alloc(0), ''), /no PKCS#12/);
});

test('whatever bytes come, it ends', () => {
  const good = exported('-passout', 'pass:x');
  for (let at = 0; at < good.length; at += 7) {
    const bad = Buffer.from(good);
    bad[at] = bad[at]! ^ 0xff;
    try {
      readPkcs12(bad, 'x');
    } catch (error) {
      assert.ok(error instanceof Error && !(error instanceof RangeError), String(error));
    }
  }
});

test('a number of rounds that is none is refused', () => {
  const good = exported(
    '-keypbe',
    'PBE-SHA1-3DES',
    '-certpbe',
    'PBE-SHA1-3DES',
    '-iter',
    '65537',
    '-passout',
    'pass:x',
  );
  const rounds = Buffer.from([0x02, 0x03, 0x01, 0x00, 0x01]);
  const at = good.indexOf(rounds);
  assert.ok(at > 0);
  // An INTEGER without any content, and an OCTET STRING in what was its place, so that every length still fits.
  const bad = Buffer.from(good);
  Buffer.from([0x02, 0x00, 0x04, 0x01, 0x00]).copy(bad, at);
  assert.throws(() => readPkcs12(bad, 'x'), /no possible number of rounds/);
});
