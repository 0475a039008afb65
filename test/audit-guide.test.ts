// docs/audit.md: its walk-through is carried out as it is printed, and its settings are ones that are taken.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { recordSettings } from '../src/record/settings.ts';
import { readPolicy } from '../src/record/witness/policy.ts';
import { openTestHouse } from './support/house.ts';

const root = path.join(import.meta.dirname, '..');
const guide = readFileSync(path.join(root, 'docs/audit.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text]) => text!);

test('the walk-through of a stranger leads to where it says', { skip: process.platform === 'win32' }, async () => {
  await using house = await openTestHouse({});
  const folder = path.dirname(house.dataDirectory);
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  const cli = path.join(root, 'src/cli.ts');
  writeFileSync(path.join(bin, 'genkan'), `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env['PATH']!}`, HOME: folder };
  const [kept, later, handed, elsewhere, ...more] = blocks('sh');
  assert.deepEqual(more, []);
  const sh = async (script: string): Promise<string> =>
    (await promisify(execFile)('sh', ['-ec', script], { cwd: folder, env })).stdout;

  await sh(kept!);
  assert.match(readFileSync(path.join(folder, 'kept.checkpoint'), 'utf8'), /\/audit\/[0-9a-f]{8}\n\d+\n/);
  assert.match(await sh(later!), /^The audit log holds: [^]*It continues the checkpoint kept elsewhere/);
  assert.match(await sh(handed!), /written to record-0\.tlog-proof/);
  const away = path.join(folder, 'away');
  mkdirSync(away);
  for (const file of ['record-0.tlog-proof', 'log.vkey'])
    writeFileSync(path.join(away, file), readFileSync(path.join(folder, file)));
  const judged = await promisify(execFile)('sh', ['-ec', elsewhere!], { cwd: away, env });
  assert.match(judged.stdout, /^The proof holds: record 0 stands in the log/);
  const proof = path.join(away, 'record-0.tlog-proof');
  writeFileSync(proof, readFileSync(proof, 'utf8').replace('index 0', 'index 1'));
  await assert.rejects(promisify(execFile)('sh', ['-ec', elsewhere!], { cwd: away, env }), { code: 4 });
});

test('its settings and its policy are read', () => {
  const examples = blocks('yaml').map((text) => recordSettings.parse((parse(text) as { record: unknown }).record));
  assert.equal(examples.length, 2);
  const { witnesses } = examples[0]!;
  const types = Object.values(witnesses).map(({ type }) => type);
  assert.deepEqual(types.toSorted(), ['azure-blob', 'export', 'file', 'genkan', 'git']);
  for (const type of types) assert.ok(guide.includes(`| \`${type}\``), type);
  const [policy] = blocks('text');
  assert.equal(readPolicy(policy!).logs.length, 1);
});
