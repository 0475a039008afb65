// Tests of fetching client metadata documents and keys: where to, how often, and for how long it is believed.
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { test } from 'node:test';
import { createClientDocuments, keepSeconds } from './client-documents.ts';

const settings = { enabled: true, allowPrivateAddresses: false, trusted: ['client.example'], others: 'ask' as const };
const clock = { now: () => 0 };

test('no redirect is followed, whoever asks for it', async () => {
  const sent: (RequestInit | undefined)[] = [];
  const send: typeof fetch = (_url, options) => {
    sent.push(options);
    return Promise.resolve(new Response());
  };
  const documents = createClientDocuments(settings, { clock, fetch: send });
  await documents.fetch('https://client.example/jwks', { method: 'GET' });
  assert.deepEqual(sent, [{ method: 'GET', redirect: 'manual' }]);
  await assert.rejects(documents.fetch('https://10.0.0.1/jwks', {}), /public name/);
});

test('a name that turns to an inner address between two look-ups is not connected to', async () => {
  const answers: LookupAddress[][] = [
    [{ address: '127.0.0.1', family: 4 }],
    [
      { address: '::ffff:169.254.169.254', family: 6 },
      { address: '10.0.0.1', family: 4 },
    ],
  ];
  const documents = createClientDocuments(settings, {
    clock,
    resolve: (_host, _options, callback) => callback(null, answers.shift() ?? []),
  });
  for (let time = 0; time < 2; time += 1) {
    const failure = await documents.fetch('https://client.example/client.json', {}).catch((error: Error) => error);
    assert.ok(failure instanceof Error);
    assert.match(String(failure.cause), /inner address/);
  }
});

test('what a server says about keeping its document is believed for an hour at most', async () => {
  const kept = async (headers: Record<string, string>): Promise<string | null> => {
    const send: typeof fetch = () => Promise.resolve(new Response('{}', { headers }));
    const documents = createClientDocuments(settings, { clock, fetch: send });
    const answer = await documents.fetch('https://client.example/client.json', {});
    assert.equal(answer.headers.get('expires'), null);
    return answer.headers.get('cache-control');
  };
  assert.equal(await kept({ 'cache-control': 'public, max-age=31536000' }), `max-age=${keepSeconds}`);
  assert.equal(await kept({ 'cache-control': 'max-age=120' }), 'max-age=120');
  assert.equal(await kept({ expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }), 'max-age=0');
});

test('where only trusted publishers are let in, nobody else is even asked', () => {
  const documents = createClientDocuments({ ...settings, others: 'refuse' }, { clock });
  assert.equal(documents.allow('https://client.example/client.json', '192.0.2.1'), true);
  assert.equal(documents.permits('https://client.example/client.json'), true);
  for (const url of [
    'https://other.example/client.json',
    'https://client.example.evil.example/',
    'https://xclient.example/',
  ])
    assert.equal(documents.allow(url, '192.0.2.1') || documents.permits(url), false, url);
});
