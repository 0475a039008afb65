// Tests of what a conversation in somebody's own name says of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthorizedChannel } from './authorized-channel.ts';

test('whether the server can be heard is known of a conversation in somebody’s own name, too', async () => {
  const credential = { header: () => Promise.resolve('Bearer t'), refused: () => Promise.resolve() };
  const standing = Promise.withResolvers<void>();
  const inner = {
    era: 'legacy',
    active: 0,
    lastUsedMs: 0,
    deaf: false,
    heard: () => standing.promise,
    show: () => undefined,
    begin: () => assert.fail('not asked'),
    send: () => assert.fail('not asked'),
    close: () => Promise.resolve(),
  } as const;
  const channel = new AuthorizedChannel(inner, credential);
  assert.equal(channel.deaf, false);
  assert.equal(new AuthorizedChannel({ ...inner, deaf: true }, credential).deaf, true);
  let isHeard = false;
  const heard = channel.heard().then(() => (isHeard = true));
  await Promise.resolve();
  assert.equal(isHeard, false);
  standing.resolve();
  await heard;
});
