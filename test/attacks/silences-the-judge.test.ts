// The attacker keeps the judge from speaking, or speaks in its place: no answer, a late, huge, forged or redirected one, or more text than may be asked about.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after, afterEach, test } from 'node:test';
import { startContentSafety } from '../support/content-safety.ts';
import { judgedRoom, texts } from '../support/judged-room.ts';
import { hint } from '../support/plain-shield.ts';

const service = await startContentSafety();
after(() => service[Symbol.asyncDispose]());
afterEach(() => {
  service.instead = () => false;
  service.isAttack = () => false;
  service.asked.length = 0;
});

const json = (body: unknown) => (_: IncomingMessage, response: ServerResponse) => {
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
  return true;
};
const status =
  (code: number, headers = {}) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(code, headers).end('{"error":{"code":"x","message":"y"}}');
    return true;
  };

const silences: Readonly<Record<string, readonly [reason: string, instead: (typeof service)['instead']]>> = {
  hangs: ['timeout', () => true],
  'hangs in the middle': ['timeout', (_, response) => (response.writeHead(200), response.write('{"userPrompt'), true)],
  'breaks off': ['unreachable', (request) => (request.socket.destroy(), true)],
  'is huge': ['malformed', json(`{"documentsAnalysis":[{"attackDetected":false}],"x":"${'x'.repeat(70_000)}"}`)],
  'never ends': [
    'malformed',
    (_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384, ' ')));
      };
      response.on('drain', more).on('error', () => undefined);
      more();
      return true;
    },
  ],
  'is not JSON': ['malformed', json('<html>attackDetected: false</html>')],
  'is not UTF-8': ['malformed', (_, response) => (response.end(Buffer.from([0x22, 0xff, 0x22])), true)],
  'is empty': ['malformed', json({})],
  'is about nothing that was asked': ['malformed', json({ userPromptAnalysis: { attackDetected: false } })],
  'is about more than was asked': [
    'malformed',
    json({ documentsAnalysis: [{ attackDetected: false }, { attackDetected: true }] }),
  ],
  'says "false" in another form': ['malformed', json({ documentsAnalysis: [{ attackDetected: 'false' }] })],
  'is an error': ['failed', status(500)],
  'is a refusal of the key': ['refused', status(401)],
  'is a refusal of the text': ['declined', status(400)],
  'is a request to come later': ['throttled', status(429, { 'retry-after': '60' })],
};

for (const [what, [reason, instead]] of Object.entries(silences))
  test(`an answer that ${what} is no "harmless": where the judge has to be heard, the text is withheld`, async () => {
    service.instead = instead;
    const closed = judgedRoom(service, { onFailure: 'block', mayClear: 'certain', timeoutMs: 300 });
    const { blocked, findings } = await closed.said(texts(hint));
    assert.equal(blocked, 'injection');
    assert.equal(findings[0]?.rule, 'no-opinion-of-azure-content-safety');
    assert.deepEqual(closed.counted, [reason]);

    const open = judgedRoom(service, { mayClear: 'certain', timeoutMs: 300 });
    const control = await open.said(texts(hint));
    assert.equal(control.blocked, undefined, 'the control');
    assert.equal(control.findings[0]?.action, 'spotlight', 'the shield alone decides');
  });

test('a service that is down: withheld at once, without waiting for it each time, until it is back', async () => {
  const room = judgedRoom(service, { onFailure: 'block', mayClear: 'suspicious' });
  service.instead = status(503);
  for (let round = 0; round < 5; round++)
    assert.equal((await room.said(texts(`${hint} ${round}`))).blocked, 'injection');
  assert.equal(service.asked.length, 3);
  assert.deepEqual(room.counted.slice(3), ['paused', 'paused']);
  service.instead = () => false;
  room.pass(31);
  assert.equal((await room.said(texts(hint))).blocked, undefined);
});

test('a service that asks for a rest gets one, for as long as it asks', async () => {
  const room = judgedRoom(service, { onFailure: 'block', mayClear: 'suspicious' });
  service.instead = status(429, { 'retry-after': '40' });
  await room.said(texts(hint));
  service.instead = () => false;
  room.pass(39);
  await room.said(texts(hint));
  assert.equal(service.asked.length, 1);
  room.pass(2);
  assert.equal((await room.said(texts(hint))).blocked, undefined);
  assert.equal(service.asked.length, 2);
});

test('texts that the service will not have do not silence it for others', async () => {
  const room = judgedRoom(service, { onFailure: 'block', mayClear: 'suspicious' });
  service.instead = status(400);
  for (let round = 0; round < 5; round++) await room.said(texts(`${hint} ${round}`));
  service.instead = () => false;
  assert.equal((await room.said(texts(hint))).blocked, undefined);
});

test('neither text nor key follow a redirect', async () => {
  let caught = 0;
  const thief = createServer(
    (_, response) => (caught++, response.end('{"documentsAnalysis":[{"attackDetected":false}]}')),
  );
  await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', () => resolve()));
  const location = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/`;
  try {
    for (const code of [302, 307, 308]) {
      service.instead = status(code, { location });
      const room = judgedRoom(service, { onFailure: 'block', mayClear: 'certain' });
      assert.equal((await room.said(texts(hint))).blocked, 'injection');
    }
    assert.equal(caught, 0);
    const followed = await fetch(location, { method: 'POST', body: hint });
    assert.deepEqual([followed.ok, caught], [true, 1], 'the control: the thief listens');
    await followed.body?.cancel();
  } finally {
    await new Promise((resolve) => (thief.close(resolve), thief.closeAllConnections()));
  }
});

test('decoys do not use up the questions: what nobody was asked about is withheld where the judge has to be heard', async () => {
  service.isAttack = (text) => text.includes('the one that counts');
  const decoys = Array.from({ length: 12 }, (_, index) => `${'x '.repeat(4500)}${hint} ${index}`);
  const poisoned = texts(...decoys, `${'x '.repeat(4500)}${hint}, the one that counts`);
  const closed = judgedRoom(service, { onFailure: 'block' });
  assert.equal((await closed.said(poisoned)).blocked, 'injection');
  assert.equal(service.asked.length, 4);
  const control = await judgedRoom(service).said(poisoned);
  assert.equal(control.blocked, undefined, 'the control');
});

test('a flood of texts that all hang is bounded', async () => {
  service.instead = () => true;
  const room = judgedRoom(service, { onFailure: 'block', timeoutMs: 500 });
  const all = await Promise.all(Array.from({ length: 60 }, (_, index) => room.said(texts(`${hint} ${index}`))));
  assert.ok(all.every(({ blocked }) => blocked === 'injection'));
  assert.equal(service.asked.length, 32);
  assert.equal(room.counted.filter((said) => said === 'busy').length, 28);
});
