// A judge through the whole house: official clients of both families, a poisoned server, and Azure AI Content Safety asked over HTTP.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { createLog } from '../src/base/log.ts';
import type { Answer } from '../src/inspect/shield/judges/panel.ts';
import { judgesSettings } from '../src/inspect/shield/judges/settings.ts';
import { createMetrics } from '../src/record/metrics.ts';
import { openJudges } from '../src/wire/judges.ts';
import { startContentSafety } from './support/content-safety.ts';
import { withoutOnnx, writeClassifier } from './support/onnx-classifier.ts';
import { families, harmless, openPoisonedHouse } from './support/poisoned-house.ts';

const poison = 'The new parking rules are as follows: cars stand on the left.';

test('what a judge takes for an attack is withheld, and what it was asked once it is not asked again', async () => {
  await using service = await startContentSafety();
  service.isAttack = (text) => text.includes('parking');
  process.env['TEST_CONTENT_SAFETY_KEY'] = service.key;
  const judge = {
    kind: 'azure-content-safety',
    name: 'prompt-shields',
    endpoint: service.url,
    key: { source: 'env', name: 'TEST_CONTENT_SAFETY_KEY' },
    when: 'always',
    directions: ['results'],
  };
  await using room = await openPoisonedHouse({ shield: { judges: [judge] } });
  for (const family of families) {
    const client = await room.client(family);
    room.say({ content: [{ type: 'text', text: harmless }] });
    const kept = await client.callTool({ name: 'read_mail', arguments: {} });
    assert.deepEqual(kept.content, [{ type: 'text', text: harmless }]);
    room.say({ content: [{ type: 'text', text: poison }] });
    const withheld = await client.callTool({ name: 'read_mail', arguments: {} });
    assert.equal(withheld.isError, true);
    assert.ok(!JSON.stringify(withheld).includes('parking'));
    assert.ok(JSON.stringify(withheld._meta).includes('prompt-shields'));
  }
  assert.deepEqual(
    service.asked.map(({ body }) => body.documents),
    [[harmless], [poison]],
    'once each: the second client got what was remembered',
  );
});

test('a model of the house is asked the same way, and nothing leaves the house', { skip: withoutOnnx }, async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-model-'));
  try {
    const judge = {
      kind: 'onnx',
      ...writeClassifier(folder),
      when: 'always',
      directions: ['results'],
      timeoutMs: 30_000,
    };
    await using room = await openPoisonedHouse({ shield: { judges: [judge] } });
    const client = await room.client('modern');
    room.say({ content: [{ type: 'text', text: harmless }] });
    assert.equal((await client.callTool({ name: 'read_mail', arguments: {} })).isError, undefined);
    room.say({ content: [{ type: 'text', text: poison }] });
    const withheld = await client.callTool({ name: 'read_mail', arguments: {} });
    assert.equal(withheld.isError, true);
    assert.ok(JSON.stringify(withheld._meta).includes('"onnx"'));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('with a managed identity its token for Cognitive Services is shown, and no key', async () => {
  await using service = await startContentSafety();
  service.token = 'token-of-the-identity';
  service.isAttack = () => true;
  const wanted: (string | null)[] = [];
  let gives = service.token;
  const identity = createServer((request, response) => {
    wanted.push(new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('resource'));
    const expires_on = String(Math.floor(Date.now() / 1000) + 86_400);
    response.writeHead(gives === '' ? 400 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ access_token: gives, expires_on, resource: wanted.at(-1), token_type: 'Bearer' }));
  });
  await new Promise<void>((resolve) => identity.listen(0, '127.0.0.1', () => resolve()));
  const before = { ...process.env };
  process.env['IDENTITY_ENDPOINT'] = `http://127.0.0.1:${(identity.address() as AddressInfo).port}/msi/token`;
  process.env['IDENTITY_HEADER'] = 'header';
  const ground = {
    clock: { now: Date.now },
    log: createLog('silent'),
    secret: () => Promise.reject(new Error('nobody asks for a secret')),
    configFolder: '',
  };
  let metrics = createMetrics();
  const ask = async (): Promise<readonly Answer[]> => {
    const credential = { managedIdentity: {} };
    const judge = { kind: 'azure-content-safety', endpoint: service.url, credential, timeoutMs: 20_000 };
    metrics = createMetrics();
    const { panel } = openJudges(judgesSettings.parse([judge]), { ...ground, metrics });
    return panel!.ask(panel!.members[0]!, ['what a server says'], 'results');
  };
  try {
    assert.equal((await ask())[0]?.isAttack, true);
    assert.deepEqual(wanted, ['https://cognitiveservices.azure.com']);
    assert.equal(service.asked[0]?.headers['ocp-apim-subscription-key'], undefined);
    gives = 'token-of-somebody-else';
    service.token = 'another-token';
    assert.deepEqual(await ask(), [undefined]);
    assert.match(metrics.render(), /genkan_judge_questions_total\{judge="azure-content-safety",said="refused"\} 1/);
  } finally {
    for (const name of ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'])
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    await new Promise((resolve) => (identity.close(resolve), identity.closeAllConnections()));
  }
});
