// Reads certificate and key out of PKCS#12 (RFC 7292), which Node does for TLS alone. It comes by a secret reference, so who wrote it is trusted and no MAC is checked.
import { createDecipheriv, createHash, createPrivateKey, pbkdf2Sync, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** @throws Error that says what is wrong, never what was read */
export function readPkcs12(bytes: Buffer, password: string): { certificate: X509Certificate; privateKey: KeyObject } {
  const [version, authSafe] = parts(one(bytes));
  if (version === undefined || integer(version) !== 3) throw new Error('it is no PKCS#12 in base64');
  const bags = parts(one(dataOf(authSafe))).flatMap((info) => parts(one(contentOf(info, password))));
  const keys: KeyObject[] = [];
  const certificates: X509Certificate[] = [];
  for (const [id, value] of bags.map(parts)) {
    const kind = oid(id);
    const bag = one(within(value));
    if (kind === keyBag) keys.push(privateKey(bag.whole));
    else if (kind === shroudedKeyBag) keys.push(privateKey(decrypted(bag, password)));
    else if (kind === certificateBag) {
      const [type, content] = parts(bag);
      if (oid(type) === x509) certificates.push(new X509Certificate(one(within(content)).value));
    }
  }
  const [key] = keys;
  if (key === undefined || keys.length > 1) throw new Error(`it holds ${keys.length} private keys instead of one`);
  const certificate = certificates.find((each) => each.checkPrivateKey(key));
  if (certificate === undefined) throw new Error('it holds no certificate for its private key');
  return { certificate, privateKey: key };
}

const data = '1.2.840.113549.1.7.1';
const encryptedData = '1.2.840.113549.1.7.6';
const keyBag = '1.2.840.113549.1.12.10.1.1';
const shroudedKeyBag = '1.2.840.113549.1.12.10.1.2';
const certificateBag = '1.2.840.113549.1.12.10.1.3';
const x509 = '1.2.840.113549.1.9.22.1';
const pbes2 = '1.2.840.113549.1.5.13';
const pbkdf2 = '1.2.840.113549.1.5.12';
const sha1With3Des = '1.2.840.113549.1.12.1.3';
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const ciphers: Readonly<Record<string, readonly [name: string, keyBytes: number]>> = {
  '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16],
  '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32],
  '1.2.840.113549.3.7': ['des-ede3-cbc', 24],
};
/** Enough for every program that writes such files; more would keep Genkan busy. */
const mostRounds = 2_000_000;
/** Those of Node's own SHA-1, called one by one. */
const mostOlderRounds = 100_000;

const privateKey = (der: Buffer): KeyObject => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });

function dataOf(info: Element | undefined): Buffer {
  const [type, content] = parts(info);
  if (oid(type) !== data) throw new Error('it is signed rather than protected by a password');
  return one(within(content)).value;
}

function contentOf(info: Element, password: string): Buffer {
  const [type, content] = parts(info);
  if (oid(type) !== encryptedData) return dataOf(info);
  const [, encrypted] = parts(one(within(content)));
  const [, algorithm, bytes] = parts(encrypted);
  return decrypt(algorithm, bytes?.value, password);
}

/** EncryptedPrivateKeyInfo, RFC 5208 §6 */
function decrypted(bag: Element, password: string): Buffer {
  const [algorithm, bytes] = parts(bag);
  return decrypt(algorithm, bytes?.value, password);
}

function decrypt(algorithm: Element | undefined, bytes: Buffer | undefined, password: string): Buffer {
  const [id, parameters] = parts(algorithm);
  const name = oid(id);
  const [cipher, key, iv] =
    name === pbes2
      ? modern(parameters, password)
      : name === sha1With3Des
        ? older(parameters, password)
        : unknown('how it is encrypted');
  const decipher = createDecipheriv(cipher, key, iv);
  try {
    return Buffer.concat([decipher.update(bytes ?? Buffer.alloc(0)), decipher.final()]);
  } catch {
    throw new Error('the password does not open it');
  }
}

type Opening = readonly [cipher: string, key: Buffer, iv: Buffer];

/** RFC 8018 §6.2 */
function modern(parameters: Element | undefined, password: string): Opening {
  const [derivation, encryption] = parts(parameters);
  const [kdf, settings] = parts(derivation);
  const [salt, rounds, ...more] = parts(settings);
  const [scheme, iv] = parts(encryption);
  const prf = more.find(({ tag }) => tag === 0x30);
  const hash = prf === undefined ? 'sha1' : hashes[oid(parts(prf)[0])];
  const cipher = ciphers[oid(scheme)];
  if (oid(kdf) !== pbkdf2 || hash === undefined || cipher === undefined || !salt || !iv)
    return unknown('how it is encrypted');
  return [cipher[0], pbkdf2Sync(password, salt.value, bounded(rounds, mostRounds), cipher[1], hash), iv.value];
}

/** RFC 7292 appendix B, as programs before about 2022 write it. */
function older(parameters: Element | undefined, password: string): Opening {
  const [salt, rounds] = parts(parameters);
  if (!salt) return unknown('how it is encrypted');
  const count = bounded(rounds, mostOlderRounds);
  const derive = (purpose: number, length: number) => derived(password, salt.value, count, purpose, length);
  return ['des-ede3-cbc', derive(1, 24), derive(2, 8)];
}

const blockBytes = 64;

/** RFC 7292 §B.2 with SHA-1 */
function derived(password: string, salt: Buffer, rounds: number, purpose: number, length: number): Buffer {
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16(); // BMPString, §B.1
  const filled = (bytes: Buffer): Buffer =>
    bytes.length === 0 ? bytes : Buffer.alloc(blockBytes * Math.ceil(bytes.length / blockBytes), bytes);
  const diversifier = Buffer.alloc(blockBytes, purpose);
  const input = Buffer.concat([filled(salt), filled(text)]);
  const out: Buffer[] = [];
  for (let have = 0; have < length; have += 20) {
    let digest = createHash('sha1').update(diversifier).update(input).digest();
    for (let round = 1; round < rounds; round += 1) digest = createHash('sha1').update(digest).digest();
    out.push(digest);
    const addend = Buffer.alloc(blockBytes, digest);
    for (let start = 0; start < input.length; start += blockBytes) {
      let carry = 1;
      for (let at = blockBytes - 1; at >= 0; at -= 1) {
        carry += input[start + at]! + addend[at]!;
        input[start + at] = carry & 0xff;
        carry >>= 8;
      }
    }
  }
  return Buffer.concat(out).subarray(0, length);
}

function bounded(rounds: Element | undefined, most: number): number {
  const count = rounds === undefined ? 0 : integer(rounds);
  if (!(count >= 1 && count <= most))
    throw new Error('it states no possible number of rounds; export it anew with AES-256 and SHA-256');
  return count;
}

function unknown(what: string): never {
  throw new Error(`${what} is not known; export it anew with AES-256 and SHA-256`);
}

/** One element of DER (X.690 §10.1: definite lengths alone). */
interface Element {
  readonly tag: number;
  readonly value: Buffer;
  readonly whole: Buffer;
}

function one(bytes: Buffer): Element {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || first === 0x80) throw malformed();
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || bytes.length < 2 + lengthBytes) throw malformed();
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (start + length > bytes.length) throw malformed();
  return { tag, value: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

function parts(element: Element | undefined): Element[] {
  const found: Element[] = [];
  for (let rest = element?.value ?? Buffer.alloc(0); rest.length > 0; rest = rest.subarray(found.at(-1)!.whole.length))
    found.push(one(rest));
  return found;
}

function within(element: Element | undefined): Buffer {
  if (element === undefined) throw malformed();
  return element.value;
}

const integer = ({ value }: Element): number =>
  value.length > 0 && value.length <= 6 ? value.readUIntBE(0, value.length) : NaN;

/** X.690 §8.19 */
function oid(element: Element | undefined): string {
  if (element?.tag !== 0x06) throw malformed();
  const numbers: number[] = [];
  let number = 0;
  for (const byte of element.value) {
    number = number * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

const malformed = (): Error => new Error('it is no PKCS#12 in base64');
