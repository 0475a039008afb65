// Secrets and certificates of an application at the Entra stand-in.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import type { Credential, Registration } from './directory.ts';

const yearMs = 365 * 86_400_000;

interface SecretWish {
  readonly secret?: string;
  readonly displayName?: string;
  readonly ends?: Date;
}

export function addSecret({ application, secrets }: Registration, wish: SecretWish = {}): [Credential, string] {
  const secret = wish.secret ?? `${randomBytes(3).toString('hex')}~${randomBytes(24).toString('base64url')}`;
  const credential: Credential = {
    keyId: randomUUID(),
    displayName: wish.displayName ?? null,
    hint: secret.slice(0, 3),
    startDateTime: new Date().toISOString(),
    endDateTime: (wish.ends ?? new Date(Date.now() + 2 * yearMs)).toISOString(),
    customKeyIdentifier: null,
  };
  application.passwordCredentials.push(credential);
  secrets.set(credential.keyId, secret);
  return [credential, secret];
}

export function addCertificate(
  { application, certificates }: Registration,
  certificate: X509Certificate,
  displayName: string | null = certificate.subject,
): Credential {
  const credential: Credential = {
    keyId: randomUUID(),
    displayName,
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    customKeyIdentifier: createHash('sha1').update(certificate.raw).digest('hex').toUpperCase(),
    startDateTime: new Date(certificate.validFrom).toISOString(),
    endDateTime: new Date(certificate.validTo).toISOString(),
  };
  application.keyCredentials.push(credential);
  certificates.set(credential.keyId, certificate);
  return credential;
}
