// The attacker runs a server and says a hundred thousand times that something has changed, to whoever listens.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { send } from '../support/event-stream.ts';
import { messagesOn, startTelling } from '../support/legacy-listener.ts';
import type { Telling } from '../support/legacy-listener.ts';

const times = 100_000;
const changed = 'notifications/tools/list_changed';
const updated = 'notifications/resources/updated';

async function flood(telling: Telling): Promise<void> {
  for (let count = 0; count < times / 2; count++) {
    await telling.say(changed);
    await telling.say(updated, { uri: `file:///project/${count}` });
  }
  await telling.say(updated, { uri: 'file:///last' });
}

test('control: whoever listens to the server itself gets every one of them', async () => {
  await using telling = await startTelling();
  const outgoing = send(telling.upstream.url, undefined);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let messages = 0;
  const all = new Promise<void>((resolve) => {
    response.setEncoding('utf8').on('data', (text: string) => {
      messages += text.split('data: ').length - 1;
      if (text.includes('file:///last')) resolve();
    });
  });
  await flood(telling);
  await all;
  assert.ok(messages > times * 0.9, `${messages} messages`); // the word may have been cut in two
  outgoing.destroy();
});

test('a listener behind Genkan is told once for all that came while it was being told', async () => {
  await using telling = await startTelling();
  const stream = await telling.listen({
    toolsListChanged: true,
    resourceSubscriptions: ['file:///project', 'file:///last'],
  });
  await flood(telling);
  await stream.until(/file:\/\/\/last/);
  const told = messagesOn(stream).filter(({ method }) => method === changed || method === updated);
  assert.ok(told.length < 200, `${told.length} messages`);
  assert.ok(told.some(({ method }) => method === changed));
  stream.leave();
});
