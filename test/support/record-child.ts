// A process that records until it is killed, or its disk is full or read-only: `node record-child.ts load|fill|readonly DIRECTORY`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { correlationId } from '../../src/base/ids.ts';
import { createLog } from '../../src/base/log.ts';
import { openReader } from '../../src/record/reader.ts';
import { storedVerifierKey } from '../../src/record/signing-key.ts';
import { verifyLog } from '../../src/record/verify.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createDocumentSource, keyRingFile } from '../../src/state/key-ring-document.ts';
import { createKeyRing } from '../../src/state/key-ring.ts';
import { createLeases } from '../../src/state/leases.ts';
import { createSubjectKeys } from '../../src/state/subject-keys.ts';
import type { SubjectKeys } from '../../src/state/subject-keys.ts';
import { auditEntry, keysOf, openRecord } from './audit-directory.ts';

const [, , mode, directory = ''] = process.argv;
// Pipes are written synchronously, so whatever was said is in the pipe when this process is killed.
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Keys as a house has them: they outlive the process. */
async function keysIn(folder: string): Promise<SubjectKeys> {
  mkdirSync(keysOf(folder), { recursive: true });
  const database = await openDatabase(path.join(folder, 'genkan.db'));
  const source = createDocumentSource(keyRingFile(path.join(keysOf(folder), 'ring.json')));
  const clock = { now: Date.now };
  const leases = createLeases({ database, clock });
  return createSubjectKeys({
    database,
    keys: createKeyRing({ database, source, leases, clock, log: createLog('silent') }),
  });
}

/** Calls with effects, many at once: intent, effect, outcome. Says each step as soon as it is entitled to it. */
async function load(): Promise<void> {
  const record = await openRecord(directory, { subjectKeys: await keysIn(directory) });
  say('open');
  const call = async (): Promise<never> => {
    for (;;) {
      const id = correlationId();
      say(`intent ${await record.append(auditEntry({ result: 'intent', correlationId: id }))} ${id}`);
      say(`effect - ${id}`);
      say(`allowed ${await record.append(auditEntry({ correlationId: id }))} ${id}`);
    }
  };
  await Promise.all(Array.from({ length: 32 }, call));
}

const large = () => auditEntry({ details: { padding: 'x'.repeat(2000) } });

/** Appends until it is refused, makes room, appends again. */
async function fill(): Promise<void> {
  const ballast = path.join(directory, 'ballast');
  writeFileSync(ballast, Buffer.alloc(256 * 1024));
  const record = await openRecord(directory);
  let acknowledged = 0;
  let code = '';
  while (code === '' && acknowledged < 20_000) {
    await record.append(large()).then(
      () => (acknowledged += 1),
      (error: { code: string }) => (code = error.code),
    );
  }
  const failure = record.status().failure;
  // As large as the one that was refused: a smaller one may still find room.
  const again = await record.append(large()).catch((error: { code: string }) => error.code);
  rmSync(ballast);
  const index = await record.append(auditEntry());
  const verification = await record.verify();
  await record.close();
  say(JSON.stringify({ acknowledged, code, failure, again, index, verification }));
}

/** Records, finds its disk read-only, reads from it all the same, and goes on once it can be written again. */
async function readonly(): Promise<void> {
  const remount = (how: 'ro' | 'rw'): void => {
    const { status, stderr } = spawnSync('mount', ['-o', `remount,${how}`, directory], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const first = await openRecord(directory);
  await first.append(auditEntry());
  await first.close();
  remount('ro');
  const refused = await openRecord(directory).catch(({ code, message }: { code: string; message: string }) => ({
    code,
    message,
  }));
  const reader = openReader(directory);
  const readable = (await reader.list()).length;
  const proof = reader.proof(0) !== undefined;
  reader.close();
  const { problems } = verifyLog(directory, { verifierKey: storedVerifierKey(keysOf(directory)) });
  remount('rw');
  const record = await openRecord(directory);
  const index = await record.append(auditEntry());
  const verification = await record.verify();
  await record.close();
  say(JSON.stringify({ refused, readable, proof, problems, index, verification }));
}

const modes: Readonly<Record<string, () => Promise<void>>> = { load, fill, readonly };
await modes[mode!]!();
