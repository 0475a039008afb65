// The attacker holds the key of a log and shows the auditor another history than everybody else: a fork, an old checkpoint, a forged cosignature.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signCheckpoint } from '../../src/record/checkpoint.ts';
import { appendLeaf, emptyFrontier, leafHash, rootOf } from '../../src/record/merkle.ts';
import { createSigner, generateSigningKey, signatureTypes } from '../../src/record/note.ts';
import { createCosigner } from '../../src/record/witness/cosignature.ts';
import { readPolicy } from '../../src/record/witness/policy.ts';
import { writeSubmission } from '../../src/record/witness/submission.ts';
import { openWitnessListener } from '../support/witness-listener.ts';

const log = createSigner(generateSigningKey('front.example/audit/a'));

/** A checkpoint over records of the attacker's choice, truly signed. */
function checkpointOver(...records: string[]): string {
  const frontier = emptyFrontier();
  for (const record of records) appendLeaf(frontier, leafHash(Buffer.from(record)));
  return signCheckpoint(log, frontier.size, rootOf(frontier));
}

const submit = (url: string, oldSize: number, proof: readonly Buffer[], note: string): Promise<Response> =>
  fetch(`${url}/add-checkpoint`, { method: 'POST', body: writeSubmission({ oldSize, proof, note }) });

test('a witness cosigns one history of a log, and tells its people of the other with both checkpoints in hand', async (t) => {
  const witness = await openWitnessListener(t, [log.verifierKey]);
  const [truth, lie] = [checkpointOver('a', 'b'), checkpointOver('a', 'x')];
  assert.equal((await submit(witness.url, 0, [], truth)).status, 200);
  assert.equal((await submit(witness.url, 2, [], lie)).status, 422);
  assert.equal((await submit(witness.url, 0, [], lie)).status, 409);
  const longer = checkpointOver('a', 'x', 'c');
  assert.equal(
    (await submit(witness.url, 2, [leafHash(Buffer.from('c'))], longer)).status,
    422,
    'nor one that goes on from it',
  );
  const [told] = witness.refused;
  assert.deepEqual([told!.fork, told!.shown], [true, lie]);
  assert.ok(told!.known.startsWith(truth));

  const forgetful = await openWitnessListener(t, [log.verifierKey]);
  await submit(forgetful.url, 0, [], truth);
  await forgetful.database.deleteFrom('witnessed_log').execute();
  assert.equal(
    (await submit(forgetful.url, 0, [], lie)).status,
    200,
    'the control: a witness that forgets cosigns both',
  );
});

test('an old checkpoint does not set a witness back', async (t) => {
  const witness = await openWitnessListener(t, [log.verifierKey]);
  const [old, newer] = [checkpointOver('a'), checkpointOver('a', 'b')];
  assert.equal((await submit(witness.url, 0, [], old)).status, 200);
  assert.equal((await submit(witness.url, 1, [leafHash(Buffer.from('b'))], newer)).status, 200);
  for (const oldSize of [0, 1]) {
    const answer = await submit(witness.url, oldSize, [], old);
    assert.deepEqual([answer.status, await answer.text()], [409, '2\n']);
  }
  assert.equal((await submit(witness.url, 2, [], old)).status, 400);
  const { size } = await witness.database.selectFrom('witnessed_log').select('size').executeTakeFirstOrThrow();
  assert.equal(size, 2);
  await witness.database
    .updateTable('witnessed_log')
    .set({ size: 1, root: rootOfFirst().toString('base64') })
    .execute();
  assert.equal(
    (await submit(witness.url, 1, [], old)).status,
    200,
    'the control: it was what the witness keeps that held',
  );
});

const rootOfFirst = (): Buffer => leafHash(Buffer.from('a'));

test('a cosignature that was forged, taken from another checkpoint or given another time convinces nobody', async (t) => {
  const witness = await openWitnessListener(t, [log.verifierKey]);
  const [old, newer] = [checkpointOver('a'), checkpointOver('a', 'b')];
  const line = await (await submit(witness.url, 0, [], old)).text();
  const policy = readPolicy(`log ${log.verifierKey}\nwitness w ${witness.key}\nquorum w\n`);
  assert.ok(policy.judge(old + line).enough, 'the control: it convinces where it belongs');
  const forger = createCosigner(generateSigningKey('witness.example/w1', signatureTypes.cosignature));
  const forged = forger.cosign(newer.slice(0, newer.lastIndexOf('\n\n') + 1), 1_790_000_000);
  const later = line.replace(/ (\S+)\n$/, (_, encoded: string) => {
    const bytes = Buffer.from(encoded, 'base64');
    bytes.writeBigUInt64BE(bytes.readBigUInt64BE(4) + 3600n, 4);
    return ` ${bytes.toString('base64')}\n`;
  });
  const renamed = forged.replace(/ (\S+)\n$/, (_, encoded: string) => {
    const id = Buffer.from(line.trim().split(' ')[2]!, 'base64').subarray(0, 4);
    return ` ${Buffer.concat([id, Buffer.from(encoded, 'base64').subarray(4)]).toString('base64')}\n`;
  });
  const plain = createSigner(generateSigningKey('witness.example/w1')).sign(
    newer.slice(0, newer.lastIndexOf('\n\n') + 1),
  );
  for (const [what, note] of Object.entries({
    none: newer,
    'of another checkpoint': newer + line,
    'by another key of that name': newer + forged,
    'by another key under the id of the true one': newer + renamed,
    'with another time': old + later,
    'by a key that is none of a witness': newer + plain.slice(plain.lastIndexOf('\n\n') + 2),
  }))
    assert.deepEqual(policy.judge(note), { enough: false, cosigned: [] }, what);
  const duped = readPolicy(`log ${log.verifierKey}\nwitness w ${forger.verifierKey}\nquorum w\n`);
  assert.ok(duped.judge(newer + forged).enough, 'the control: whoever trusts the key of the forger believes it');
});
