// What a webhook gets, and what is made of its answers.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { exportedRecord } from '../../../test/support/exported-record.ts';
import { startExportReceiver } from '../../../test/support/export-receiver.ts';
import { exportSettings } from './settings.ts';
import type { WebhookSettings } from './settings.ts';
import type { Sink, SinkError } from './sink.ts';
import { createWebhookSink } from './webhook-sink.ts';

const key = 'a-key-of-more-than-24-characters';
const atMs = 1_700_000_000_000;
const reference = (name: string) => ({ source: 'env', name });

const parse = (settings: Record<string, unknown>): WebhookSettings =>
  exportSettings.parse({ sinks: { hook: { type: 'webhook', secret: reference('KEY'), ...settings } } }).sinks[
    'hook'
  ] as WebhookSettings;

const open = (url: string, settings: Record<string, unknown> = {}, secrets: Record<string, string> = {}): Sink =>
  createWebhookSink('hook', parse({ url, ...settings }), {
    fetch,
    clock: { now: () => atMs },
    secret: (asked) => Promise.resolve({ KEY: key, ...secrets }[(asked as { name: string }).name]!),
  });

const soon = (): AbortSignal => AbortSignal.timeout(20_000);
const failure = (sending: Promise<void>): Promise<SinkError> =>
  sending.then(
    () => assert.fail('it was taken'),
    (error: unknown) => error as SinkError,
  );

test('a batch is one signed request, one object a line, under an id that is the same at every attempt', async () => {
  await using receiver = await startExportReceiver();
  const sink = open(receiver.url);
  const batch = [exportedRecord({ index: 1 }), exportedRecord({ index: 2, details: { text: 'a\nb' } })];
  await sink.send(batch, soon());
  await sink.send(batch, soon());
  const [first, second] = receiver.received;
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature } = first!.headers;
  assert.equal(second!.headers['webhook-id'], id);
  assert.equal(seconds, '1700000000');
  const expected = createHmac('sha256', key)
    .update(`${id as string}.${seconds}.${first!.body}`)
    .digest('base64');
  assert.equal(signature, `v1,${expected}`);
  assert.equal(first!.headers['content-type'], 'application/x-ndjson');
  const rows = first!.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { eventId: string });
  assert.deepEqual(
    rows.map(({ eventId }) => eventId),
    batch.map(({ eventId }) => eventId),
  );
});

test('a list instead of lines, and a header that the receiver asks for', async () => {
  await using receiver = await startExportReceiver();
  await open(receiver.url, { body: 'json', authorization: reference('TOKEN') }, { TOKEN: 'Splunk abc' }).send(
    [exportedRecord()],
    soon(),
  );
  assert.equal(receiver.received[0]!.headers.authorization, 'Splunk abc');
  assert.equal((JSON.parse(receiver.received[0]!.body) as unknown[]).length, 1);
});

test('answers about the records are told from those about the moment', async () => {
  await using receiver = await startExportReceiver();
  const sink = open(receiver.url);
  for (const [status, retryable] of [
    [400, false],
    [413, false],
    [422, false],
    [401, true],
    [404, true],
    [429, true],
    [502, true],
  ] as const) {
    receiver.answer = (response) => response.writeHead(status, { 'retry-after': '5' }).end('no');
    const error = await failure(sink.send([exportedRecord()], soon()));
    assert.deepEqual([error.retryable, error.retryAfterMs, error.message], [retryable, 5000, `it answered ${status}`]);
  }
});

test('nobody there is told without the address', async () => {
  const error = await failure(open('http://127.0.0.1:9/secret-path').send([exportedRecord()], soon()));
  assert.equal(error.retryable, true);
  assert.doesNotMatch(error.message, /secret-path/);
});

test('a secret that would break out of its header is refused before anything is sent, and not quoted', async () => {
  await using receiver = await startExportReceiver();
  for (const secret of ['Bearer a\r\nX-Admin: yes', 'Bearer a\nb', 'Bearer \0', ' Bearer a', 'Bearer ä']) {
    const sink = open(receiver.url, { authorization: reference('TOKEN') }, { TOKEN: secret });
    const error = await failure(sink.send([exportedRecord()], soon()));
    assert.equal(error.message, 'what stands for the Authorization header can stand in none');
  }
  assert.equal(receiver.received.length, 0);
});

test('what records say stands in no header', async () => {
  await using receiver = await startExportReceiver();
  await open(receiver.url).send([exportedRecord({ eventId: 'a\r\nX-Admin: yes', correlationId: 'b\r\nc' })], soon());
  assert.equal(receiver.received[0]!.headers['x-admin'], undefined);
});

test('only https, but for this machine, and never with a password in the address', () => {
  for (const url of ['https://siem.example/in', 'http://127.0.0.1:1/', 'http://localhost:1/', 'http://[::1]:1/'])
    assert.equal(parse({ url }).url, url);
  for (const url of ['http://siem.example/', 'https://a:b@siem.example/', 'file:///etc/passwd', 'ftp://127.0.0.1/'])
    assert.throws(() => parse({ url }), url);
});

test('a key that is too short signs nothing', async () => {
  await using receiver = await startExportReceiver();
  const error = await failure(open(receiver.url, {}, { KEY: 'short' }).send([exportedRecord()], soon()));
  assert.match(error.message, /less than 24 bytes/);
  assert.equal(receiver.received.length, 0);
});
