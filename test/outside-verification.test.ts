// Our log before a judge that we did not write: Go's sumdb/note and sumdb/tlog accept what we prove, and refuse it with one bit flipped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCosigner } from '../src/record/witness/cosignature.ts';
import { generateSigningKey, signatureTypes } from '../src/record/note.ts';
import { auditEntry, dataDirectory, openRecord } from './support/audit-directory.ts';
import { buildOutsideVerifier, withoutGo } from './support/go-verifier.ts';
import type { OutsideCase } from './support/go-verifier.ts';

/** Flips the lowest bit of the byte in the middle of what is encoded. */
function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length >> 1]! ^= 1;
  return bytes.toString('base64');
}

function flippedIn(text: string, pattern: RegExp): string {
  assert.match(text, pattern);
  return text.replace(pattern, (whole, base64: string) => whole.replace(base64, flipped(base64)));
}

test(
  'a verifier that we did not write accepts our checkpoints, proofs and cosignatures, and none with a bit flipped',
  {
    skip: withoutGo,
    timeout: 240_000,
  },
  async (t) => {
    using verifier = await buildOutsideVerifier();
    const record = await openRecord(dataDirectory(t));
    const sizes = [1, 2, 255, 256, 257, 613, 1000];
    const checkpoints = new Map<number, string>();
    for (const size of sizes) {
      const before = record.extent().size;
      await Promise.all(
        Array.from({ length: size - before }, (_, at) =>
          record.append(auditEntry({ correlationId: `c${before + at}` })),
        ),
      );
      checkpoints.set(size, record.checkpoint());
    }
    const cosigner = createCosigner(generateSigningKey('witness.example/w1', signatureTypes.cosignature));
    const logKey = record.publicKey();
    const checkpoint = record.checkpoint();
    const cosigned =
      checkpoint + cosigner.cosign(checkpoint.slice(0, checkpoint.lastIndexOf('\n\n') + 1), 1_790_000_000);
    const inclusion = [0, 417, 999].map((index): OutsideCase => {
      const [head = '', note = ''] = record.proof(index)!.split(/\n\n(.*)/s);
      const [, extra = '', , ...proof] = head.split('\n');
      assert.equal(note, checkpoint);
      return { logKey, checkpoint: note, index, leaf: extra.slice('extra '.length), proof };
    });
    const consistency = sizes.map((size): OutsideCase => {
      const { proof, checkpoint: newest } = record.consistency(size)!;
      return { logKey, checkpoint: newest, earlier: checkpoints.get(size)!, proof };
    });
    const witnessed: OutsideCase = { logKey, witnessKey: cosigner.verifierKey, checkpoint: cosigned };
    await record.close();

    const sound = [{ logKey, checkpoint }, ...inclusion, ...consistency, witnessed];
    assert.deepEqual(
      await verifier.judge(sound),
      sound.map(() => 'ok'),
    );

    const root = /\n(\S{43}=)\n\n/;
    const oneBit: Record<string, OutsideCase> = {
      'the root': { logKey, checkpoint: flippedIn(checkpoint, root) },
      'the signature': { logKey, checkpoint: flippedIn(checkpoint, /— \S+ (\S+)/) },
      'the key': { logKey: flippedIn(logKey, /^[^+]+\+[0-9a-f]{8}\+(.{44})$/), checkpoint },
      'the size': { logKey, checkpoint: checkpoint.replace('\n1000\n', '\n1001\n') },
      'the record': { ...inclusion[1]!, leaf: flipped(inclusion[1]!.leaf!) },
      'the place': { ...inclusion[1]!, index: 416 },
      ...Object.fromEntries(
        inclusion[1]!.proof!.map((hash, at) => [
          `hash ${at} of the inclusion proof`,
          { ...inclusion[1]!, proof: inclusion[1]!.proof!.with(at, flipped(hash)) },
        ]),
      ),
      ...Object.fromEntries(
        consistency[5]!.proof!.map((hash, at) => [
          `hash ${at} of the consistency proof`,
          { ...consistency[5]!, proof: consistency[5]!.proof!.with(at, flipped(hash)) },
        ]),
      ),
      'the earlier checkpoint': { ...consistency[5]!, earlier: flippedIn(consistency[5]!.earlier!, root) },
      'the cosignature': { ...witnessed, checkpoint: flippedIn(cosigned, /w1 (\S+)\n$/) },
      'the time of the cosignature': {
        ...witnessed,
        checkpoint: cosigned.replace(/w1 (\S+)\n$/, (_, encoded: string) => {
          const bytes = Buffer.from(encoded, 'base64');
          bytes[11]! ^= 1;
          return `w1 ${bytes.toString('base64')}\n`;
        }),
      },
      'the absent cosignature': { ...witnessed, checkpoint },
    };
    const judged = await verifier.judge(Object.values(oneBit));
    Object.keys(oneBit).forEach((what, at) => assert.notEqual(judged[at], 'ok', what));
    t.diagnostic(`${sound.length} accepted, ${judged.length} refused: ${[...new Set(judged)].join('; ')}`);
  },
);
