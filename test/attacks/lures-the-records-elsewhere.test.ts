// Attack: the receiver of exports answers with a redirect, so that all that happens in the house is told to somebody else, or posted at what only we can reach.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { post } from '../../src/record/export/http-post.ts';
import { exportSettings } from '../../src/record/export/settings.ts';
import type { WebhookSettings } from '../../src/record/export/settings.ts';
import type { SinkError } from '../../src/record/export/sink.ts';
import { createWebhookSink } from '../../src/record/export/webhook-sink.ts';
import { exportedRecord } from '../support/exported-record.ts';
import { startExportReceiver } from '../support/export-receiver.ts';

const clock = { now: () => 1_700_000_000_000 };
const soon = (): AbortSignal => AbortSignal.timeout(20_000);

test('records follow no redirect, whichever kind; control: with a client that follows, they arrive at the other place', async () => {
  // In the place of http://169.254.169.254/, which answers whoever is on the machine.
  await using metadata = await startExportReceiver();
  await using receiver = await startExportReceiver();
  const { hook } = exportSettings.parse({
    sinks: { hook: { type: 'webhook', url: receiver.url, secret: { source: 'env', name: 'KEY' } } },
  }).sinks as { hook: WebhookSettings };
  const open = (send: typeof fetch) =>
    createWebhookSink('hook', hook, {
      fetch: send,
      clock,
      secret: () => Promise.resolve('a-key-of-more-than-24-characters'),
    });

  for (const status of [301, 302, 303, 307, 308]) {
    receiver.answer = (response) => response.writeHead(status, { location: metadata.url }).end();
    const error = (await open(fetch)
      .send([exportedRecord()], soon())
      .catch((error: unknown) => error)) as SinkError;
    assert.match(error.message, new RegExp(`answered ${status}, a redirect`));
    assert.equal(error.retryable, true, 'and it does not count as delivered');
  }
  assert.equal(metadata.received.length, 0);

  receiver.answer = (response) => response.writeHead(307, { location: metadata.url }).end();
  await open((url, options) => fetch(url, { ...options, redirect: 'follow' })).send([exportedRecord()], soon());
  assert.match(metadata.received[0]!.body, /"eventId"/);
});

test('what a receiver answers is neither believed nor repeated: at most its first 4 KiB are read, in one line', async () => {
  await using receiver = await startExportReceiver();
  let written = 0;
  receiver.answer = (response) => {
    response.writeHead(500);
    const more = (): void => {
      while (!response.destroyed && written < 64 * 1024 * 1024) {
        written += 65_536;
        if (!response.write('x\n\u001b[2J'.repeat(8192))) return void response.once('drain', more);
      }
    };
    more();
  };
  const error = (await post(
    { url: receiver.url, headers: {}, body: '', signal: soon(), explain: (answer) => answer },
    { fetch, clock },
  ).catch((error: unknown) => error)) as SinkError;
  assert.ok(error.message.length < 400 && !/[\n\u001b]/.test(error.message), JSON.stringify(error.message));
  assert.ok(written < 32 * 1024 * 1024, `${written} bytes were taken`);
});
