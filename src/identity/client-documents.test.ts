// Tests of fetching client metadata documents: no request leaves without the protection against private addresses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClientDocuments } from './client-documents.ts';

test('nothing is sent when the library could not make its protection', async () => {
  const sent: unknown[] = [];
  const send: typeof fetch = (_url, options) => {
    sent.push(options);
    return Promise.resolve(new Response());
  };
  const settings = { enabled: true, allowPrivateAddresses: false };
  const documents = createClientDocuments(settings, { clock: { now: () => 0 }, fetch: send });
  await assert.rejects(documents.fetch('https://client.example/', { redirect: 'manual' }), /no protection/);
  await assert.rejects(documents.fetch('https://client.example/'), /no protection/);
  const dispatcher = {};
  await documents.fetch('https://client.example/', { redirect: 'manual', dispatcher } as RequestInit);
  assert.deepEqual(sent, [{ redirect: 'manual', dispatcher }]);
});
