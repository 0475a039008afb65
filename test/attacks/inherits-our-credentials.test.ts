// Attack: a program that is to act as its caller uses instead what Genkan itself, or whoever started it, is signed in with.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { serverSettings } from '../../src/upstream/settings.ts';
import { createUpstream } from '../../src/upstream/upstream.ts';
import { createTestCallers } from '../support/caller-tokens.ts';
import { callTool, textOf } from '../support/upstream-conversations.ts';

const home = mkdtempSync(path.join(os.tmpdir(), 'genkan-operator-'));
after(() => rmSync(home, { recursive: true, force: true }));
mkdirSync(path.join(home, '.azure'));
writeFileSync(path.join(home, '.azure', 'msal_token_cache.json'), 'a token of the operator');

/** What an installation of Genkan on Azure has around it. */
const ours = {
  HOME: home,
  AZURE_CLIENT_ID: 'of-genkan',
  AZURE_CLIENT_SECRET: 'of-genkan',
  AZURE_FEDERATED_TOKEN_FILE: '/of-genkan',
  AZURE_CONFIG_DIR: path.join(home, '.azure'),
  IDENTITY_ENDPOINT: 'http://127.0.0.1:9/of-genkan',
  IDENTITY_HEADER: 'of-genkan',
  MSI_ENDPOINT: 'http://127.0.0.1:9/of-genkan',
  AWS_SECRET_ACCESS_KEY: 'of-genkan',
  GENKAN_SECRET: 'of-genkan',
};
const look = `
  const fs = require('node:fs'), path = require('node:path');
  let found = [];
  try { found = fs.readdirSync(path.join(process.env.HOME, '.azure')); } catch {}
  console.log(JSON.stringify({ found, environment: Object.entries(process.env).filter(([, value]) => /of-genkan/.test(value)) }));
`;

interface Found {
  readonly found: readonly string[];
  readonly environment: readonly (readonly string[])[];
}

test('control: a program that is simply started finds all of it', () => {
  const env = { ...process.env, ...ours, NODE_OPTIONS: '' };
  const { found, environment } = JSON.parse(
    execFileSync(process.execPath, ['-e', look], { env, encoding: 'utf8' }),
  ) as Found;
  assert.deepEqual(found, ['msal_token_cache.json']);
  assert.ok(environment.length >= 8);
});

test('a program that acts as its caller finds nothing of it', async (context) => {
  const callers = createTestCallers('dana');
  const script = path.join(import.meta.dirname, '../support/azure-identity-server.ts');
  const settings = serverSettings.parse({
    command: [process.execPath, script],
    authorization: { as: 'caller', resources: ['https://management.azure.com'] },
  });
  const upstream = createUpstream('azure', settings, {
    ...callers.neighbours,
    environment: { ...process.env, ...ours },
  });
  context.after(() => upstream.close());
  const { channel } = await upstream.for!('dana').connect({ era: 'legacy', onPush() {}, onClose() {} });
  const surroundings = textOf(await channel.send(callTool(1, 'surroundings')));
  assert.doesNotMatch(surroundings, /of-genkan/);
  const { home: entries, environment } = JSON.parse(surroundings) as {
    home: readonly string[];
    environment: Record<string, string>;
  };
  assert.deepEqual(entries, []);
  assert.notEqual(environment['HOME'], home);
  assert.match(environment['IDENTITY_ENDPOINT']!, /^http:\/\/127\.0\.0\.1:\d+\//, 'the only one there is');
});
