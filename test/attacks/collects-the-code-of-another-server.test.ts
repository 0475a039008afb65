// Attack (mix-up): a server sends its people to the authorization server of another, to be handed the code at its own token endpoint.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { openConnectedHouse } from '../support/connected-house.ts';
import type { ConnectedHouse } from '../support/connected-house.ts';
import { startProtectedServer } from '../support/protected-server.ts';
import type { AuthorizationServer } from '../support/protected-server.ts';

const stays = () => false;

/** `notes` is honest and dana uses it; its authorization server does not say who it is when it answers, as many do not. */
async function openHouse() {
  await using opened = new AsyncDisposableStack();
  const evil = opened.use(await startProtectedServer());
  const connected = opened.use(await openConnectedHouse({ other: evil }));
  const honest = connected.notes.authority;
  withoutIssuer(honest);
  honest.answer = (back) => back.searchParams.delete('iss');
  const browser = createBrowser();
  const call = connected.call.bind(connected);
  await browser.follow((await call('dana')).url!, stays);
  assert.equal((await call('dana')).account, 'dana@notes', 'control: the honest server is signed in to');
  // Client ids are no secret, so the attacker knows as whom Genkan comes there, and calls it by that name as well.
  assert.equal(honest.requests[0]!.get('client_id'), 'client-1');
  const everything = opened.move();
  return {
    honest,
    attacker: evil.authority,
    /** Dana opens the address that the attacker's server asks her to sign in at. */
    lure: async () => browser.follow((await call('dana', { server: 'other' })).url!, stays),
    account: async () => (await call('dana', { server: 'other' })).account,
    record: () => recordedFailure(connected),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

function withoutIssuer(authority: AuthorizationServer, more: object = {}): void {
  authority.metadata = (document) => ({
    ...document,
    authorization_response_iss_parameter_supported: false,
    ...more,
  });
}

async function recordedFailure({ house }: ConnectedHouse): Promise<unknown> {
  const entries = await house.house.audit.list({ limit: 100 });
  return entries.find(({ action, result }) => action === 'connection.add' && result === 'failed')?.resource;
}

test('where a server names the sign-in page of another, that one knows no such address of Genkan', async () => {
  await using house = await openHouse();
  const { honest, attacker } = house;
  withoutIssuer(attacker, { authorization_endpoint: `${honest.issuer}/authorize` });
  const before = honest.tokenRequests.length;
  const arrival = await house.lure();
  assert.equal(arrival.url.origin, honest.issuer, 'the person stays there, without a code');
  assert.equal(arrival.response!.status, 400);
  const [asked] = honest.requests.slice(-1);
  assert.equal(asked!.get('client_id'), 'client-1');
  assert.match(asked!.get('redirect_uri')!, /\/connect\/callback\/other$/);
  assert.equal(attacker.tokenRequests.length + honest.tokenRequests.length, before);
});

/** The attacker's own page sends the browser on, with everything as the honest server knows it from Genkan. */
function sendOn(honest: AuthorizationServer, attacker: AuthorizationServer): void {
  withoutIssuer(attacker);
  attacker.answer = (back) => {
    const onward = new URL(`${honest.issuer}/authorize`);
    const asked = attacker.requests.at(-1)!;
    for (const [name, value] of asked) onward.searchParams.set(name, value);
    onward.searchParams.set('redirect_uri', honest.requests[0]!.get('redirect_uri')!);
    back.href = onward.href;
  };
}

test('a code that comes to the address of one server is not given to another', async () => {
  await using house = await openHouse();
  const { honest, attacker } = house;
  sendOn(honest, attacker);
  const arrival = await house.lure();
  assert.match(arrival.url.pathname, /\/connect\/callback\/notes$/);
  assert.equal(arrival.response!.status, 502);
  assert.ok(honest.requests.length > 1, 'the code was made');
  assert.equal(attacker.tokenRequests.length, 0, 'and did not reach the attacker');
  assert.equal(await house.account(), undefined);
  assert.equal(await house.record(), '/servers/other', 'it is recorded whose sign-in went astray');
});

test('control: with one address for all servers the code goes to the attacker', async () => {
  await using house = await openHouse();
  const { honest, attacker } = house;
  sendOn(honest, attacker);
  honest.answer = (back) => {
    back.searchParams.delete('iss');
    back.pathname = back.pathname.replace('/notes', '/other');
  };
  await house.lure();
  assert.notEqual(attacker.tokenRequests.at(-1)?.get('code') ?? null, null);
});
