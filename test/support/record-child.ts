// A process that records until it is killed or its disk is full: `node record-child.ts load|fill DIRECTORY`.
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { correlationId } from '../../src/base/ids.ts';
import { auditEntry, openRecord } from './audit-directory.ts';

const [, , mode, directory = ''] = process.argv;
// Pipes are written synchronously, so whatever was said is in the pipe when this process is killed.
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Calls with effects, many at once: intent, effect, outcome. Says each step as soon as it is entitled to it. */
async function load(): Promise<void> {
  const record = await openRecord(directory);
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

await (mode === 'load' ? load() : fill());
