// X.509 certificates for tests, written by hand in DER: an authority, and what it vouches for.
import { X509Certificate, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface TestCertificate {
  readonly certificate: X509Certificate;
  /** Certificate in PEM. */
  readonly pem: string;
  readonly privateKey: KeyObject;
  /** Private key in PEM (PKCS #8). */
  readonly privateKeyPem: string;
  /** SHA-256 of the DER, in hex as MSAL's `thumbprintSha256` wants it. */
  readonly thumbprintSha256: string;
}

export interface CertificateWish {
  readonly name: string;
  /** DNS names and IPv4 addresses of a server. */
  readonly hosts?: readonly string[];
  readonly issuer?: TestCertificate;
  readonly authority?: boolean;
  /** `rsa` where a token is signed with it, otherwise P-256, which is made faster. */
  readonly key?: 'rsa' | 'ec';
  readonly validFrom?: Date;
  readonly validTo?: Date;
}

const dayMs = 86_400_000;

// X.690: tag, length, content.
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const octets = (content: Buffer): Buffer => der(0x04, content);
const bits = (content: Buffer): Buffer => der(0x03, Buffer.from([0]), content);
const yes = der(0x01, Buffer.from([255]));
const time = (date: Date): Buffer =>
  der(
    0x17,
    Buffer.from(
      date
        .toISOString()
        .slice(2)
        .replace(/[-:T]|\.\d+/g, ''),
    ),
  ); // UTCTime
const nameOf = (name: string): Buffer => sequence(der(0x31, sequence(oid(0x55, 4, 3), der(0x0c, Buffer.from(name)))));

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
const rsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11), der(0x05));

function extensions(wish: CertificateWish, key: Buffer, issuerKey: Buffer): Buffer {
  const idOf = (spki: Buffer): Buffer => createHash('sha1').update(spki).digest();
  const critical = (id: Buffer, content: Buffer): Buffer => sequence(id, yes, octets(content));
  const plain = (id: Buffer, content: Buffer): Buffer => sequence(id, octets(content));
  const usage = wish.authority ? [1, 0x06] : [7, 0x80]; // keyCertSign + cRLSign, or digitalSignature
  const hosts = (wish.hosts ?? []).map((host) =>
    /^[\d.]+$/.test(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
  );
  return der(
    0xa3,
    sequence(
      critical(oid(0x55, 0x1d, 19), wish.authority ? sequence(yes) : sequence()),
      critical(oid(0x55, 0x1d, 15), der(0x03, Buffer.from(usage))),
      plain(oid(0x55, 0x1d, 14), octets(idOf(key))),
      plain(oid(0x55, 0x1d, 35), sequence(der(0x80, idOf(issuerKey)))),
      ...(hosts.length > 0
        ? [
            plain(oid(0x55, 0x1d, 17), sequence(...hosts)),
            plain(oid(0x55, 0x1d, 37), sequence(oid(0x2b, 6, 1, 5, 5, 7, 3, 1))), // serverAuth
          ]
        : []),
    ),
  );
}

/** @returns a certificate signed by `issuer`, or by itself without one */
export function createCertificate(wish: CertificateWish): TestCertificate {
  const { privateKey, publicKey } =
    wish.key === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const signer = wish.issuer?.privateKey ?? privateKey;
  const algorithm = signer.asymmetricKeyType === 'rsa' ? rsaWithSha256 : ecdsaWithSha256;
  const issuerKey = wish.issuer?.certificate.publicKey.export({ type: 'spki', format: 'der' }) ?? key;
  const from = wish.validFrom ?? new Date(Date.now() - dayMs);
  const to = wish.validTo ?? new Date(Date.now() + 30 * dayMs);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])), // serial number, positive
    algorithm,
    nameOf(wish.issuer === undefined ? wish.name : wish.issuer.certificate.subject.replace(/^CN=/, '')),
    sequence(time(from), time(to)),
    nameOf(wish.name),
    key,
    extensions(wish, key, issuerKey),
  );
  const certificate = new X509Certificate(sequence(body, algorithm, bits(sign('sha256', body, signer))));
  return {
    certificate,
    pem: certificate.toString(),
    privateKey,
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    thumbprintSha256: createHash('sha256').update(certificate.raw).digest('hex'),
  };
}
