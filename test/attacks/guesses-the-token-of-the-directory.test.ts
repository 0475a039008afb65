// Attack: somebody poses as the directory: by guessing its token, by keeping it busy, or by an address beside the one that is guarded.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { scimToken, startScimHouse } from '../support/scim-house.ts';
import type { ScimHouse } from '../support/scim-house.ts';

const attempt = (house: ScimHouse, token: string): Promise<Response> =>
  fetch(`${house.publicUrl}/scim/v2/Users`, { headers: { authorization: `Bearer ${token}` } });

/** All tokens of three digits. */
async function guess(house: ScimHouse): Promise<string | undefined> {
  for (let number = 0; number < 1000; number++) {
    const token = String(number).padStart(3, '0');
    const response = await attempt(house, token);
    await response.body?.cancel();
    if (response.status === 200) return token;
  }
  return undefined;
}

test('a token that can be guessed is not accepted, not even the right one', async () => {
  await using house = await startScimHouse({}, { secret: () => Promise.resolve('123') });
  assert.equal(await guess(house), undefined);
  assert.equal((await attempt(house, '123')).status, 503);
});

test('control: were there no such bound, all would be open to whoever counts to a thousand', async () => {
  // As long as it must be, and yet of the thousand that the attacker tries.
  const [prefix, secret] = ['0'.repeat(29), '123'];
  await using house = await startScimHouse({}, { secret: () => Promise.resolve(prefix + secret) });
  const statuses = new Map<number, number>();
  for (let number = 120; number < 126; number++) {
    const response = await attempt(house, prefix + String(number));
    await response.body?.cancel();
    statuses.set(number, response.status);
  }
  assert.equal(statuses.get(123), 200);
  assert.equal(statuses.get(124), 401);
});

test('a flood of wrong tokens is slowed down and hardly written down, and does not keep the directory out', async () => {
  await using house = await startScimHouse();
  const statuses = [];
  for (let index = 0; index < 40; index++)
    statuses.push((await attempt(house, `wrong-${index}`.padEnd(40, 'x'))).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
  assert.ok(house.records.filter(({ action }) => action === 'scim.refused').length <= 10);
  assert.equal(JSON.stringify(house.records).includes('wrong-'), false, 'what was tried stands nowhere');
  assert.equal((await house.scim('GET', '/Users')).status, 200);
});

/** Many requests on one connection, one behind the other. @returns how often each status was answered */
async function flood(house: ScimHouse, times: number): Promise<Readonly<Record<string, number>>> {
  const { hostname, port } = new URL(house.listening);
  const socket = connect(Number(port), hostname);
  const one = `GET /scim/v2/nothing HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${scimToken}\r\n`;
  socket.write(`${one}\r\n`.repeat(times - 1) + `${one}connection: close\r\n\r\n`);
  const counts: Record<string, number> = {};
  for (const [, status] of (await text(socket)).matchAll(/HTTP\/1\.1 (\d{3})/g))
    counts[status!] = (counts[status!] ?? 0) + 1;
  return counts;
}

test('a directory out of its mind gets no more than 3,000 answers a minute', async () => {
  await using house = await startScimHouse();
  assert.deepEqual(await flood(house, 3010), { 404: 3000, 429: 10 });
  assert.equal((await house.scim('GET', '/Users')).headers.get('retry-after'), '60');
  house.advance(61_000);
  assert.equal((await house.scim('GET', '/Users')).status, 200, 'control');
});

test('no address beside the guarded one opens anything', async () => {
  await using house = await startScimHouse();
  for (const path of [
    '/scim/v2',
    '/scim/v2/',
    '/scim/v2/Users/',
    '/scim/v2/users',
    '/scim/v2/Users/..%2f..%2fapi',
    '/scim/v2//Users',
    '/scim/v2/Users/%00',
    '/scim/v2/Users;x=1',
    '/scim/v2/.search',
  ]) {
    const bare = await fetch(house.publicUrl + path);
    assert.equal(bare.status, 401, path);
    const { status } = await house.scim('GET', path.slice('/scim/v2'.length));
    assert.ok(status === 404, `${path} ${status}`);
  }
  const query = await fetch(
    `${house.publicUrl}/scim/v2/Users?access_token=a-token-of-the-directory-that-nobody-guesses`,
  );
  assert.equal(query.status, 401, 'a token in the address is none');
});

test('where provisioning is not configured there is no such address', async () => {
  await using house = await startScimHouse({}, { settings: { scim: undefined } });
  assert.equal((await house.scim('GET', '/Users').catch(() => ({ status: 404 }))).status, 404);
});
