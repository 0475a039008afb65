// Tests of the Merkle tree against the published vectors of Certificate Transparency and against a tree computed naively.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  appendLeaf,
  completedBy,
  consistencyProof,
  emptyFrontier,
  emptyRoot,
  frontierAt,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** MTH of RFC 6962 §2.1, word by word. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.of(1), naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

function grow(count: number): { leaves: Buffer[]; roots: Buffer[]; hashes: Buffer[][] } {
  const leaves: Buffer[] = [];
  const roots = [emptyRoot];
  const hashes: Buffer[][] = [];
  const frontier = emptyFrontier();
  for (let index = 0; index < count; index += 1) {
    leaves.push(Buffer.from(`leaf ${index}`));
    hashes.push(appendLeaf(frontier, leafHash(leaves[index]!)));
    roots.push(rootOf(frontier));
  }
  return { leaves, roots, hashes };
}

const size = 70;
const tree = grow(size);
const node = (level: number, index: number): Buffer => tree.hashes[completedBy(level, index)]![level]!;
const flip = (bytes: Buffer): Buffer => Buffer.concat([Buffer.of(bytes[0]! ^ 1), bytes.subarray(1)]);

test('computes the roots of the Certificate Transparency test vectors', () => {
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const frontier = emptyFrontier();
  for (const hex of inputs) appendLeaf(frontier, leafHash(Buffer.from(hex, 'hex')));
  assert.equal(emptyRoot.toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  assert.equal(rootOf(frontier).toString('hex'), '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
});

test('appending gives the root of RFC 6962 at every size', () => {
  for (let count = 0; count <= size; count += 1) {
    assert.deepEqual(tree.roots[count], naiveRoot(tree.leaves.slice(0, count)));
  }
});

test('every subtree is completed by the leaf that completedBy names, and the frontier is rebuilt from them', () => {
  for (let level = 0; 2 ** level <= size; level += 1) {
    for (let index = 0; (index + 1) * 2 ** level <= size; index += 1) {
      const covered = tree.leaves.slice(index * 2 ** level, (index + 1) * 2 ** level);
      assert.deepEqual(node(level, index), naiveRoot(covered));
    }
  }
  for (let count = 0; count <= size; count += 1) assert.deepEqual(rootOf(frontierAt(count, node)), tree.roots[count]);
});

test('an inclusion proof holds for its own leaf, index, size and root only', () => {
  for (let count = 1; count <= size; count += 1) {
    const root = tree.roots[count]!;
    for (let index = 0; index < count; index += 1) {
      const proof = inclusionProof(index, count, node);
      const leaf = leafHash(tree.leaves[index]!);
      assert.ok(verifyInclusion(leaf, index, count, proof, root));
      assert.ok(!verifyInclusion(flip(leaf), index, count, proof, root));
      assert.ok(!verifyInclusion(leaf, index, count, proof, flip(root)));
      assert.ok(!verifyInclusion(leaf, index + 1, count, proof, root));
      assert.ok(!verifyInclusion(leaf, index, count, [...proof, root], root));
      if (proof.length > 0) {
        assert.ok(!verifyInclusion(leaf, index, count, proof.slice(1), root));
        assert.ok(!verifyInclusion(leaf, index, count, [flip(proof[0]!), ...proof.slice(1)], root));
      }
    }
  }
  assert.throws(() => inclusionProof(3, 3, node), RangeError);
  assert.ok(!verifyInclusion(emptyRoot, 0, 0, [], emptyRoot));
});

test('a consistency proof holds between its own two trees only', () => {
  for (let later = 1; later <= size; later += 1) {
    for (let earlier = 1; earlier <= later; earlier += 1) {
      const proof = consistencyProof(earlier, later, node);
      const from = { size: earlier, root: tree.roots[earlier]! };
      const to = { size: later, root: tree.roots[later]! };
      assert.ok(verifyConsistency(from, to, proof));
      assert.ok(!verifyConsistency({ ...from, root: flip(from.root) }, to, proof));
      assert.ok(!verifyConsistency(from, { ...to, root: flip(to.root) }, proof));
      assert.ok(!verifyConsistency(from, to, [...proof, from.root]));
      if (proof.length > 0) {
        assert.ok(!verifyConsistency(from, to, proof.slice(0, -1)));
        assert.ok(!verifyConsistency(from, to, [...proof.slice(0, -1), flip(proof.at(-1)!)]));
      }
    }
  }
  assert.ok(verifyConsistency({ size: 0, root: emptyRoot }, { size: 5, root: tree.roots[5]! }, []));
  assert.ok(!verifyConsistency({ size: 5, root: tree.roots[5]! }, { size: 4, root: tree.roots[4]! }, []));
  assert.throws(() => consistencyProof(6, 5, node), RangeError);
});
