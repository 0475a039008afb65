// The attacker runs a server, and names resources in its announcements that the listener has no right to know of.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEventStream } from '../support/event-stream.ts';
import { messagesOn, startTelling } from '../support/legacy-listener.ts';
import type { Telling } from '../support/legacy-listener.ts';

const updated = 'notifications/resources/updated';
const hidden = ['file:///salaries', 'file:///project-x', 'file:///pro', 'file:///', '', 'x'.repeat(5000)];

async function tell(telling: Telling): Promise<void> {
  for (const uri of hidden) await telling.say(updated, { uri, title: 'Salaries' });
  await telling.say(updated, { uri: ['file:///project'] });
  await telling.say(updated, { uri: 'file:///project/salaries' });
}

test('control: the server does name them', async () => {
  await using telling = await startTelling();
  const stream = await openEventStream(telling.upstream.url, undefined);
  await tell(telling);
  await stream.until(/project\/salaries/);
  assert.match(stream.text(), /file:\/\/\/salaries[^]*Salaries/);
  stream.leave();
});

test('only what the listener asked for and may read is ever named', async () => {
  await using telling = await startTelling();
  const stream = await telling.listen({ resourceSubscriptions: ['file:///project'] });
  await tell(telling);
  await stream.until(/updated/);
  await telling.say(updated, { uri: 'file:///project' });
  stream.leave();
  const told = messagesOn(stream).filter(({ method }) => method === updated);
  assert.ok(told.length > 0);
  for (const { params } of told) assert.equal(params['uri'], 'file:///project');
  assert.doesNotMatch(stream.text(), /salaries|project-x|Salaries/i);
});
