// Signed notes with Ed25519 (c2sp.org/signed-note), as Go's sumdb/note reads and writes them.
import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Signature types (c2sp.org/signed-note): over the text alone, and timestamped by a witness (c2sp.org/tlog-cosignature). */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
export type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

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
  /** What stands before each of its signatures, 4 bytes. */
  readonly id: Buffer;
  /** The text of a note if this key has signed it, else `undefined`. Signatures by unknown keys are ignored. */
  open(note: string): string | undefined;
}

/** Whether a string can name a key: not empty, no Unicode space, no control character, no plus sign. */
export const isKeyName = (name: string): boolean => /^[^\s+\p{C}]+$/u.test(name);

/** Makes a new signing key: `PRIVATE+KEY+name+hash+base64`, the form that Go's `note.NewSigner` takes. */
export function generateSigningKey(name: string, type: SignatureType = signatureTypes.ed25519): string {
  if (!isKeyName(name)) throw new TypeError(`"${name}" cannot name a key`);
  const seed = randomBytes(32);
  const id = keyId(name, type, publicBytes(privateKey(seed)));
  return `PRIVATE+KEY+${name}+${id.toString('hex')}+${keyMaterial(type, seed)}`;
}

export interface SigningKey {
  readonly name: string;
  /** What stands before each of its signatures. */
  readonly id: Buffer;
  readonly key: KeyObject;
  readonly verifierKey: string;
}

/** @throws TypeError if it is malformed or of another type */
export function readSigningKey(written: string, type: SignatureType = signatureTypes.ed25519): SigningKey {
  const [, name, hex, material] = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(written.trim()) ?? [];
  const seed = decodeMaterial(type, material);
  if (name === undefined || !isKeyName(name) || seed === undefined) throw new TypeError('the signing key is malformed');
  const key = privateKey(seed);
  const bytes = publicBytes(key);
  const id = keyId(name, type, bytes);
  if (id.toString('hex') !== hex) throw new TypeError('the signing key does not match its hash');
  return { name, id, key, verifierKey: `${name}+${hex}+${keyMaterial(type, bytes)}` };
}

/** @throws TypeError if it is malformed or of another type */
export function readVerifierKey(
  written: string,
  type: SignatureType = signatureTypes.ed25519,
): Omit<SigningKey, 'verifierKey'> {
  const [, name, hex, material] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(written.trim()) ?? [];
  const bytes = decodeMaterial(type, material);
  if (name === undefined || !isKeyName(name) || bytes === undefined) {
    throw new TypeError('the verifier key is malformed');
  }
  const key = createPublicKey({ key: Buffer.concat([publicPrefix, bytes]), format: 'der', type: 'spki' });
  const id = keyId(name, type, bytes);
  if (id.toString('hex') !== hex) throw new TypeError('the verifier key does not match its hash');
  return { name, id, key };
}

/** @throws TypeError if the signing key is malformed */
export function createSigner(signingKey: string): Signer {
  const { name, id, key, verifierKey } = readSigningKey(signingKey);
  return {
    name,
    verifierKey,
    sign: (text) => `${text}\n${signatureLine(name, Buffer.concat([id, sign(null, Buffer.from(text), key)]))}`,
  };
}

/** @throws TypeError if the verifier key is malformed */
export function createVerifier(verifierKey: string): Verifier {
  const { name, id, key } = readVerifierKey(verifierKey);
  return {
    name,
    id,
    open(note) {
      const { text, signatures } = splitNote(note) ?? {};
      const own = signatures?.find((one) => one.name === name && one.bytes.subarray(0, 4).equals(id));
      if (text === undefined || own === undefined) return undefined;
      return verify(null, Buffer.from(text), key, own.bytes.subarray(4)) ? text : undefined;
    },
  };
}

export interface Signature {
  readonly name: string;
  /** Key id, 4 bytes, and what it has signed with. */
  readonly bytes: Buffer;
  /** As it stands in the note, its newline included. */
  readonly line: string;
}

export const signatureLine = (name: string, bytes: Buffer): string => `— ${name} ${bytes.toString('base64')}\n`;

const mostSignatures = 100;

/** Takes a note apart without judging any signature; `undefined` if it is none. */
export function splitNote(note: string): { readonly text: string; readonly signatures: Signature[] } | undefined {
  const end = note.lastIndexOf('\n\n');
  // c2sp.org/signed-note: no ASCII control characters but newline; text and signatures end in one.
  if (end < 0 || !note.endsWith('\n') || /[\x00-\x09\x0b-\x1f]/.test(note) || !note.isWellFormed()) return undefined;
  const signatures: Signature[] = [];
  for (const line of note.slice(end + 2, -1).split('\n', mostSignatures + 1)) {
    const [, name, encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = strictBase64(encoded);
    if (name === undefined || !isKeyName(name) || bytes === undefined || bytes.length < 5) return undefined;
    signatures.push({ name, bytes, line: `${line}\n` });
  }
  return signatures.length > mostSignatures ? undefined : { text: note.slice(0, end + 1), signatures };
}

const privateKey = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: 'der', type: 'pkcs8' });

const publicBytes = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(publicPrefix.length);

const keyId = (name: string, type: SignatureType, bytes: Buffer): Buffer =>
  createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(bytes).digest().subarray(0, 4);

const keyMaterial = (type: SignatureType, bytes: Buffer): string =>
  Buffer.concat([Buffer.of(type), bytes]).toString('base64');

function decodeMaterial(type: SignatureType, material: string | undefined): Buffer | undefined {
  const bytes = strictBase64(material ?? '');
  return bytes?.length === 33 && bytes[0] === type ? bytes.subarray(1) : undefined;
}

/** Decodes base64 (RFC 4648 §4) only in its one canonical spelling; Node's own decoder forgives anything. */
export function strictBase64(encoded: string): Buffer | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes : undefined;
}
