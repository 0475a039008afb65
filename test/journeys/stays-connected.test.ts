// A connection to a server that asks for sign-in, over time: tokens that are not accepted any more, streams that come back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAddress, openConnectedHouse } from '../support/connected-house.ts';

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
