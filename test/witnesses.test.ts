// Checkpoints out of reach, with real Genkans: one is the witness of another, files and a git repository keep them, monitors read tiles.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';
import type { OpenHouse } from '../src/wire.ts';
import { operator } from '../src/operations/operator.ts';
import { perform } from '../src/operations/perform.ts';
import { operationOf } from '../src/operations/registry.ts';
import { checkpointsIn, openCheckpoint } from '../src/record/checkpoint.ts';
import { leafHash } from '../src/record/merkle.ts';
import { createSigner, createVerifier, generateSigningKey, signatureTypes } from '../src/record/note.ts';
import { createCosigner, createCosignatureVerifier } from '../src/record/witness/cosignature.ts';
import { auditEntry } from './support/audit-directory.ts';
import { buildOutsideVerifier, withoutGo } from './support/go-verifier.ts';
import { genkan } from './support/genkan-process.ts';
import { openTestHouse } from './support/house.ts';
import type { TestHouse } from './support/house.ts';
import { openSecondHouse } from './support/second-house.ts';
import { unless } from './support/skipping.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'genkan-witnesses-'));
const kept = path.join(folder, 'kept.txt');
const clone = path.join(folder, 'clone');
const remote = path.join(folder, 'remote.git');

const git = (...args: string[]): string =>
  execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const withoutGit = unless(hasGit(), 'git is not installed');

function hasGit(): boolean {
  try {
    git('--version');
    return true;
  } catch {
    return false;
  }
}

let witness: TestHouse;
let house: TestHouse;

const ask = async <Output>(of: OpenHouse, id: string, input: object = {}): Promise<Output> => {
  const outcome = await perform(operationOf(id), input, { principal: operator, sourceIP: '', userAgent: 'test' }, of);
  assert.equal(outcome.outcome, 'allow', JSON.stringify(outcome));
  return (outcome as { output: Output }).output;
};

interface Shown {
  readonly witnesses: readonly { witness: string; size: number; behind: number; failure?: string }[];
  readonly ownKey?: string;
  readonly followed: readonly { origin: string; size: number }[];
}

const signingKey = generateSigningKey('front.example/audit/a');
const logKey = createSigner(signingKey).verifierKey;
const people = { assignments: [{ principal: { group: 'makers' }, role: 'Genkan Auditor', scope: '/' }] };
const settings = {
  access: people,
  record: { tiles: 'everybody', witnesses: {} as Record<string, object> },
};

before(async () => {
  if (withoutGit === false) {
    git('init', '--quiet', '--bare', '-b', 'main', remote);
    git('init', '--quiet', '-b', 'main', clone);
    git('-C', clone, 'remote', 'add', 'origin', remote);
    // A hook of the clone is not ours to run.
    writeFileSync(path.join(clone, '.git/hooks/pre-commit'), `#!/bin/sh\ntouch ${path.join(folder, 'hooked')}\n`, {
      mode: 0o755,
    });
  }
  witness = await openTestHouse({ record: { witnessFor: [logKey] } });
  const { ownKey } = await ask<Shown>(witness.house, 'audit.witness');
  Object.assign(settings.record.witnesses, {
    tokyo: { type: 'genkan', url: `${witness.url}/audit/witness`, key: ownKey! },
    worm: { type: 'file', path: kept },
    ...(withoutGit === false && { repository: { type: 'git', path: clone } }),
    siem: { type: 'export' },
  });
  house = await openTestHouse(settings, undefined, (dataDirectory) => {
    mkdirSync(path.join(dataDirectory, 'keys'), { recursive: true, mode: 0o700 });
    writeFileSync(path.join(dataDirectory, 'keys', 'audit.key'), `${signingKey}\n`, { mode: 0o600 });
  });
  // It publishes as soon as it is open.
  await until(async () => (await ask<Shown>(house.house, 'audit.witness')).witnesses.every(({ size }) => size > 0));
});

after(async () => {
  await house?.[Symbol.asyncDispose]();
  await witness?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await passed(20);
  }
}

const command = (...args: string[]) => genkan([...args], {}, folder);
const withData = (...args: string[]) => command(...args, '--data', house.dataDirectory);

test('every witness has the newest checkpoint, and the other Genkan has cosigned it', async () => {
  const { witnesses } = await ask<{ witnesses: Shown['witnesses'] }>(house.house, 'audit.publish');
  assert.deepEqual(
    witnesses.filter(({ failure }) => failure !== undefined),
    [],
  );
  const published = witnesses[0]!.size;
  for (const { witness: name, size } of witnesses) assert.ok(size >= published, name);
  const { followed, ownKey } = await ask<Shown>(witness.house, 'audit.witness');
  assert.deepEqual(
    followed.map(({ origin, size }) => [origin, size]),
    [['front.example/audit/a', published]],
  );
  const { cosigned } = await house.house.audit.checkpoint();
  assert.ok(createCosignatureVerifier(ownKey!).find(cosigned!));
  const hash = createHash('sha256').update('front.example/audit/a').digest('hex');
  const served = await fetch(`${witness.url}/audit/witness/${hash}/checkpoint`);
  assert.equal(await served.text(), cosigned);
  assert.equal((await fetch(`${witness.url}/audit/witness/${hash.replace(/^./, 'x')}/checkpoint`)).status, 404);
  const add = `${witness.url}/audit/witness/add-checkpoint`;
  assert.equal((await fetch(add)).status, 405);
  assert.equal((await fetch(add, { method: 'POST', body: 'old 0\n\nhello\n' })).status, 400);
  assert.equal((await fetch(add, { method: 'POST', body: 'x'.repeat(70_000) })).status, 413);
  assert.equal((await fetch(`${house.url}/audit/witness/add-checkpoint`, { method: 'POST' })).status, 404);
});

test('the file holds every checkpoint that was published, one after the other', async () => {
  const verifier = createVerifier(logKey);
  const sizes = checkpointsIn(readFileSync(kept, 'utf8')).map((note) => openCheckpoint(verifier, note)!.size);
  assert.ok(sizes.length >= 2);
  assert.deepEqual(
    sizes,
    sizes.toSorted((one, other) => one - other),
  );
});

test('the repository has a commit for each, pushed, and ran no hook', { skip: withoutGit }, async () => {
  const pushed = git('-C', remote, 'log', '--format=%s', 'main').trim().split('\n');
  assert.match(pushed[0]!, /^front\.example\/audit\/a: \d+ records$/);
  const shown = git('-C', remote, 'show', 'main:front.example_audit_a.checkpoint');
  assert.ok(openCheckpoint(createVerifier(logKey), shown));
  assert.ok(!existsSync(path.join(folder, 'hooked')));
});

test('the export has the checkpoint as a record that anybody with the log can read, and the log does not grow by it for ever', async () => {
  const records = await house.house.audit.list({ action: 'audit.checkpoint', limit: 1 });
  assert.match(String(records[0]!.details['checkpoint']), /^front\.example\/audit\/a\n\d+\n/);
  // `perform` itself records what it does, so the desk is asked directly.
  await house.house.witnesses.publish();
  const [settled] = await house.house.witnesses.publish();
  const [again] = await house.house.witnesses.publish();
  assert.equal(again!.size, settled!.size);
});

test('a proof convinces whoever has nothing but keys, and no longer once a byte of it is changed', async () => {
  await house.house.witnesses.publish();
  const out = path.join(folder, 'record.tlog-proof');
  const proven = await withData('audit', 'prove', '1', '--out', out);
  assert.equal(proven.code, 0, proven.error);
  const over = await withData('audit', 'prove', '1', '--out', out);
  assert.equal(over.code, 2, 'it writes over nothing');
  const { ownKey } = await ask<Shown>(witness.house, 'audit.witness');
  const policy = path.join(folder, 'policy');
  writeFileSync(policy, `# of the auditor\nlog ${logKey}\nwitness tokyo ${ownKey!}\nquorum tokyo\n`);
  const nowhere = mkdtempSync(path.join(folder, 'auditor-'));
  const judge = (...args: string[]) => genkan(['audit', 'verify', '--proof', out, ...args], {}, nowhere);
  const byKey = await judge('--key', logKey);
  assert.equal(byKey.code, 0, byKey.error);
  assert.match(byKey.out, /The proof holds: record 1 stands in the log front\.example\/audit\/a/);
  const byPolicy = await judge('--policy', policy, '--json');
  const { proven: told } = JSON.parse(byPolicy.out) as {
    proven: { index: number; record: string; cosigned: { witness: string }[] };
  };
  assert.deepEqual([told.index, told.cosigned.map(({ witness: name }) => name)], [1, ['tokyo']]);
  assert.equal((JSON.parse(told.record) as { index: number }).index, 1);
  const strangers = createCosigner(generateSigningKey('w', signatureTypes.cosignature)).verifierKey;
  writeFileSync(
    policy,
    `log ${logKey}\nwitness tokyo ${ownKey!}\nwitness w ${strangers}\ngroup both all tokyo w\nquorum both\n`,
  );
  const lacking = await judge('--policy', policy);
  assert.deepEqual([lacking.code, /fewer witnesses/.test(lacking.out)], [4, true]);
  writeFileSync(out, readFileSync(out, 'utf8').replace('index 1', 'index 2'));
  const changed = await judge('--key', logKey);
  assert.deepEqual([changed.code, /does not stand in the log/.test(changed.out)], [4, true]);
});

test('the log is held against checkpoints that were kept elsewhere, at the command line and over REST', async () => {
  const held = await withData('audit', 'verify', '--against', kept);
  assert.equal(held.code, 0, held.out + held.error);
  assert.match(held.out, /continues all \d+ checkpoints kept elsewhere/);
  const token = await house.apiToken('dana');
  const answered = await fetch(`${house.url}/api/audit/verify`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ against: readFileSync(kept, 'utf8') }),
  });
  assert.equal(((await answered.json()) as { ok: boolean }).ok, true);
  const file = await fetch(`${house.url}/api/audit/verify`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ against: kept }),
  });
  assert.equal(file.status, 400, 'names of files mean nothing over REST');
});

test('monitors read hashes, and records only with the right to read the log', async () => {
  const base = `${house.url}/audit`;
  const read = async (at: string, headers: Record<string, string> = {}) => fetch(`${base}/${at}`, { headers });
  const checkpoint = await read('checkpoint');
  assert.equal(checkpoint.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.match(checkpoint.headers.get('cache-control')!, /max-age=2$/);
  const { size } = openCheckpoint(createVerifier(logKey), await checkpoint.text())!;
  const tile = await read(`tile/0/000.p/${size}`);
  assert.match(tile.headers.get('cache-control')!, /^public, .*immutable/);
  const hashes = Buffer.from(await tile.arrayBuffer());
  assert.equal(hashes.length, size * 32);
  for (const wrong of [
    'tile/0/000',
    'tile/0/x000/000',
    'tile/00/000.p/1',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/0.p/1',
    'tile/64/000',
    'tile/63/000',
    'tile/0/000.p/256',
    'tile/',
    '',
  ])
    assert.equal((await read(wrong)).status, 404, wrong);
  const entries = `tile/entries/000.p/${size}`;
  const stranger = await read(entries);
  assert.deepEqual([stranger.status, stranger.headers.has('www-authenticate')], [401, true]);
  const bearer = async (who: 'dana' | 'omar') => ({ authorization: `Bearer ${await house.apiToken(who)}` });
  assert.equal((await read(entries, await bearer('omar'))).status, 403);
  const bundle = await read(entries, await bearer('dana'));
  assert.deepEqual([bundle.status, bundle.headers.get('content-encoding')], [200, 'gzip']);
  assert.match(bundle.headers.get('cache-control')!, /^private/);
  const bytes = Buffer.from(await bundle.arrayBuffer());
  let at = 0;
  for (let index = 0; index < size; index += 1) {
    const length = bytes.readUInt16BE(at);
    const leaf = bytes.subarray(at + 2, at + 2 + length);
    assert.deepEqual(leafHash(leaf), hashes.subarray(index * 32, index * 32 + 32), `record ${index}`);
    at += 2 + length;
  }
  assert.equal(at, bytes.length);
  const [asked] = await house.house.audit.list({ action: 'audit.tiles', result: 'allowed', limit: 1 });
  assert.match(asked!.user, /#dana$/, 'who read records is on record');
});

test(
  'a verifier that we did not write proves records and growth by our tiles, and accepts the cosignature of the other Genkan',
  {
    skip: withoutGo,
    timeout: 240_000,
  },
  async () => {
    using verifier = await buildOutsideVerifier();
    const tiles = `${house.url}/audit`;
    const earlier = checkpointsIn(readFileSync(kept, 'utf8'))[0]!;
    // Beyond a full tile, so that there are two levels of them.
    await Promise.all(Array.from({ length: 600 }, () => house.house.record.append(auditEntry())));
    await house.house.witnesses.publish();
    const { cosigned, checkpoint } = await house.house.audit.checkpoint();
    const { ownKey } = await ask<Shown>(witness.house, 'audit.witness');
    const proof = (await house.house.audit.proof(300))!;
    const leaf = /\nextra (\S+)\n/.exec(proof)![1]!;
    const case_ = { logKey, checkpoint, index: 300, leaf, tiles };
    const flipped = Buffer.from(leaf, 'base64');
    flipped[9]! ^= 1;
    assert.deepEqual(
      await verifier.judge([
        case_,
        { logKey, checkpoint, earlier, tiles },
        { logKey, witnessKey: ownKey!, checkpoint: cosigned!, index: 300, leaf, tiles },
        { ...case_, leaf: flipped.toString('base64') },
        { ...case_, index: 301 },
      ]),
      ['ok', 'ok', 'ok', 'invalid transparency proof', 'invalid transparency proof'],
    );
  },
);

test('two processes on one state database have a log each, and either verifies both', async () => {
  await using second = await openSecondHouse(house, {
    record: { witnesses: { worm: settings.record.witnesses['worm']! } },
  });
  const secondData = path.join(path.dirname(house.dataDirectory), 'second', 'data');
  interface Verified {
    readonly ok: boolean;
    readonly origin: string;
    readonly others: readonly { origin: string; state: string }[];
  }
  const both = await ask<Verified>(house.house, 'audit.verify');
  assert.ok(both.ok, JSON.stringify(both));
  assert.deepEqual(
    both.others.map(({ state }) => state),
    ['holds'],
  );
  assert.match(both.others[0]!.origin, /\/audit\/[0-9a-f]{8}$/, 'a name of its own, made for it');
  const other = await command('audit', 'verify', '--data', secondData, '--json');
  const { origin, others } = JSON.parse(other.out) as Verified;
  assert.deepEqual([origin, others.map((one) => one.origin)], [both.others[0]!.origin, [both.origin]]);
  void second;
});
