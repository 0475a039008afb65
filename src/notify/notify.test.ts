// Tests of notices: through real mail and web servers, again after a failure, once a channel, and with nothing of theirs interpreted.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createLog } from '../base/log.ts';
import type { Notice } from '../base/notice.ts';
import { openDatabase } from '../state/database.ts';
import { startMailServer } from '../../test/support/smtp.ts';
import { createNotify } from './notify.ts';
import { notifySettings } from './settings.ts';

const key = 'a-key-of-at-least-24-bytes';
const notice: Notice = {
  kind: 'approval.requested',
  severity: 'warning',
  id: 'approval-7',
  url: 'https://genkan.example.com/approvals/7',
  to: [
    { kind: 'user', id: 'https://login#sena', name: 'sena@example.com' },
    { kind: 'group', id: 'security-team' },
  ],
  text: (language) => ({
    title: language === 'ja' ? '承認の依頼' : 'Dana asks for Contributor',
    lines: ['because of <https://evil.example|a link> and [this](https://evil.example) @channel'],
  }),
};

/** A receiver of webhooks that answers as told, 200 otherwise. */
async function receiver(...answers: readonly { readonly status: number; readonly headers?: Record<string, string> }[]) {
  const got: { readonly headers: IncomingHttpHeaders; readonly body: string; readonly url: string }[] = [];
  const pending = [...answers];
  let heard = (): void => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), url: request.url ?? '' });
      const { status, headers } = pending.shift() ?? { status: 200 };
      response.writeHead(status, headers).end();
      heard();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    got,
    async count(wanted: number) {
      while (got.length < wanted) await new Promise<void>((resolve) => (heard = resolve));
    },
    [Symbol.asyncDispose]: async () =>
      void (await new Promise((resolve) => server.close(resolve).closeAllConnections())),
  };
}

async function open(channels: Record<string, unknown>, secrets: Record<string, string> = {}) {
  const database = await openDatabase(':memory:');
  const clock = { aheadMs: 0, now: () => Date.now() + clock.aheadMs };
  const notify = createNotify(notifySettings.parse({ channels }), {
    database,
    clock,
    log: createLog('silent'),
    secret: (reference) => Promise.resolve('name' in reference ? (secrets[reference.name] ?? key) : key),
    fetch,
  });
  notify.attend();
  const until = async (state: 'delivered' | 'given-up' | 'waiting', attempts = 1) => {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const [first] = await notify.list({ limit: 1 });
      if (first?.state === state && first.attempts >= attempts && (state !== 'waiting' || first.lastError))
        return first;
      assert.ok(Date.now() < deadline, `not ${state}: ${JSON.stringify(first)}`);
      await new Promise(setImmediate);
    }
  };
  return { notify, clock, until, [Symbol.asyncDispose]: () => notify.close() };
}

const secret = (name: string) => ({ source: 'env', name });

test('mail reaches the people and groups that it is for, in plain text and the language of the channel', async () => {
  await using server = await startMailServer();
  await using house = await open({
    mail: {
      type: 'mail',
      language: 'ja',
      server: { host: '127.0.0.1', port: server.port },
      from: 'genkan@example.com',
      addresses: { 'security-team': ['security@example.com'] },
    },
  });
  await house.notify.notify(notice);
  await house.until('delivered');
  const [mail] = server.mails;
  assert.deepEqual(
    server.mails.map(({ to }) => to),
    [['sena@example.com'], ['security@example.com']],
    'one for each: nobody learns who else is asked',
  );
  assert.doesNotMatch(mail!.data, /security@example\.com/);
  assert.match(mail!.data, /^Auto-Submitted: auto-generated$/m);
  assert.match(mail!.data, /^Content-Type: text\/plain; charset=utf-8$/m);
  assert.match(mail!.data, /^Subject: =\?UTF-8\?/m);
  assert.doesNotMatch(mail!.data, /text\/html/);
});

test('a sign-in name that is more than one address gets no mail', async () => {
  await using server = await startMailServer();
  await using house = await open({
    mail: { type: 'mail', server: { host: '127.0.0.1', port: server.port }, from: 'genkan@example.com' },
  });
  const name = 'a@example.com,b@evil.example';
  await house.notify.notify({ ...notice, to: [{ kind: 'user', id: 'x', name }] });
  const { lastError } = await house.until('given-up');
  assert.equal(lastError, 'nobody it is for has an address');
  assert.equal(server.mails.length, 0);
});

test('a mail server that is busy is asked again, and one that refuses for good is not', async () => {
  await using server = await startMailServer();
  await using house = await open({
    mail: { type: 'mail', server: { host: '127.0.0.1', port: server.port }, from: 'genkan@example.com' },
  });
  server.refuse(451, 1);
  await house.notify.notify(notice);
  await house.until('waiting');
  house.clock.aheadMs += 60_000;
  await house.notify.notify({ ...notice, id: 'another', to: [] }); // looks again at once
  const deadline = Date.now() + 20_000;
  while (server.mails.length === 0) {
    assert.ok(Date.now() < deadline);
    await new Promise(setImmediate);
  }
  assert.deepEqual(server.mails[0]!.to, ['sena@example.com']);
});

test('whoever has had a mail gets it no second time because somebody else has not', async () => {
  await using server = await startMailServer();
  await using house = await open({
    mail: {
      type: 'mail',
      server: { host: '127.0.0.1', port: server.port },
      from: 'genkan@example.com',
      to: ['first@example.com', 'second@example.com'],
    },
  });
  server.refuse(451, 1);
  await house.notify.notify({ ...notice, to: [] });
  await house.until('waiting');
  assert.deepEqual(server.mails.map(({ to }) => to).flat(), ['second@example.com']);
  house.clock.aheadMs += 60_000;
  await house.notify.notify({ ...notice, to: [] }); // looks again at once
  await house.until('delivered');
  assert.deepEqual(server.mails.map(({ to }) => to).flat(), ['second@example.com', 'first@example.com']);
});

test('webhooks are signed as Standard Webhooks describes, with the same id on each attempt', async () => {
  await using there = await receiver({ status: 503 });
  await using house = await open({ hook: { type: 'webhook', url: `${there.url}/in`, secret: secret('KEY') } });
  await house.notify.notify(notice);
  await house.until('waiting');
  house.clock.aheadMs += 60_000;
  await house.notify.notify(notice); // told already: nothing new, but a reason to look
  await house.notify.notify({ ...notice, id: 'other' });
  await there.count(3);
  const [first, second] = there.got;
  for (const { headers, body } of there.got) {
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    assert.equal(headers['webhook-signature'], signature);
  }
  assert.equal(first!.headers['webhook-id'], second!.headers['webhook-id']);
  assert.equal((JSON.parse(first!.body) as { type: string }).type, 'approval.requested');
});

test('Teams and Slack show what callers wrote as text: no links, no mentions', async () => {
  await using there = await receiver();
  await using house = await open(
    {
      teams: { type: 'teams', webhook: secret('TEAMS') },
      slack: { type: 'slack', webhook: secret('SLACK') },
    },
    { TEAMS: `${there.url}/teams`, SLACK: `${there.url}/slack` },
  );
  await house.notify.notify(notice);
  await there.count(2);
  const slack = there.got.find(({ url }) => url === '/slack')!.body;
  const teams = there.got.find(({ url }) => url === '/teams')!.body;
  assert.doesNotMatch(slack, /mrkdwn/);
  assert.match(teams, /\\\\\[this\\\\\]\\\\\(https/);
  for (const body of [slack, teams]) assert.match(body, /https:\/\/genkan\.example\.com\/approvals\/7/);
});

test('a redirect is not followed, and what a channel refuses for good is given up', async () => {
  await using elsewhere = await receiver();
  await using there = await receiver({ status: 307, headers: { location: elsewhere.url } });
  await using house = await open({ hook: { type: 'webhook', url: there.url, secret: secret('KEY') } });
  await house.notify.notify(notice);
  assert.equal((await house.until('given-up')).lastError, 'it answered 307');
  assert.equal(elsewhere.got.length, 0);
});

test('channels take the kinds and severities that they want', async () => {
  await using there = await receiver();
  await using house = await open({
    alarms: { type: 'webhook', url: `${there.url}/alarms`, secret: secret('KEY'), least: 'critical' },
    reviews: { type: 'webhook', url: `${there.url}/reviews`, secret: secret('KEY'), kinds: ['review.reminder'] },
  });
  await house.notify.notify(notice);
  await house.notify.notify({ ...notice, kind: 'break-glass', severity: 'critical', id: 'b' });
  await house.notify.notify({ ...notice, kind: 'review.reminder', id: 'c' });
  await there.count(2);
  assert.deepEqual(there.got.map(({ url }) => url).sort(), ['/alarms', '/reviews']);
  assert.equal((await house.notify.list({ limit: 10 })).length, 2);
});

test('a channel that is silent keeps no other one waiting, and its own alarms go first', async () => {
  await using alive = await receiver();
  const sent: string[] = [];
  let answer = (): void => undefined;
  const silent = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => sent.push((JSON.parse(chunk.toString()) as { type: string }).type));
    answer = () => void response.end();
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await using house = await open({
    silent: { type: 'webhook', url, secret: secret('KEY') },
    alarms: { type: 'webhook', url: alive.url, secret: secret('KEY'), least: 'critical' },
  });
  for (const id of ['a', 'b']) await house.notify.notify({ ...notice, id });
  const startedMs = performance.now();
  await house.notify.notify({ ...notice, id: 'c', kind: 'break-glass', severity: 'critical' });
  await alive.count(1);
  assert.ok(performance.now() - startedMs < 5000);
  for (const wanted of [1, 2, 3]) {
    while (sent.length < wanted) await new Promise(setImmediate);
    answer();
  }
  assert.deepEqual(sent, ['approval.requested', 'break-glass', 'approval.requested']);
  silent.closeAllConnections();
  silent.close();
});

test('a channel that wants to be left alone for more than a day is asked again within the hour', async () => {
  await using there = await receiver({ status: 429, headers: { 'retry-after': '90000' } });
  await using house = await open({ hook: { type: 'webhook', url: there.url, secret: secret('KEY') } });
  await house.notify.notify(notice);
  const { dueAtMs } = await house.until('waiting');
  assert.ok(dueAtMs <= Date.now() + 3600_000);
});

test('a channel is tested at once, and its failure names no address', async () => {
  await using there = await receiver({ status: 404 });
  await using house = await open(
    { slack: { type: 'slack', webhook: secret('SLACK') } },
    { SLACK: `${there.url}/services/T0/very-secret` },
  );
  const refused = await house.notify.test('slack');
  assert.deepEqual(refused?.params, { channel: 'slack', reason: 'it answered 404' });
  assert.equal(await house.notify.test('slack'), undefined);
  assert.equal((await house.notify.test('constructor'))?.code, 'notify_channel_unknown');
});

test('settings want secrets by reference, and no addresses that can be read on the way', () => {
  for (const channel of [
    { type: 'slack', webhook: 'https://hooks.slack.com/services/T0/secret' },
    { type: 'webhook', url: 'http://example.com/', secret: secret('KEY') },
    { type: 'mail', server: { host: 'mail.example.com', password: 'literal' }, from: 'a@example.com' },
    { type: 'pigeon' },
  ])
    assert.equal(notifySettings.safeParse({ channels: { channel } }).success, false, channel.type);
});
