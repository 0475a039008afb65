// Syslog against a receiver on a socket of its own: what arrives, whom it trusts, and what it takes for delivered.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { z } from 'zod';
import { parseCef } from '../../../test/support/cef-parser.ts';
import { createCertificate } from '../../../test/support/entra/certificates.ts';
import type { TestCertificate } from '../../../test/support/entra/certificates.ts';
import { exportContext, exportRecord } from '../../../test/support/export-records.ts';
import { startSyslogReceiver } from '../../../test/support/syslog-receiver.ts';
import { SinkError } from './sink.ts';
import type { ExportedRecord, Sink } from './sink.ts';
import { isProtected, syslogShape } from './syslog-settings.ts';
import { createSyslogSink } from './syslog-sink.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'genkan-syslog-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const keep = (name: string, { pem }: TestCertificate): string => (writeFileSync(path.join(folder, name), pem), name);

const authority = createCertificate({ name: 'Syslog authority', authority: true });
const other = createCertificate({ name: 'Another authority', authority: true });
keep('ca.pem', authority);
const own = createCertificate({ name: 'localhost', hosts: ['localhost', '127.0.0.1'], issuer: authority });
const certified: TlsOptions = { key: own.privateKeyPem, cert: own.pem };

const settings = z.strictObject(syslogShape);

function sinkTo(port: number, more: object = {}, key = ''): Sink {
  const given = { type: 'syslog', host: 'localhost', port, tls: { ca: 'ca.pem' }, quietMs: 100, ...more };
  return createSyslogSink('siem', settings.parse(given), {
    secret: () => Promise.resolve(key),
    context: exportContext,
    folder,
  });
}

const batch = (from: number, count: number): ExportedRecord[] =>
  Array.from({ length: count }, (_, at) =>
    exportRecord({ action: 'tools/call', index: from + at, userAgent: `line\nbreak ${from + at} 令` }),
  );
const soon = (): AbortSignal => AbortSignal.timeout(10_000);

async function failure(sending: Promise<void>): Promise<SinkError> {
  const error = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SinkError, String(error));
  assert.equal(error.retryable, true);
  return error;
}

test('records arrive in order, whole, over TLS, with the id by which to know them again', async () => {
  await using receiver = await startSyslogReceiver(certified);
  const sink = sinkTo(receiver.port);
  await sink.send(batch(0, 300), soon());
  await sink.send(batch(300, 2), soon());
  assert.deepEqual(
    receiver.messages.map(({ data }) => data[0]!.parameters.get('eventId')),
    Array.from({ length: 302 }, (_, index) => `genkan.example/audit+1234abcd:${index}`),
  );
  const [first] = receiver.messages;
  assert.partialDeepStrictEqual(first, {
    facility: 13,
    severity: 6,
    timestamp: '2026-11-21T19:30:00.123Z',
    host: 'gate-1',
    app: 'genkan',
    messageId: 'tools/call',
  });
  assert.equal(first!.data[0]!.id, 'genkan@32473');
  assert.equal(parseCef(first!.text).extension.get('requestClientApplication'), 'line\nbreak 0 令');
  assert.deepEqual(receiver.connections, [
    { protocol: 'TLSv1.3', client: undefined },
    { protocol: 'TLSv1.3', client: undefined },
  ]);
  await sink.close();
});

test('messages may be JSON, and bear a facility and an enterprise number of one’s own', async () => {
  await using receiver = await startSyslogReceiver(certified);
  const sink = sinkTo(receiver.port, { format: 'ocsf', facility: 'local4', enterprise: 55_555 });
  await sink.send(batch(0, 1), soon());
  const [message] = receiver.messages;
  assert.equal(message!.facility, 20);
  assert.equal(message!.data[0]!.id, 'genkan@55555');
  assert.equal((JSON.parse(message!.text) as { class_uid: number }).class_uid, 6003);
});

test('nothing is sent to a receiver for whom nobody vouches, or under another name, or without forward secrecy', async () => {
  const foreign = createCertificate({ name: 'localhost', hosts: ['localhost'], issuer: other });
  await using stranger = await startSyslogReceiver({ key: foreign.privateKeyPem, cert: foreign.pem });
  assert.match(
    (await failure(sinkTo(stranger.port).send(batch(0, 1), soon()))).message,
    /UNABLE_TO_VERIFY|SELF_SIGNED/,
  );
  await using receiver = await startSyslogReceiver(certified);
  const renamed = { tls: { ca: 'ca.pem', serverName: 'siem.example.com' } };
  const named = await failure(sinkTo(receiver.port, renamed).send(batch(0, 1), soon()));
  assert.match(named.message, /ERR_TLS_CERT_ALTNAME_INVALID/);
  const rsa = createCertificate({ name: 'localhost', hosts: ['localhost'], issuer: authority, key: 'rsa' });
  const weak = { key: rsa.privateKeyPem, cert: rsa.pem, maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' } as const;
  await using old = await startSyslogReceiver(weak);
  await failure(sinkTo(old.port).send(batch(0, 1), soon()));
  assert.deepEqual([stranger.messages, receiver.messages, old.messages], [[], [], []]);
  // Control: with the suite that RFC 9662 demands, and nothing newer, it is delivered.
  await using modern = await startSyslogReceiver({ ...weak, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  await sinkTo(modern.port).send(batch(0, 1), soon());
  assert.deepEqual(modern.connections, [{ protocol: 'TLSv1.2', client: undefined }]);
});

test('it shows a certificate of its own to a receiver that asks for one, and is told where it has none', async () => {
  const client = createCertificate({ name: 'gate-1', issuer: authority });
  const asking = { ...certified, ca: [authority.pem], requestCert: true, rejectUnauthorized: true };
  await using receiver = await startSyslogReceiver(asking);
  const mutual = {
    tls: { ca: 'ca.pem', certificate: keep('client.pem', client), key: { source: 'env', name: 'SYSLOG_KEY' } },
  };
  await sinkTo(receiver.port, mutual, client.privateKeyPem).send(batch(0, 1), soon());
  assert.equal(receiver.connections[0]!.client, 'gate-1');
  await failure(sinkTo(receiver.port).send(batch(1, 1), soon()));
  await failure(sinkTo(receiver.port, { confirm: 'quiet' }).send(batch(1, 1), soon()));
  assert.equal(receiver.messages.length, 1);
});

test('what the receiver did not read to the end does not count as delivered', async () => {
  await using receiver = await startSyslogReceiver(certified);
  const sink = sinkTo(receiver.port);
  receiver.behave('reset');
  await failure(sink.send(batch(0, 400), soon()));
  receiver.behave('deaf');
  const late = await failure(sink.send(batch(0, 400), AbortSignal.timeout(300)));
  assert.match(late.message, /not in time/);
  assert.equal(receiver.messages.length, 0);
  receiver.behave('read');
  await sink.send(batch(0, 400), soon());
  assert.equal(receiver.messages.length, 400);
});

test('where it is to stay, one connection serves all batches, and another is made when it ends', async () => {
  await using receiver = await startSyslogReceiver(certified);
  const sink = sinkTo(receiver.port, { confirm: 'quiet' });
  await sink.send(batch(0, 3), soon());
  await sink.send(batch(3, 3), soon());
  assert.equal(receiver.connections.length, 1);
  await receiver.hangUp();
  // Whether it has heard of it by now or hears of it while it sends: what is lost is sent again.
  while (receiver.messages.length < 9)
    await sink.send(batch(6, 3), soon()).catch((error: unknown) => assert.ok(error instanceof SinkError));
  assert.equal(receiver.connections.length, 2);
  assert.deepEqual(
    receiver.messages.map(({ data }) => data[0]!.parameters.get('index')),
    Array.from({ length: 9 }, (_, index) => String(index)),
  );
  await sink.close();
});

test('a receiver that is away is said to be away, without a word of what was to be sent', async () => {
  const receiver = await startSyslogReceiver(certified);
  await receiver[Symbol.asyncDispose]();
  const error = await failure(sinkTo(receiver.port).send(batch(0, 1), soon()));
  assert.equal(error.message, `localhost port ${receiver.port}: ECONNREFUSED`);
});

test('without TLS it speaks to this machine alone', async () => {
  await using receiver = await startSyslogReceiver();
  await sinkTo(receiver.port, { transport: 'tcp' }).send(batch(0, 2), soon());
  assert.equal(receiver.messages.length, 2);
  assert.equal(isProtected({ transport: 'tcp', host: 'siem.example.com' }), false);
  assert.equal(isProtected({ transport: 'tcp', host: '127.0.0.1' }), true);
  assert.equal(isProtected({ transport: 'tls', host: 'siem.example.com' }), true);
});

test('a certificate of one’s own needs its key', () => {
  const given = { type: 'syslog', host: 'siem', tls: { certificate: 'client.pem' } };
  assert.equal(settings.safeParse(given).success, false);
});
