// Tests of signed notes, checkpoints and proofs, among them the published example of C2SP signed-note.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProof, openCheckpoint, signCheckpoint, verifyProof } from './checkpoint.ts';
import { appendLeaf, completedBy, emptyFrontier, inclusionProof, leafHash, rootOf } from './merkle.ts';
import { createSigner, createVerifier, generateSigningKey, isKeyName, strictBase64 } from './note.ts';

const signer = createSigner(generateSigningKey('genkan.example/audit'));
const verifier = createVerifier(signer.verifierKey);

test('accepts the example note of the C2SP specification', () => {
  const example = createVerifier('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
  const signature = 'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=';
  const note = `This is an example message.\n\n— example.com/foo ${signature}\n`;
  assert.equal(example.open(note), 'This is an example message.\n');
  assert.equal(example.open(note.replace('example message', 'example massage')), undefined);
});

test('opens its own notes, also when other keys have signed them too', () => {
  const note = signer.sign('hello\n');
  assert.equal(verifier.open(note), 'hello\n');
  const witness = createSigner(generateSigningKey('witness.example')).sign('hello\n').split('\n\n')[1]!;
  assert.equal(verifier.open(note + witness), 'hello\n');
  assert.equal(verifier.open(`hello\n\n${witness}${note.split('\n\n')[1]}`), 'hello\n');
});

test('refuses notes of other keys, cut notes and other spellings of the signature', () => {
  const stranger = createSigner(generateSigningKey('genkan.example/audit'));
  const note = signer.sign('hello\n');
  const refused = [
    stranger.sign('hello\n'),
    note.slice(0, -1),
    note.replace('\n\n', '\n'),
    note.replace('— ', '- '),
    note.replace(/=\n$/, '\n'),
    note.replace('hello', 'hullo'),
    '',
    '\n\n',
  ];
  for (const wrong of refused) assert.equal(verifier.open(wrong), undefined, wrong);
});

test('refuses malformed keys and names', () => {
  for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\nb', 'a\u0085b']) {
    assert.equal(isKeyName(name), false);
    assert.throws(() => generateSigningKey(name), TypeError);
  }
  const key = generateSigningKey('genkan.example/audit');
  assert.throws(() => createSigner(key.replace('genkan', 'gonkan')), TypeError);
  assert.throws(() => createSigner('PRIVATE+KEY+x'), TypeError);
  assert.throws(() => createVerifier(signer.verifierKey.replace('genkan', 'gonkan')), TypeError);
  assert.throws(() => createVerifier(signer.verifierKey.slice(0, -4)), TypeError);
  assert.equal(strictBase64('QQ'), undefined);
  assert.deepEqual(strictBase64('QQ=='), Buffer.from('A'));
});

test('a checkpoint is read back, and refused when its origin, size or root is malformed', () => {
  const root = leafHash(Buffer.from('x'));
  const note = signCheckpoint(signer, 20852163, root);
  assert.deepEqual(openCheckpoint(verifier, note), { origin: signer.name, size: 20852163, root });
  const malformed = [
    `other.example\n1\n${root.toString('base64')}\n`,
    `${signer.name}\n01\n${root.toString('base64')}\n`,
    `${signer.name}\n-1\n${root.toString('base64')}\n`,
    `${signer.name}\n1\n${root.subarray(1).toString('base64')}\n`,
    `${signer.name}\n1\n`,
  ];
  for (const text of malformed) assert.equal(openCheckpoint(verifier, signer.sign(text)), undefined, text);
});

test('a proof convinces on its own, and not once any line of it was changed', () => {
  const hashes: Buffer[][] = [];
  const frontier = emptyFrontier();
  for (let index = 0; index < 11; index += 1) {
    hashes.push(appendLeaf(frontier, leafHash(Buffer.from(`record ${index}`))));
  }
  const path = inclusionProof(6, 11, (level, index) => hashes[completedBy(level, index)]![level]!);
  const proof = formatProof(Buffer.from('record 6'), 6, path, signCheckpoint(signer, 11, rootOf(frontier)));
  const proven = verifyProof(proof, signer.verifierKey);
  assert.equal(proven?.leaf.toString(), 'record 6');
  assert.equal(proven.index, 6);
  assert.equal(proven.checkpoint.size, 11);
  const lines = proof.split('\n');
  for (const position of lines.keys()) {
    const changed = lines.with(
      position,
      lines[position]!.replace(/[0-9A-Za-z—]/, (sign) => (sign === '7' ? '8' : '7')),
    );
    if (changed[position] !== lines[position]) {
      assert.equal(verifyProof(changed.join('\n'), signer.verifierKey), undefined, changed[position]);
    }
    assert.equal(verifyProof(lines.toSpliced(position, 1).join('\n'), signer.verifierKey), undefined);
  }
});
