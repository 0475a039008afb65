// Exchanging Genkan's own credential at Entra ID: create, verify, switch, delete the old; what fails leaves everything as it was.
import assert from 'node:assert/strict';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createCertificate } from './support/entra.ts';
import { firstSecret, startRotationHouse } from './support/rotation-house.ts';
import type { RotationHouse } from './support/rotation-house.ts';

const order = { keepSeconds: 3600, validDays: 180, by: 'operator' };
const acts = ({ entries }: RotationHouse): string[] => entries.map(({ action, result }) => `${action} ${result}`);

test('a secret is made, signs in, is put into its file, and the old one goes when its time has come', async () => {
  await using all = await startRotationHouse();
  const { rotation, house, own } = all;
  chmodSync(all.file, 0o640);
  const [old] = house.app.application.passwordCredentials;
  const state = await rotation.rotate(order);
  assert.equal(state.oldKey, old!.keyId);
  assert.equal(state.deleted, false);
  assert.equal(house.app.secrets.get(state.newKey!), all.current());
  assert.notEqual(all.current(), firstSecret);
  assert.equal(statSync(all.file).mode & 0o777, 0o640, 'whoever could read it still can, and nobody else');
  await own.signIn();
  const made = house.app.application.passwordCredentials.find(({ keyId }) => keyId === state.newKey)!;
  assert.equal(Math.round((Date.parse(made.endDateTime) - Date.now()) / 86_400_000), 180);
  assert.equal(await rotation.resume(), undefined, 'it is not yet time');
  assert.ok(house.app.secrets.has(old!.keyId));

  const again = await rotation.rotate(order);
  assert.ok(again.resumed && again.newKey === state.newKey, 'a second order does not make a third credential');
  all.advance(3600_000 + 20_000);
  assert.deepEqual((await rotation.resume())?.deleted, true);
  assert.deepEqual([...house.app.secrets.keys()], [state.newKey]);
  assert.deepEqual(acts(all), [
    'credential.create allowed',
    'credential.verify allowed',
    'credential.switch allowed',
    'credential.delete allowed',
  ]);
  assert.ok(!JSON.stringify(all.entries).includes(all.current()));
  assert.equal(await rotation.resume(), undefined);
});

test('a certificate: the key is made here, and the old one proves that it may be added', async () => {
  const first = createCertificate({ name: 'genkan', key: 'rsa' });
  await using all = await startRotationHouse({
    credential: (at) => ({ certificate: { certificate: at, privateKey: at } }),
    content: first.privateKeyPem + first.pem,
    certificatePem: first.pem,
  });
  const state = await all.rotation.rotate({ ...order, keepSeconds: 0 });
  assert.ok(state.deleted);
  const { app } = all.house;
  assert.equal(app.certificates.size, 1);
  assert.equal([...app.certificates.values()][0]!.fingerprint256.replaceAll(':', ''), state.newKey);
  assert.match(all.current(), /^-----BEGIN PRIVATE KEY-----/);
  assert.equal((await all.own.signIn()).proof.id, state.newKey);
  assert.ok(all.graph.requests.every(({ body }) => !body.includes('PRIVATE KEY')));
});

test('a new secret that does not sign in is taken back, and the old one stays in use', async () => {
  await using all = await startRotationHouse();
  const { app } = all.house;
  const set = app.secrets.set.bind(app.secrets);
  app.secrets.set = (keyId) => set(keyId, 'something-else');
  await assert.rejects(all.rotation.rotate(order), { code: 'entra_rotation_undone', message: /exchanged/ });
  assert.equal(all.current(), firstSecret);
  assert.equal(app.application.passwordCredentials.length, 1);
  assert.deepEqual(acts(all), ['credential.create allowed', 'credential.undo failed']);
  await all.own.signIn();
  app.secrets.set = set;
  assert.ok((await all.rotation.rotate({ ...order, keepSeconds: 0 })).deleted, 'and the next attempt succeeds');
});

test('Entra ID that knows the new secret only here and there is asked until it knows it everywhere', async () => {
  await using all = await startRotationHouse();
  let tries = 0;
  const { house } = all;
  const sign = house.app.secrets.get.bind(house.app.secrets);
  house.app.secrets.get = (keyId) => {
    const secret = sign(keyId);
    if (secret === firstSecret || secret === undefined) return secret;
    tries += 1;
    return [3, 6].includes(tries) || tries > 8 ? secret : 'not yet';
  };
  const state = await all.rotation.rotate({ ...order, keepSeconds: 0 });
  assert.ok(state.deleted);
  assert.ok(tries >= 11, `after ${tries}`);
});

test('a file that cannot be written leaves everything as it was', async () => {
  await using all = await startRotationHouse({
    place: (place) => ({
      ...place,
      write: (at, value) =>
        value === '' ? Promise.resolve() : place.write({ ...at, path: '/proc/none' } as never, value),
    }),
  });
  await assert.rejects(all.rotation.rotate(order), { code: 'entra_rotation_undone' });
  assert.equal(all.house.app.application.passwordCredentials.length, 1);
  assert.equal(all.current(), firstSecret);
});

test('a place that took the new one and did not say so gets the old one back before anything is taken away', async () => {
  let writes = 0;
  await using all = await startRotationHouse({
    place: (place) => ({
      ...place,
      seenAfterSeconds: () => 60,
      async write(at, value) {
        await place.write(at, value);
        if (++writes === 1) throw new Error('the answer was lost');
      },
    }),
  });
  await assert.rejects(all.rotation.rotate(order), { code: 'entra_rotation_undone' });
  assert.equal(all.current(), firstSecret);
  assert.deepEqual([...all.house.app.secrets.values()], [firstSecret]);
});

test('where it is not known what a place holds, both credentials stay until it is', async () => {
  let isDown = true;
  await using all = await startRotationHouse({
    place: (place) => ({
      ...place,
      seenAfterSeconds: () => 60,
      async write(at, value) {
        if (isDown) throw new Error('no answer');
        await place.write(at, value);
      },
    }),
  });
  await assert.rejects(all.rotation.rotate(order), (error: Error & { params: { reason: string } }) =>
    /goes on by itself/.test(error.params.reason),
  );
  assert.equal(all.house.app.secrets.size, 2);
  isDown = false;
  const state = await all.rotation.resume();
  assert.equal(all.current(), all.house.app.secrets.get(state!.newKey!));
  assert.equal(all.house.app.secrets.size, 2, 'the old one has its time yet');
});

test('a process that ends in the middle leaves everything to the next one', async () => {
  await using all = await startRotationHouse();
  const closing = new AbortController();
  const { secrets } = all.house.app;
  const get = secrets.get.bind(secrets);
  secrets.get = (keyId) => {
    if (secrets.size === 2) closing.abort();
    return get(keyId);
  };
  await assert.rejects(all.open(closing).rotate(order), { name: 'AbortError' });
  assert.equal(secrets.size, 2);
  secrets.get = get;
  const state = await all.open().resume();
  assert.equal(all.current(), get(state!.newKey!));
  assert.deepEqual(acts(all), ['credential.create allowed', 'credential.verify allowed', 'credential.switch allowed']);
});

test('nothing is deleted while something else than the new credential is in use', async () => {
  await using all = await startRotationHouse();
  await all.rotation.rotate(order);
  writeFileSync(all.file, firstSecret); // somebody has put the old one back
  all.advance(2 * 3600_000);
  await assert.rejects(all.rotation.resume(), { code: 'entra_rotation_impossible', message: /another credential/ });
  assert.equal(all.house.app.application.passwordCredentials.length, 2);
  await all.own.signIn();
});

test('which one the old secret is has to be certain', async () => {
  await using all = await startRotationHouse();
  const { application } = all.house.app;
  application.passwordCredentials.push({ ...application.passwordCredentials[0]!, keyId: 'somebody-elses' });
  const state = await all.rotation.rotate(order);
  assert.deepEqual([state.oldKey, state.deleted, state.deleteAtMs], [undefined, false, undefined]);
  assert.equal(application.passwordCredentials.length, 3);
  assert.equal(acts(all).at(-1), 'credential.delete failed');
});

test('says what cannot be exchanged, and why', async () => {
  const cases: [Parameters<typeof startRotationHouse>[0], RegExp][] = [
    [{ credential: () => ({ secret: { source: 'env', name: 'IN_ENV' } }) }, /environment variable/],
    [{ credential: () => ({ managedIdentity: {} }) }, /managed identity holds nothing/],
    [
      {
        credential: (at) => ({ certificate: { certificate: at, privateKey: { source: 'env', name: 'IN_ENV' } } }),
      },
      /in two places/,
    ],
    [{ permissions: ['User.Read.All'] }, /entra setup --allow rotate/],
  ];
  for (const [options, reason] of cases) {
    await using all = await startRotationHouse(options);
    await assert.rejects(all.rotation.rotate(order), (error: { code: string; params: { reason: string } }) => {
      assert.equal(error.code, 'entra_rotation_impossible');
      assert.match(error.params.reason, reason);
      return true;
    });
    assert.equal(all.house.app.application.passwordCredentials.length, 1);
  }
});
