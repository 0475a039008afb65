// A witness as c2sp.org/tlog-witness describes it: each answer that the specification demands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openDatabase } from '../../state/database.ts';
import { signCheckpoint } from '../checkpoint.ts';
import { appendLeaf, completedBy, consistencyProof, emptyFrontier, emptyRoot, leafHash, rootOf } from '../merkle.ts';
import type { NodeSource } from '../merkle.ts';
import { createSigner, generateSigningKey, signatureTypes } from '../note.ts';
import { createCosignatureVerifier, createCosigner } from './cosignature.ts';
import { writeSubmission } from './submission.ts';
import { createWitness } from './witness.ts';
import type { Refused } from './witness.ts';

const signer = createSigner(generateSigningKey('log.example/a'));
const cosigner = createCosigner(generateSigningKey('witness.example/w1', signatureTypes.cosignature));
const verifier = createCosignatureVerifier(cosigner.verifierKey);

/** A tree that grows by leaves of our choice. */
function growing() {
  const frontier = emptyFrontier();
  const nodes = new Map<string, Buffer>();
  const roots = [emptyRoot];
  const node: NodeSource = (level, index) => nodes.get(`${level}/${index}`)!;
  return {
    add(...leaves: string[]) {
      for (const leaf of leaves) {
        const at = frontier.size;
        appendLeaf(frontier, leafHash(Buffer.from(leaf))).forEach((hash, level) => {
          const index = (at + 1) / 2 ** level - 1;
          assert.equal(completedBy(level, index), at);
          nodes.set(`${level}/${index}`, hash);
        });
        roots.push(rootOf(frontier));
      }
    },
    note: (size = frontier.size) => signCheckpoint(signer, size, roots[size]!),
    proof: (from: number, size = frontier.size) => consistencyProof(from, size, node),
  };
}

async function ground(t: TestContext) {
  const database = await openDatabase(':memory:');
  t.after(() => database.destroy());
  const refused: Refused[] = [];
  let nowMs = 1_790_000_000_000;
  const witness = createWitness([signer.verifierKey], {
    cosigner,
    database,
    clock: { now: () => (nowMs += 61_000) },
    onRefused: (one) => void refused.push(one),
  });
  const submit = (oldSize: number, proof: readonly Buffer[], note: string) =>
    witness.addCheckpoint(Buffer.from(writeSubmission({ oldSize, proof, note })));
  return { witness, refused, submit };
}

test('cosigns a log that only grows, and serves what it cosigned last with both signatures', async (t) => {
  const { witness, submit } = await ground(t);
  const tree = growing();
  const hash = '2c59e1ff2b6ae1ca2aff8d1ad9f6c3a33b1c8d9dcc7b4a1d5dc9dd5c0d1fffff';
  assert.equal(await witness.checkpoint(hash), undefined);
  for (const [from, size] of [
    [0, 0],
    [0, 3],
    [3, 3],
    [3, 8],
    [8, 21],
  ] as const) {
    while (tree.note().split('\n')[1] !== String(size)) tree.add(`leaf ${tree.note().split('\n')[1]}`);
    const note = tree.note();
    const { status, body, type } = await submit(from, tree.proof(from), note);
    assert.deepEqual([status, type], [200, 'text/plain; charset=utf-8'], `${from} to ${size}: ${body}`);
    assert.ok(verifier.find(note + body)!.atSeconds > 1_790_000_000);
    const [only] = await witness.list();
    assert.equal(only!.size, size);
    const { createHash } = await import('node:crypto');
    const kept = (await witness.checkpoint(createHash('sha256').update('log.example/a').digest('hex')))!;
    assert.ok(kept.startsWith(note), 'the signature of the log stands in it');
    assert.equal(kept.slice(note.length), body, 'and the cosignature that was handed out');
  }
});

test('answers as the specification says whatever does not fit', async (t) => {
  const { witness, submit, refused } = await ground(t);
  const tree = growing();
  tree.add('a', 'b', 'c', 'd', 'e');
  assert.equal((await submit(0, [], tree.note())).status, 200);
  tree.add('f', 'g');
  const stranger = createSigner(generateSigningKey('log.example/a'));
  const unknown = createSigner(generateSigningKey('log.example/b'));
  const root = leafHash(Buffer.from('another'));
  const { note, proof } = { note: tree.note(), proof: tree.proof(5) };
  const raw = (text: string | Buffer) => witness.addCheckpoint(Buffer.from(text));
  const answers: [string, number, Promise<{ status: number }>][] = [
    ['nothing', 400, raw('')],
    ['no UTF-8', 400, raw(Buffer.from([0x6f, 0xff]))],
    ['no old size', 400, raw(`5\n\n${note}`)],
    ['a padded old size', 400, raw(`old 05\n\n${note}`)],
    ['a hash of another length', 400, raw(`old 5\nQUJD\n\n${note}`)],
    [
      'too many hashes',
      400,
      submit(
        5,
        Array.from({ length: 64 }, () => root),
        note,
      ),
    ],
    ['no checkpoint', 400, raw('old 5\n\nhello\n')],
    ['carriage returns', 400, raw(writeSubmission({ oldSize: 5, proof, note }).replaceAll('\n', '\r\n'))],
    ['an unknown log', 404, submit(0, [], signCheckpoint(unknown, 1, root))],
    ['another key of that name', 403, submit(5, proof, signCheckpoint(stranger, 7, root))],
    ['a signature that does not hold', 403, submit(5, proof, note.replace('\n7\n', '\n8\n'))],
    ['an old size beyond', 400, submit(9, [], note)],
    ['no proof', 422, submit(5, [], note)],
    ['a proof with one hash changed', 422, submit(5, proof.with(0, root), note)],
    ['a proof that is too long', 422, submit(5, [...proof, root], note)],
    ['another root at the same size', 422, submit(5, [], signCheckpoint(signer, 5, root))],
  ];
  for (const [what, status, answer] of answers) assert.equal((await answer).status, status, what);
  assert.deepEqual(refused.map(({ fork }) => fork).sort(), [false, false, false, true]);
  const conflict = await submit(3, tree.proof(3), note);
  assert.deepEqual(conflict, { status: 409, type: 'text/x.tlog.size', body: '5\n' });
  assert.equal((await submit(0, [], note)).status, 409);
  const other = await ground(t);
  assert.equal(
    (await other.submit(0, [], signCheckpoint(signer, 0, root))).status,
    422,
    'an empty tree of another root',
  );
  assert.equal((await other.submit(0, [root], note)).status, 422, 'a proof from nothing');
  assert.deepEqual((await other.submit(2, tree.proof(2), note)).body, '0\n');
  assert.equal((await submit(5, proof, note)).status, 200, 'and none of this did any harm');
});

test('of two histories that come at the same moment it cosigns one', async (t) => {
  const { submit } = await ground(t);
  const [one, other] = [growing(), growing()];
  one.add('a', 'b', 'c', 'd');
  other.add('a', 'b', 'c', 'x', 'y');
  const short = growing();
  short.add('a', 'b', 'c');
  assert.equal((await submit(0, [], short.note())).status, 200);
  const answers = await Promise.all([submit(3, one.proof(3), one.note()), submit(3, other.proof(3), other.note())]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
});
