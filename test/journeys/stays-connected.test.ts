// A connection to a server that asks for sign-in, over time: tokens that are not accepted any more, streams that come back.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { accountId } from '../../src/identity/accounts.ts';
import { openAddress, openConnectedHouse } from '../support/connected-house.ts';
import { event } from '../support/mcp-by-hand.ts';
import { tokenOf } from '../support/protected-server.ts';

test('a server that trusts none of the fresh tokens any more sends its people to sign in again', async () => {
  await using connected = await openConnectedHouse();
  const { authority } = connected.notes;
  await openAddress((await connected.call('dana')).url!);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
  const { read } = authority;
  Object.assign(authority, { read: () => undefined });
  const before = authority.tokenRequests.length;
  const { error, url } = await connected.call('dana');
  assert.equal(error?.data?.['reason'], 'upstream_sign_in_required');
  await connected.call('dana');
  assert.equal(authority.tokenRequests.length, before + 1, 'a fresh token that was refused is not refreshed again');
  Object.assign(authority, { read });
  await openAddress(url!);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
});

test('a server’s event stream that ends with its token is opened again with the next one', async () => {
  let opened = Promise.withResolvers<ServerResponse>();
  await using connected = await openConnectedHouse({
    spoken: { eras: ['legacy'], onStream: (response) => opened.resolve(response) },
  });
  const { notes } = connected;
  const ended = new Set<string>();
  const { read, revoke } = notes.authority;
  Object.assign(notes.authority, { read: (token: string) => (ended.has(token) ? undefined : read(token)) });
  await openAddress((await connected.call('dana')).url!);
  const client = await connected.client('dana', 'legacy');
  let heard = Promise.withResolvers<void>();
  client.setNotificationHandler('notifications/tools/list_changed', () => heard.resolve());

  async function cut(): Promise<void> {
    const stream = await opened.promise;
    opened = Promise.withResolvers();
    ended.add(tokenOf(notes.seen.at(-1)!));
    stream.end('retry: 100\ndata:\n\n');
  }
  async function hears(): Promise<void> {
    heard = Promise.withResolvers();
    (await opened.promise).write(event({ method: 'notifications/tools/list_changed' }));
    await heard.promise;
  }
  await hears();
  await cut();
  await hears();

  // Where no token is to be had, the stream waits for the person.
  const { promise: turnedAway, resolve } = Promise.withResolvers<void>();
  Object.assign(notes.authority, {
    read(token: string) {
      const found = read(token);
      if (found === undefined) setImmediate(resolve);
      return ended.has(token) ? undefined : found;
    },
  });
  revoke();
  await cut();
  await turnedAway;
  await openAddress((await connected.call('dana')).url!);
  await client.ping();
  await hears();
  await client.close();
});

test('when a person’s tokens are forgotten, what was opened with them ends, and a new sign-in begins afresh', async () => {
  const streams: ServerResponse[] = [];
  let opened = Promise.withResolvers<ServerResponse>();
  await using connected = await openConnectedHouse({
    spoken: {
      eras: ['legacy'],
      onStream(response) {
        streams.push(response);
        opened.resolve(response);
      },
    },
  });
  const { house, provider } = connected;
  await openAddress((await connected.call('dana')).url!);
  const client = await connected.client('dana', 'legacy');
  const stream = await opened.promise;
  const ended = new Promise((resolve) => stream.once('close', resolve));
  assert.equal(await house.house.connections.remove(accountId(provider.issuer, 'dana'), 'notes'), true);
  await ended;
  assert.equal((await connected.call('dana')).error?.data?.['reason'], 'upstream_sign_in_required');

  opened = Promise.withResolvers();
  await openAddress((await connected.call('dana')).url!);
  assert.equal((await connected.call('dana')).account, 'dana@notes');
  const again = await connected.client('dana', 'legacy');
  await opened.promise;
  assert.deepEqual(
    streams.map(({ closed }) => closed),
    [true, false],
  );
  await Promise.all([client.close(), again.close()]);
});

test('a server that is switched off amid a refresh is still connected when it is switched on again', async () => {
  await using connected = await openConnectedHouse();
  const { authority } = connected.notes;
  const { catalogue } = connected.house.house;
  authority.seconds = 0; // due at once
  await openAddress((await connected.call('dana')).url!);
  authority.seconds = 3600;
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  Object.defineProperty(authority, 'hold', {
    get() {
      asked.resolve();
      return held.promise;
    },
  });
  const under = connected.call('dana');
  await asked.promise;
  const off = catalogue.disable('notes', 'omar');
  held.resolve();
  await off;
  assert.equal((await under).account, undefined);
  await catalogue.approve('notes', 'omar');
  assert.equal((await connected.call('dana')).account, 'dana@notes');
});
