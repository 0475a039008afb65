// Threat: another program on this machine, or a page, hands its own code to the sign-in under way, so that a person works in its account.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { unguessableId } from '../../src/base/ids.ts';
import { listenOnLoopback } from '../../src/identity/local/loopback.ts';
import type { Loopback } from '../../src/identity/local/loopback.ts';

const settled = (callback: Promise<URL>): Promise<URL | 'waiting'> =>
  Promise.race([callback, new Promise<'waiting'>((resolve) => setImmediate(() => setImmediate(resolve, 'waiting')))]);

async function injects({ redirectUri, callback }: Loopback, state: string, form: boolean): Promise<URL | 'waiting'> {
  const fields = new URLSearchParams({ code: 'of-the-attacker', state });
  const response = form
    ? await fetch(redirectUri, { method: 'POST', body: fields })
    : await fetch(`${redirectUri}?${fields.toString()}`);
  await response.text();
  return settled(callback);
}

/** What a page of a rebound name sends. */
function asHost(redirectUri: string, state: string, host: string): Promise<number> {
  const { port } = new URL(redirectUri);
  return new Promise((resolve, reject) => {
    const path = `/?code=of-the-attacker&state=${state}`;
    request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode!));
    })
      .once('error', reject)
      .end();
  });
}

test('control: where the state can be known, the code is taken', async () => {
  for (const form of [false, true]) {
    const loopback = await listenOnLoopback('127.0.0.1', 'state');
    const taken = await injects(loopback, 'state', form);
    assert.notEqual(taken, 'waiting');
    assert.equal((taken as URL).searchParams.get('code'), 'of-the-attacker');
    loopback.close();
  }
});

test('a code with any other state changes nothing: the sign-in still waits for its own', async () => {
  for (const form of [false, true]) {
    const state = unguessableId();
    const loopback = await listenOnLoopback('127.0.0.1', state);
    for (const wrong of ['', 'state', state.slice(1), `${state}x`])
      assert.equal(await injects(loopback, wrong, form), 'waiting');
    const twice = await fetch(`${loopback.redirectUri}?code=x&state=${state}&state=other`);
    assert.equal(twice.status, 404);
    assert.notEqual(await injects(loopback, state, form), 'waiting');
    loopback.close();
  }
});

test('control: under the name of the listener the right answer is taken', async () => {
  const loopback = await listenOnLoopback('127.0.0.1', 'state');
  assert.equal(await asHost(loopback.redirectUri, 'state', new URL(loopback.redirectUri).host), 200);
  loopback.close();
});

test('a page of another name that resolves to us is not heard, whatever it brings', async () => {
  const loopback = await listenOnLoopback('127.0.0.1', 'state');
  assert.equal(await asHost(loopback.redirectUri, 'state', 'attacker.example'), 404);
  assert.equal(await settled(loopback.callback), 'waiting');
  loopback.close();
});
