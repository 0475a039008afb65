// A certificate for a key pair of our own, as Entra ID wants one to know a public key by: X.509 v3 in DER, signed by the key itself.
import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';

interface OwnCertificate {
  /** Private key (PKCS#8) and certificate in one text. */
  readonly pem: string;
  readonly certificate: X509Certificate;
}

/** @param name common name, in ASCII */
export function selfSigned(name: string, fromMs: number, untilMs: number): OwnCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki).digest(); // RFC 5280 §4.2.1.2: a name, not a safeguard
  const issuer = sequence(element(0x31, sequence(oid(0x55, 4, 3), element(0x0c, Buffer.from(name)))));
  const body = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))), // version 3
    element(0x02, Buffer.concat([Buffer.from([0x40 | (randomBytes(1)[0]! % 0x40)]), randomBytes(15)])), // positive, RFC 5280 §4.1.2.2
    sha256WithRsa,
    issuer,
    sequence(time(fromMs), time(untilMs)),
    issuer,
    spki,
    element(
      0xa3,
      sequence(
        sequence(oid(0x55, 0x1d, 19), yes, octets(sequence())), // no authority
        sequence(oid(0x55, 0x1d, 15), yes, octets(element(0x03, Buffer.from([7, 0x80])))), // digitalSignature
        sequence(oid(0x55, 0x1d, 14), octets(octets(keyId))),
      ),
    ),
  );
  const signature = element(0x03, Buffer.from([0]), sign('sha256', body, privateKey));
  const certificate = new X509Certificate(sequence(body, sha256WithRsa, signature));
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() + certificate.toString(), certificate };
}

/** X.690 §8.1 */
function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => element(0x30, ...parts);
const oid = (...bytes: readonly number[]): Buffer => element(0x06, Buffer.from(bytes));
const octets = (content: Buffer): Buffer => element(0x04, content);
const yes = element(0x01, Buffer.from([0xff]));
const sha256WithRsa = sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11), element(0x05));

/** RFC 5280 §4.1.2.5: UTCTime through the year 2049. */
const time = (ms: number): Buffer =>
  element(
    0x17,
    Buffer.from(
      `${new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
    ),
  );
