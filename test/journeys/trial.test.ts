// A first day with Genkan: start it, be told what to do, stop it, start it again, empty it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { createBrowser } from '../support/browser.ts';
import { authorizationRequest, register } from '../support/oauth-client.ts';
import { headingOf } from '../support/sign-in-walk.ts';
import { genkan, startTrialProcess } from '../support/trial-process.ts';
import type { TrialProcess } from '../support/trial-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'genkan-trial-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const data = path.join(folder, 'first');
let trial: TrialProcess;
let keys: unknown;
let registered: Awaited<ReturnType<typeof register>>;

before(async () => {
  trial = await startTrialProcess(data);
  registered = await register(trial.publicUrl, { redirect_uris: ['http://127.0.0.1:33418/callback'] });
  keys = await (await fetch(registered.server.jwks_uri!)).json();
});
after(() => trial.stop());

test('starts within 15 seconds without a terminal and says who, where and what next', () => {
  const printed = trial.output();
  for (const person of ['dana', 'omar', 'sena', 'ada']) assert.match(printed, new RegExp(`^ +${person} `, 'm'));
  for (const server of ['azure', 'everything', 'files', 'poisoned'])
    assert.ok(printed.includes(`${trial.publicUrl}/mcp/${server}`));
  assert.match(printed, /poisoned +shut until approved: npm run -s genkan -- server approve poisoned/);
  assert.match(printed, /vscode:mcp\/install\?/);
  assert.match(printed, /cursor:\/\/anysphere\.cursor-deeplink\/mcp\/install\?/);
  assert.ok(printed.includes(`claude mcp add --transport http genkan ${trial.publicUrl}/mcp`));
  assert.match(printed, /anybody on this machine can be anybody/);
  assert.match(printed, /not isolated/);
});

test('says what to do when another program has its port', async () => {
  const other = await genkan('trial', 'start', '--port', String(trial.port), '--data', path.join(folder, 'other'));
  assert.notEqual(other.exitCode, 0);
  assert.match(other.output, /Another program is already listening on 127\.0\.0\.1:\d+/);
  assert.match(other.output, /npm start -- --port/);
  assert.doesNotMatch(other.output, /\n {4}at /, 'no stack trace');
});

test('is not emptied while it runs', async () => {
  const refused = await genkan('trial', 'reset', '--data', data);
  assert.equal(refused.exitCode, 3, refused.output);
  assert.ok(existsSync(path.join(data, 'audit.db')));
});

test('stops at once and in good order although a browser has connected ahead of need', async () => {
  const ahead = connect(trial.port, '127.0.0.1');
  await once(ahead, 'connect');
  ahead.on('error', () => undefined); // it may be reset
  const startMs = performance.now();
  assert.equal(await trial.stop(), 0);
  assert.ok(performance.now() - startMs < 9000, 'it waited for a request that never came');
  ahead.destroy();
});

test('knows its clients and keys again after a restart, so that nobody is stuck on "client is invalid"', async () => {
  trial = await startTrialProcess(data, trial.port);
  const resource = `${trial.publicUrl}/mcp/files`;
  assert.deepEqual(await (await fetch(registered.server.jwks_uri!)).json(), keys);
  const { url } = await authorizationRequest(registered, { resource });
  const { page } = await createBrowser().follow(url, () => false);
  assert.equal(headingOf(page!), 'Who is at the door?');
});

test('can be emptied once it has stopped, and is empty then', async () => {
  assert.equal(await trial.stop(), 0);
  const done = await genkan('trial', 'reset', '--data', data);
  assert.equal(done.exitCode, 0, done.output);
  assert.ok(!existsSync(path.join(data, 'audit.db')) && !existsSync(path.join(data, 'keys')));
});

test('refuses to let people without passwords in from other machines', async () => {
  const example = path.join(import.meta.dirname, '../../examples/trial');
  const settings = parse(readFileSync(path.join(example, 'genkan.yaml'), 'utf8')) as Record<string, unknown>;
  const roles = { access: { ...(settings['access'] as object), roles: [], assignments: [] } };
  for (const address of [
    { listen: '0.0.0.0:7399', publicUrl: 'https://genkan.example.com' },
    { listen: '127.0.0.1:7399', publicUrl: 'https://genkan.example.com' },
  ]) {
    const file = path.join(folder, 'genkan.yaml');
    writeFileSync(file, stringify({ ...settings, ...roles, ...address, data: 'open' }));
    const { exitCode, output } = await genkan('trial', 'start', '--config', file);
    assert.notEqual(exitCode, 0);
    assert.match(output, /The trial does not start: .* can be reached from other machines/);
  }
});
