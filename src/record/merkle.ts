// The Merkle tree of RFC 6962 §2 (RFC 9162 §2.1): hashing, appending, proofs and their verification. Pure, no storage.
import { hash as digest } from 'node:crypto';

const sha256 = (data: Uint8Array): Buffer => digest('sha256', data, 'buffer');

/** The Merkle tree hash of no leaves at all. */
export const emptyRoot: Buffer = sha256(Buffer.alloc(0));

/** Hash of a leaf: SHA-256(0x00 ‖ leaf). */
export function leafHash(leaf: Uint8Array): Buffer {
  const prefixed = Buffer.allocUnsafe(leaf.length + 1);
  prefixed[0] = 0;
  prefixed.set(leaf, 1);
  return sha256(prefixed);
}

const pair = Buffer.alloc(65, 1);

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
}

/** The right edge of a tree: all that is needed to append to it and to compute its root. */
export interface Frontier {
  /** Number of leaves. */
  size: number;
  /** Roots of the perfect subtrees that make up the tree, largest first: one for each bit set in `size`. */
  peaks: Buffer[];
}

export const emptyFrontier = (): Frontier => ({ size: 0, peaks: [] });

export const copyFrontier = ({ size, peaks }: Frontier): Frontier => ({ size, peaks: [...peaks] });

/**
 * Appends one leaf in place.
 * @returns the hashes of the perfect subtrees that this leaf completes by their level, its own first
 */
export function appendLeaf(frontier: Frontier, leaf: Buffer): Buffer[] {
  let hash = leaf;
  const completed = [hash];
  for (let bits = frontier.size; bits % 2 === 1; bits = (bits - 1) / 2) {
    hash = nodeHash(frontier.peaks.pop()!, hash);
    completed.push(hash);
  }
  frontier.peaks.push(hash);
  frontier.size += 1;
  return completed;
}

/** The Merkle tree hash of all leaves appended so far. */
export function rootOf({ peaks }: Frontier): Buffer {
  return peaks.length === 0 ? emptyRoot : peaks.reduceRight((right, left) => nodeHash(left, right));
}

/** The leaf whose appending completes a perfect subtree. */
export const completedBy = (level: number, index: number): number => (index + 1) * 2 ** level - 1;

/** Gives the stored hash of the perfect subtree over leaves `index·2^level` to `(index+1)·2^level − 1`. */
export type NodeSource = (level: number, index: number) => Buffer;

/** The frontier of the first `size` leaves of a stored tree. */
export function frontierAt(size: number, node: NodeSource): Frontier {
  const peaks: Buffer[] = [];
  for (let start = 0; start < size;) {
    const level = Math.floor(Math.log2(size - start));
    peaks.push(node(level, start / 2 ** level));
    start += 2 ** level;
  }
  return { size, peaks };
}

/** Largest power of two smaller than `width`: where RFC 6962 §2.1 splits a tree. */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

function rangeHash(start: number, end: number, node: NodeSource): Buffer {
  const width = end - start;
  const level = Math.log2(width);
  if (Number.isInteger(level)) return node(level, start / width);
  const middle = start + splitOf(width);
  return nodeHash(rangeHash(start, middle, node), rangeHash(middle, end, node));
}

/** Proof that leaf `index` is in the tree of the first `size` leaves (RFC 6962 §2.1.1). */
export function inclusionProof(index: number, size: number, node: NodeSource): Buffer[] {
  if (!(index >= 0 && index < size)) throw new RangeError(`leaf ${index} is not in a tree of ${size}`);
  const path = (start: number, end: number): Buffer[] => {
    if (end - start === 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...path(start, middle), rangeHash(middle, end, node)]
      : [...path(middle, end), rangeHash(start, middle, node)];
  };
  return path(0, size);
}

/** Proof that the tree of the first `size` leaves extends the one of the first `earlier` leaves (RFC 6962 §2.1.2). */
export function consistencyProof(earlier: number, size: number, node: NodeSource): Buffer[] {
  if (!(earlier >= 0 && earlier <= size)) throw new RangeError(`a tree of ${size} does not extend one of ${earlier}`);
  const path = (start: number, end: number, known: boolean): Buffer[] => {
    if (earlier === end) return known ? [] : [rangeHash(start, end, node)];
    const middle = start + splitOf(end - start);
    return earlier <= middle
      ? [...path(start, middle, known), rangeHash(middle, end, node)]
      : [...path(middle, end, false), rangeHash(start, middle, node)];
  };
  return earlier === 0 ? [] : path(0, size, true);
}

/** Checks an inclusion proof (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  proof: readonly Buffer[],
  root: Buffer,
): boolean {
  if (!(index >= 0 && index < size)) return false;
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash);
      for (; position % 2 === 0 && position !== 0; position /= 2) last = Math.floor(last / 2);
    } else hash = nodeHash(hash, sibling);
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && hash.equals(root);
}

/** Checks a consistency proof between two roots (RFC 9162 §2.1.4.2). */
export function verifyConsistency(
  earlier: { readonly size: number; readonly root: Buffer },
  later: { readonly size: number; readonly root: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (earlier.size === 0) return proof.length === 0;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root.equals(later.root);
  if (earlier.size > later.size) return false;
  const path = Number.isInteger(Math.log2(earlier.size)) ? [earlier.root, ...proof] : proof;
  const [start, ...rest] = path;
  if (start === undefined) return false;
  let position = earlier.size - 1;
  let last = later.size - 1;
  for (; position % 2 === 1; position = (position - 1) / 2) last = Math.floor(last / 2);
  let earlierHash = start;
  let laterHash = start;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      earlierHash = nodeHash(sibling, earlierHash);
      laterHash = nodeHash(sibling, laterHash);
      for (; position % 2 === 0 && position !== 0; position /= 2) last = Math.floor(last / 2);
    } else laterHash = nodeHash(laterHash, sibling);
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && earlierHash.equals(earlier.root) && laterHash.equals(later.root);
}
