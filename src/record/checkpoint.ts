// Checkpoints of the log (c2sp.org/tlog-checkpoint) and self-contained proofs of single records (c2sp.org/tlog-proof@v1).
import { leafHash, verifyInclusion } from './merkle.ts';
import { createVerifier, splitNote, strictBase64 } from './note.ts';
import type { Signer, Verifier } from './note.ts';

export interface Checkpoint {
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  /** Merkle tree hash of these leaves, 32 bytes. */
  readonly root: Buffer;
}

/** Signs a checkpoint; its origin is the name of the key. */
export const signCheckpoint = (signer: Signer, size: number, root: Buffer): string =>
  signer.sign(`${signer.name}\n${size}\n${root.toString('base64')}\n`);

/** Reads the text of a checkpoint, whoever has signed it; `undefined` if it is none. Extension lines are ignored. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', encodedRoot = '', ...more] = text.split('\n');
  const root = strictBase64(encodedRoot);
  if (origin === '' || !isDecimal(size) || !Number.isSafeInteger(Number(size)) || root?.length !== 32) return undefined;
  // Each line ends in a newline, and extensions are not empty.
  if (more.at(-1) !== '' || more.slice(0, -1).includes('')) return undefined;
  return { origin, size: Number(size), root };
}

/** Reads a signed checkpoint; `undefined` unless this key has signed it and it is well-formed. */
export function openCheckpoint(verifier: Verifier, note: string): Checkpoint | undefined {
  const checkpoint = readCheckpoint(verifier.open(note) ?? '');
  return checkpoint?.origin === verifier.name ? checkpoint : undefined;
}

// What follows an empty line is a signature, perhaps one that was cut off in the middle of its first character.
const written = (text: string): string[] =>
  text
    .split(/(?<=\n)\n+(?!—(?: |\n|$)|\ufffd(?:\n|$))/)
    .map((one) => one.replace(/^\n+/, ''))
    .filter((one) => one !== '');

/** Takes apart checkpoints that were written one after the other. What was cut off at the end of one is left out. */
export const checkpointsIn = (text: string): string[] => written(text).filter((one) => splitNote(one) !== undefined);

export interface Kept {
  readonly checkpoints: readonly Checkpoint[];
  /** How many pieces of the text are none of this key. */
  readonly strange: number;
}

/**
 * Reads what somebody has kept of this log. Editors and mail may have changed ends of lines; whatever else is no checkpoint of
 * this key counts as strange, but for what a crash cut off and a later one follows.
 */
export function readKept(verifier: Verifier, text: string): Kept {
  const pieces = written(`${text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')}\n`);
  const opened = pieces.map((piece) => openCheckpoint(verifier, `${piece.trimEnd()}\n`));
  const strange = pieces.filter(
    (piece, at) => opened[at] === undefined && (opened[at + 1] === undefined || !isCutOff(piece, verifier.name)),
  );
  return { checkpoints: opened.filter((one) => one !== undefined), strange: strange.length };
}

/** Whether this is how a checkpoint begins, and nothing else. */
function isCutOff(piece: string, name: string): boolean {
  const [origin = '', size, root, empty, signature, ...more] = piece.trimEnd().split('\n');
  if (size === undefined) return name.startsWith(origin);
  if (origin !== name || !/^[0-9]{1,16}$/.test(size) || more.length > 0) return false;
  if (root === undefined || signature === undefined)
    return empty === undefined && /^[A-Za-z0-9+/]{0,43}=?$/.test(root ?? '');
  // 4 bytes of the key and 64 of the signature.
  return strictBase64(root)?.length === 32 && empty === '' && signature.length < `— ${name} `.length + 92;
}

const proofVersion = 'c2sp.org/tlog-proof@v1';

/**
 * Writes the proof that a record stands in the log; whoever has the verifier key can check it offline.
 * @param leaf the record as it was hashed; it travels in the `extra` line so that nothing else is needed
 * @param checkpoint signed checkpoint of the tree that `path` leads to
 */
export function formatProof(leaf: Buffer, index: number, path: readonly Buffer[], checkpoint: string): string {
  const hashes = path.map((hash) => `${hash.toString('base64')}\n`).join('');
  return `${proofVersion}\nextra ${leaf.toString('base64')}\nindex ${index}\n${hashes}\n${checkpoint}`;
}

export interface ProvenLeaf {
  readonly leaf: Buffer;
  readonly index: number;
  readonly checkpoint: Checkpoint;
}

/** Checks a proof written by `formatProof`; `undefined` if anything about it is wrong. */
export function verifyProof(proof: string, verifierKey: string): ProvenLeaf | undefined {
  const end = proof.indexOf('\n\n');
  const [version, extra = '', position = '', ...hashes] = proof.slice(0, end).split('\n');
  if (end < 0 || version !== proofVersion || !extra.startsWith('extra ') || !position.startsWith('index ')) {
    return undefined;
  }
  const checkpoint = openCheckpoint(createVerifier(verifierKey), proof.slice(end + 2));
  const leaf = strictBase64(extra.slice('extra '.length));
  const index = position.slice('index '.length);
  const path = hashes.map(strictBase64).filter((hash) => hash?.length === 32) as Buffer[];
  if (checkpoint === undefined || leaf === undefined || !isDecimal(index) || path.length !== hashes.length) {
    return undefined;
  }
  const proven = verifyInclusion(leafHash(leaf), Number(index), checkpoint.size, path, checkpoint.root);
  return proven ? { leaf, index: Number(index), checkpoint } : undefined;
}

const isDecimal = (written: string): boolean => /^(0|[1-9][0-9]{0,15})$/.test(written);
