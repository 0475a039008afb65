// Attack: clients are registered without end, to fill the disk or to drown out the real ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sweep } from '../../src/identity/oidc-adapter.ts';
import { createBrowser } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { authorizationRequest, obtainTokens, refresh, register } from '../support/oauth-client.ts';

test('one address may register so many clients a minute, and is told when to come back', async () => {
  await using house = await startIdentityHouse({ settings: { registration: { perMinute: 3 } } });
  const attempt = async () => {
    const body = JSON.stringify({ redirect_uris: ['https://client.example/callback'] });
    const headers = { 'content-type': 'application/json' };
    return fetch(`${house.publicUrl}/oauth/register`, { method: 'POST', body, headers });
  };
  const statuses = [];
  for (let time = 0; time < 5; time += 1) statuses.push((await attempt()).status);
  assert.deepEqual(statuses, [201, 201, 201, 429, 429]);
  assert.equal((await attempt()).headers.get('retry-after'), '60');
  house.advance(60_001);
  assert.equal((await attempt()).status, 201, 'control: a minute later it is open again');
  for (const path of ['/oauth/REGISTER', '/oauth/register/', '/oauth//register', '/oauth/regist%65r'])
    assert.equal((await fetch(house.publicUrl + path, { method: 'POST' })).status, 404, path);
});

test('one address may begin so many sign-ins a minute, because each is kept until it expires', async () => {
  await using house = await startIdentityHouse();
  const { url } = await authorizationRequest(await register(house.publicUrl), { resource: `${house.publicUrl}/mcp` });
  const attempt = () => fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
  const atProvider = ({ origin }: URL): boolean => origin === house.provider.issuer;
  await createBrowser().follow(url, atProvider); // two steps, each of which is kept
  for (let time = 0; time < 598; time += 1) assert.equal((await attempt()).status, 303);
  const refused = await attempt();
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '60']);
  assert.match(await refused.text(), /identity_requests_too_many/);
  const kept = await house.database.selectFrom('oidc_record').select('id').where('kind', '=', 'Interaction').execute();
  assert.equal(kept.length, 599);
  house.advance(60_001);
  assert.equal((await attempt()).status, 303, 'control: a minute later it is open again');
});

test('clients that nobody consented to are forgotten, oldest first; a used one stays for good', async () => {
  await using house = await startIdentityHouse();
  const { database, publicUrl } = house;
  const used = await obtainTokens(publicUrl, `${publicUrl}/mcp`);
  const unused = [await register(publicUrl), await register(publicUrl), await register(publicUrl)];
  const remaining = async () => {
    const rows = await database.selectFrom('oidc_record').select('id').where('kind', '=', 'Client').execute();
    return [used, ...unused].map(({ client }) => rows.some(({ id }) => id === client.client_id));
  };
  assert.deepEqual(await remaining(), [true, true, true, true]);
  await sweep(database, Date.now(), 1);
  assert.equal((await remaining()).filter(Boolean).length, 2);
  assert.equal((await remaining())[0], true);
  await sweep(database, Date.now() + 31 * 86_400_000);
  assert.deepEqual(await remaining(), [true, false, false, false]);
});

test('a registration that is too large or no JSON object is refused cleanly', async () => {
  await using house = await startIdentityHouse();
  const post = async (body: string, type = 'application/json') =>
    (await fetch(`${house.publicUrl}/oauth/register`, { method: 'POST', body, headers: { 'content-type': type } }))
      .status;
  const huge = JSON.stringify({ redirect_uris: ['https://client.example/callback'], client_name: 'x'.repeat(100_000) });
  for (const body of [
    huge,
    '[]',
    '{',
    'null',
    '"x"',
    '{"redirect_uris":"https://client.example/"}',
    '{"redirect_uris":[1]}',
  ])
    assert.equal(await post(body), 400, body.slice(0, 40));
  assert.equal(await post('a=b', 'application/x-www-form-urlencoded'), 400);
  assert.equal((await refresh(await obtainTokens(house.publicUrl, `${house.publicUrl}/mcp`), 'x')).status, 400);
});

test('control: without a bound on one address, it fills the database as fast as it likes', async () => {
  await using house = await startIdentityHouse({ settings: { registration: { perMinute: 10_000 } } });
  const flood = Array.from({ length: 100 }, () => register(house.publicUrl));
  const ids = new Set((await Promise.all(flood)).map(({ client }) => client.client_id));
  const kept = await house.database.selectFrom('oidc_record').select('id').where('kind', '=', 'Client').execute();
  assert.equal(kept.filter(({ id }) => ids.has(id)).length, 100);
});
