// Certificates for our own keys: what OpenSSL and Node make of them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { selfSigned } from './self-signed.ts';

test('a certificate is signed by its own key, valid for the time asked for, and says what it is for', () => {
  const fromMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  const { certificate, pem } = selfSigned('genkan', fromMs, fromMs + 180 * 86_400_000);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(pem)));
  assert.equal(certificate.subject, 'CN=genkan');
  assert.equal(Date.parse(certificate.validFrom), fromMs);
  assert.equal(Date.parse(certificate.validTo), fromMs + 180 * 86_400_000);
  assert.equal(certificate.ca, false);
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 3072);
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input: pem }).toString();
  assert.match(text, /Version: 3/);
  assert.match(text, /sha256WithRSAEncryption/);
  assert.match(text, /Key Usage: critical\s+Digital Signature/);
});

test('two certificates share neither key nor serial number', () => {
  const [first, second] = [selfSigned('genkan', 0, 1000), selfSigned('genkan', 0, 1000)];
  assert.notEqual(first.certificate.serialNumber, second.certificate.serialNumber);
  assert.notEqual(first.certificate.fingerprint256, second.certificate.fingerprint256);
});
