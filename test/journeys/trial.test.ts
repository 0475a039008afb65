// A first day with Genkan: start it, be told what to do, stop it, start it again, empty it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { createBrowser } from '../support/browser.ts';
import { authorizationRequest, register } from '../support/oauth-client.ts';
import { headingOf } from '../support/sign-in-walk.ts';
import { genkan, startTrialProcess } from '../support/trial-process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'genkan-trial-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('starts within 15 seconds without a terminal and says who, where and what next', async () => {
  const trial = await startTrialProcess(path.join(folder, 'first'));
  const printed = trial.output();
  assert.equal(await trial.stop(), 0, 'a SIGTERM ends it in good order');

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

test('stops at once although a browser has connected ahead of need', async () => {
  const trial = await startTrialProcess(path.join(folder, 'stopped'));
  const ahead = connect(trial.port, '127.0.0.1');
  await once(ahead, 'connect');
  ahead.on('error', () => undefined); // it may be reset
  const startMs = performance.now();
  assert.equal(await trial.stop(), 0);
  assert.ok(performance.now() - startMs < 9000, 'it waited for a request that never came');
  ahead.destroy();
});

test('knows its clients and keys again after a restart, so that nobody is stuck on "client is invalid"', async () => {
  const data = path.join(folder, 'kept');
  const first = await startTrialProcess(data);
  const resource = `${first.publicUrl}/mcp/files`;
  const registered = await register(first.publicUrl, { redirect_uris: ['http://127.0.0.1:33418/callback'] });
  const keys = await (await fetch(registered.server.jwks_uri!)).json();
  await first.stop();

  const second = await startTrialProcess(data, first.port);
  try {
    assert.deepEqual(await (await fetch(registered.server.jwks_uri!)).json(), keys);
    const { url } = await authorizationRequest(registered, { resource });
    const { page } = await createBrowser().follow(url, () => false);
    assert.equal(headingOf(page!), 'Who is at the door?');
  } finally {
    await second.stop();
  }
});

test('is not emptied while it runs, and is empty afterwards', async () => {
  const data = path.join(folder, 'emptied');
  const trial = await startTrialProcess(data);
  const refused = await genkan('trial', 'reset', '--data', data);
  assert.equal(refused.exitCode, 3, refused.output);
  assert.ok(existsSync(path.join(data, 'audit.db')));
  await trial.stop();
  const done = await genkan('trial', 'reset', '--data', data);
  assert.equal(done.exitCode, 0, done.output);
  assert.ok(!existsSync(path.join(data, 'audit.db')) && !existsSync(path.join(data, 'keys')));
});

test('says what to do when another program has its port', async () => {
  const trial = await startTrialProcess(path.join(folder, 'one'));
  const other = await genkan('trial', 'start', '--port', String(trial.port), '--data', path.join(folder, 'other'));
  await trial.stop();
  assert.notEqual(other.exitCode, 0);
  assert.match(other.output, /Another program is already listening on 127\.0\.0\.1:\d+/);
  assert.match(other.output, /npm start -- --port/);
  assert.doesNotMatch(other.output, /\n {4}at /, 'no stack trace');
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
