// Signed notes with Ed25519 (c2sp.org/signed-note), as Go's sumdb/note reads and writes them.
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

const ed25519 = 0x01;
// RFC 8410 §7 and §4: what stands before the 32 key bytes in PKCS #8 and SubjectPublicKeyInfo.
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

export interface Signer {
  /** Name of the key; in a checkpoint the same as the origin of the log. */
  readonly name: string;
  /** `name+hash+base64key`, for whoever checks our notes. */
  readonly verifierKey: string;
  /** Signs a text that ends in a newline; returns the whole note. */
  sign(text: string): string;
}

export interface Verifier {
  readonly name: string;
  /** The text of a note if this key has signed it, else `undefined`. Signatures by unknown keys are ignored. */
  open(note: string): string | undefined;
}

/** Whether a string can name a key: not empty, no Unicode space, no control character, no plus sign. */
export const isKeyName = (name: string): boolean => /^[^\s+\p{C}]+$/u.test(name);

/** Makes a new signing key: `PRIVATE+KEY+name+hash+base64`, the form that Go's `note.NewSigner` takes. */
export function generateSigningKey(name: string): string {
  if (!isKeyName(name)) throw new TypeError(`"${name}" cannot name a key`);
  const seed = randomBytes(32);
  const id = keyId(name, publicBytes(privateKey(seed)));
  return `PRIVATE+KEY+${name}+${id.toString('hex')}+${keyMaterial(seed)}`;
}

/** @throws TypeError if the signing key is malformed */
export function createSigner(signingKey: string): Signer {
  const [, name, hex, material] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(signingKey.trim()) ?? [];
  const seed = decodeMaterial(material);
  if (name === undefined || !isKeyName(name) || seed === undefined) throw new TypeError('the signing key is malformed');
  const key = privateKey(seed);
  const bytes = publicBytes(key);
  const id = keyId(name, bytes);
  if (id.toString('hex') !== hex) throw new TypeError('the signing key does not match its hash');
  return {
    name,
    verifierKey: `${name}+${hex}+${keyMaterial(bytes)}`,
    sign(text) {
      const signature = Buffer.concat([id, sign(null, Buffer.from(text), key)]);
      return `${text}\n— ${name} ${signature.toString('base64')}\n`;
    },
  };
}

/** @throws TypeError if the verifier key is malformed */
export function createVerifier(verifierKey: string): Verifier {
  const [, name, hex, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(verifierKey.trim()) ?? [];
  const bytes = decodeMaterial(material);
  if (name === undefined || !isKeyName(name) || bytes === undefined) {
    throw new TypeError('the verifier key is malformed');
  }
  const key = createPublicKey({ key: Buffer.concat([publicPrefix, bytes]), format: 'der', type: 'spki' });
  const id = keyId(name, bytes);
  if (id.toString('hex') !== hex) throw new TypeError('the verifier key does not match its hash');
  return {
    name,
    open(note) {
      const end = note.lastIndexOf('\n\n');
      if (end < 0 || !note.endsWith('\n')) return undefined;
      const text = note.slice(0, end + 1);
      for (const line of note.slice(end + 2, -1).split('\n')) {
        const [, signedBy, encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
        if (signedBy === undefined) return undefined;
        const signature = strictBase64(encoded);
        if (signature === undefined) return undefined;
        if (signedBy !== name || !signature.subarray(0, 4).equals(id)) continue;
        return verify(null, Buffer.from(text), key, signature.subarray(4)) ? text : undefined;
      }
      return undefined;
    },
  };
}

const privateKey = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: 'der', type: 'pkcs8' });

const publicBytes = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(publicPrefix.length);

const keyId = (name: string, bytes: Buffer): Buffer =>
  createHash('sha256').update(`${name}\n`).update(Buffer.of(ed25519)).update(bytes).digest().subarray(0, 4);

const keyMaterial = (bytes: Buffer): string => Buffer.concat([Buffer.of(ed25519), bytes]).toString('base64');

function decodeMaterial(material: string | undefined): Buffer | undefined {
  const bytes = strictBase64(material ?? '');
  return bytes?.length === 33 && bytes[0] === ed25519 ? bytes.subarray(1) : undefined;
}

/** Decodes base64 (RFC 4648 §4) only in its one canonical spelling; Node's own decoder forgives anything. */
export function strictBase64(encoded: string): Buffer | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes : undefined;
}
