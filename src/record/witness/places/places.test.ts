// Places that keep checkpoints: a file, Azure Blob Storage (a stand-in that answers as its REST reference says), a witness that lies.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { checkpointsIn, signCheckpoint } from '../../checkpoint.ts';
import { emptyRoot } from '../../merkle.ts';
import { createSigner, generateSigningKey, signatureTypes } from '../../note.ts';
import { createCosigner } from '../cosignature.ts';
import { isContainerUrl } from '../settings.ts';
import { createBlobPlace } from './blob-place.ts';
import { createFilePlace } from './file-place.ts';
import { createGenkanPlace } from './genkan-place.ts';
import { createGitPlace } from './git-place.ts';
import type { Outgoing } from './place.ts';

const signer = createSigner(generateSigningKey('front.example/audit/a'));

const outgoing = (size: number): Outgoing => ({
  origin: signer.name,
  size,
  root: emptyRoot,
  note: signCheckpoint(signer, size, emptyRoot),
  proofFrom: () => [],
});
const signal = AbortSignal.timeout(20_000);

async function listen(
  t: TestContext,
  answer: (
    request: IncomingMessage,
    body: string,
  ) => { status: number; body?: string; headers?: Record<string, string> },
): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { status, body: text = '', headers = {} } = answer(request, body);
      response.writeHead(status, headers).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a file is only ever appended to, and what a crash cut off spoils nothing that comes after it', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-place-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'kept.txt');
  const place = createFilePlace(file);
  await place.keep(outgoing(1), 0, signal);
  await place.keep(outgoing(2), 1, signal);
  appendFileSync(file, `\n${outgoing(3).note.slice(0, 40)}`);
  await place.keep(outgoing(4), 2, signal);
  assert.deepEqual(
    checkpointsIn(readFileSync(file, 'utf8')),
    [1, 2, 4].map((size) => outgoing(size).note),
  );
  await assert.rejects(createFilePlace(folder).keep(outgoing(1), 0, signal), /cannot be written: EISDIR/);
});

/** Put Blob and Get Blob of one container, as far as checkpoints go. */
async function container(t: TestContext) {
  const blobs = new Map<string, string>();
  const asked: string[] = [];
  const state = { broken: 0 };
  const url = await listen(t, ({ method, url: at = '', headers }, body) => {
    asked.push(`${method ?? ''} ${at}`);
    assert.match(headers['x-ms-version'] as string, /^\d{4}-\d\d-\d\d$/);
    if (headers.authorization !== 'Bearer storage-token') return { status: 401 };
    if (!at.startsWith('/account/checkpoints/'))
      return { status: 404, headers: { 'x-ms-error-code': 'ContainerNotFound' } };
    if (method === 'GET') return blobs.has(at) ? { status: 200, body: blobs.get(at)! } : { status: 404 };
    assert.deepEqual([headers['x-ms-blob-type'], headers['if-none-match']], ['BlockBlob', '*']);
    if (blobs.has(at)) return { status: 409, headers: { 'x-ms-error-code': 'BlobAlreadyExists' } };
    blobs.set(at, body);
    if (state.broken-- > 0) return { status: 503, headers: { 'x-ms-error-code': 'ServerBusy' } };
    return { status: 201 };
  });
  return { url: `${url}/account/checkpoints`, blobs, asked, state };
}

test('each checkpoint is a blob of its own that is never written over, also when an answer was lost', async (t) => {
  const { url, blobs, state } = await container(t);
  const place = createBlobPlace(url, () => Promise.resolve('storage-token'), fetch);
  await place.keep(outgoing(7), 0, signal);
  await place.keep(outgoing(7), 0, signal);
  state.broken = 1;
  await assert.rejects(place.keep(outgoing(12), 7, signal), /it answered 503/);
  await place.keep(outgoing(12), 7, signal);
  assert.deepEqual(
    [...blobs].map(([at, text]) => [at, text]),
    [7, 12].map((size) => [
      `/account/checkpoints/front.example%2Faudit%2Fa/${String(size).padStart(16, '0')}-e3b0c44298fc1c14.checkpoint`,
      outgoing(size).note,
    ]),
  );
  const [first] = blobs.keys();
  blobs.set(first!, 'something else');
  await assert.rejects(place.keep(outgoing(7), 0, signal), /another checkpoint of this name is there/);
});

test('what is wrong with the container is said in words that name the remedy, and the token goes nowhere else', async (t) => {
  const { url } = await container(t);
  const stranger = createBlobPlace(url, () => Promise.resolve('another'), fetch);
  await assert.rejects(stranger.keep(outgoing(1), 0, signal), /tenant of the storage account/);
  const elsewhere = createBlobPlace(url.replace('/account', '/nobody'), () => Promise.resolve('storage-token'), fetch);
  await assert.rejects(elsewhere.keep(outgoing(1), 0, signal), /no such container/);
  const noIdentity = createBlobPlace(url, () => Promise.reject(new Error('secret detail')), fetch);
  await assert.rejects(noIdentity.keep(outgoing(1), 0, signal), (error: Error) => !error.message.includes('secret'));
  let reached = 0;
  const thief = await listen(t, () => ({ status: (reached += 1) && 201 }));
  const redirecting = await listen(t, () => ({ status: 307, headers: { location: `${thief}/account/checkpoints/x` } }));
  const redirected = createBlobPlace(
    `${redirecting}/account/checkpoints`,
    () => Promise.resolve('storage-token'),
    fetch,
  );
  await assert.rejects(redirected.keep(outgoing(1), 0, signal), /it answered 307/);
  assert.equal(reached, 0);
});

test('only containers of Azure Storage may be named', () => {
  const good = [
    'https://acct.blob.core.windows.net/checkpoints',
    'https://acct.blob.core.usgovcloudapi.net/checkpoints',
  ];
  const bad = [
    'http://acct.blob.core.windows.net/checkpoints',
    'https://acct.blob.core.windows.net',
    'https://acct.blob.core.windows.net/a/b',
    'https://acct.blob.core.windows.net:8443/checkpoints',
    'https://acct.blob.core.windows.net.evil.example/checkpoints',
    'https://evil.example/checkpoints',
    'https://user:pass@acct.blob.core.windows.net/checkpoints',
    'https://acct.blob.core.windows.net/checkpoints?sig=x',
  ];
  for (const url of good) assert.ok(isContainerUrl(url), url);
  for (const url of bad) assert.ok(!isContainerUrl(url), url);
});

test('believes a witness only what its key has signed, and asks it no more often than it must', async (t) => {
  const cosigner = createCosigner(generateSigningKey('w', signatureTypes.cosignature));
  const stranger = createCosigner(generateSigningKey('w', signatureTypes.cosignature));
  let asked = 0;
  const placeThat = async (answer: Parameters<typeof listen>[1]) =>
    createGenkanPlace(
      { url: await listen(t, (...given) => ((asked += 1), answer(...given))), key: cosigner.verifierKey },
      fetch,
    );
  const { note } = outgoing(5);
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  const good = cosigner.cosign(text, 1_790_000_000);
  const honest = await placeThat((_request, body) => {
    assert.ok(body.endsWith(note));
    return body.startsWith('old 3\n')
      ? { status: 200, body: stranger.cosign(text, 1) + good }
      : { status: 409, body: '3\n' };
  });
  assert.deepEqual(await honest.keep(outgoing(5), 0, signal), { cosignature: good });
  assert.equal(asked, 2);
  const troubles: [RegExp, Parameters<typeof listen>[1]][] = [
    [/did not cosign with the key/, () => ({ status: 200, body: stranger.cosign(text, 1_790_000_000) })],
    [
      /did not cosign with the key/,
      () => ({ status: 200, body: cosigner.cosign(text.replace('5', '6'), 1_790_000_000) }),
    ],
    [/did not cosign with the key/, () => ({ status: 200, body: 'hello' })],
    [/another size each time/, (_request, body) => ({ status: 409, body: body.startsWith('old 1\n') ? '2\n' : '1\n' })],
    [/it has cosigned 9 records, and we have 5/, () => ({ status: 409, body: '9\n' })],
    [/it answered 409/, () => ({ status: 409, body: 'x'.repeat(100) })],
    [/too long/, () => ({ status: 200, body: 'x'.repeat(100_000) })],
    [/no witness for this log/, () => ({ status: 404 })],
    [/does not trust the key/, () => ({ status: 403 })],
    [/another history/, () => ({ status: 422 })],
    [/it answered 302/, () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })],
  ];
  for (const [reason, answer] of troubles)
    await assert.rejects((await placeThat(answer)).keep(outgoing(5), 0, signal), reason);
  const nobody = createGenkanPlace({ url: 'http://127.0.0.1:9', key: cosigner.verifierKey }, fetch);
  await assert.rejects(nobody.keep(outgoing(5), 0, signal), /nobody answered/);
});

test('a repository counts only when the remote that is named has the commit; to have none is said in the settings', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-git-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [clone, remote] = [path.join(folder, 'clone'), path.join(folder, 'remote.git')];
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' });
  try {
    git('init', '--quiet', '--bare', '-b', 'main', remote);
  } catch {
    return t.skip('git is not installed');
  }
  git('init', '--quiet', '-b', 'main', clone);
  git('-C', clone, 'remote', 'add', 'origin', remote);
  const place = (name: string | false) => createGitPlace({ path: clone, remote: name, env: process.env });
  const pushed = (): number => Number(git('-C', remote, 'rev-list', '--all', '--count'));
  await assert.rejects(place('orgin').keep(outgoing(1), 0, signal), /no remote called orgin/);
  await place('origin').keep(outgoing(1), 0, signal);
  assert.equal(pushed(), 1);
  git('-C', clone, 'remote', 'remove', 'origin');
  await assert.rejects(place('origin').keep(outgoing(2), 1, signal), /no remote called origin/);
  await place(false).keep(outgoing(2), 1, signal);
  assert.deepEqual([pushed(), Number(git('-C', clone, 'rev-list', '--count', 'HEAD'))], [1, 2]);
});
