// Attack (OAuth login CSRF at the back door): one person's account at a server ends up under another person's name at Genkan.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { openAddress, openConnectedHouse, untilCallback } from '../support/connected-house.ts';
import type { ConnectedHouse, Person } from '../support/connected-house.ts';
import { authorizationRequest, register } from '../support/oauth-client.ts';

const stays = () => false;

/** A browser that this person has used with Genkan before. */
async function signedInBrowser(connected: ConnectedHouse, person: Person) {
  connected.become(person);
  const browser = createBrowser();
  await untilCallback((await connected.call(person)).url!, browser);
  return browser;
}

test('a sign-in that the attacker has begun cannot be finished by the victim, in whose browser the account is', async () => {
  await using connected = await openConnectedHouse();
  const { authority } = connected.notes;
  connected.become('omar'); // the attacker
  const attacker = createBrowser();
  const toAuthority = await attacker.follow(
    (await connected.call('omar')).url!,
    ({ origin }) => origin === authority.issuer,
  );
  const victim = await signedInBrowser(connected, 'dana');
  authority.account = 'dana@notes'; // who is signed in at the authorization server in the victim's browser
  const arrival = await victim.follow(toAuthority.url, stays);
  assert.equal(arrival.response!.status, 400);
  assert.equal(authority.tokenRequests.length, 0, 'the code is not even redeemed');
  assert.equal((await connected.call('omar')).account, undefined);
  assert.equal((await connected.call('dana')).account, undefined);

  connected.become('omar');
  const again = await attacker.follow((await connected.call('omar')).url!, stays);
  assert.equal(again.response!.status, 200, 'control: in one and the same browser it works');
  assert.equal((await connected.call('omar')).account, 'dana@notes', 'control: this is what the attacker wanted');
});

test('the attacker’s own answer does not connect the victim to the attacker’s account', async () => {
  await using connected = await openConnectedHouse();
  const { authority } = connected.notes;
  connected.become('omar');
  authority.account = 'omar@notes';
  const attacker = createBrowser();
  const callback = await untilCallback((await connected.call('omar')).url!, attacker);
  const victim = await signedInBrowser(connected, 'dana');
  assert.equal((await victim.follow(callback, stays)).response!.status, 400);
  assert.equal((await connected.call('dana')).account, undefined);
  assert.equal((await attacker.follow(callback, stays)).response!.status, 400, 'spent, in any browser');
  assert.equal(authority.tokenRequests.length, 0);
});

test('an address that was made for the attacker leads the victim nowhere', async () => {
  await using connected = await openConnectedHouse();
  const { authority } = connected.notes;
  const attackers = (await connected.call('omar')).url!;
  connected.become('dana');
  const arrival = await openAddress(attackers);
  assert.equal(arrival.response!.status, 403);
  assert.match(arrival.page!, /upstream_sign_in_other_person/);
  assert.equal(authority.requests.length, 0);
  assert.equal((await openAddress((await connected.call('dana')).url!)).response!.status, 200, 'control: her own does');
});

test('without an address of Genkan’s own nobody’s browser can be sent to sign in', async () => {
  await using connected = await openConnectedHouse();
  const { house, notes } = connected;
  const browser = await signedInBrowser(connected, 'dana');
  const before = notes.authority.requests.length;
  const own = new URL((await connected.call('dana')).url!);
  const [until = '', signature = ''] = own.searchParams.get('ticket')!.split('.');
  const later = (parseInt(until, 36) + 1).toString(36);
  for (const ticket of ['', 'x', `${later}.${signature}`, `${until}.`, `${until}.${signature}x`, '-1.x']) {
    const { response } = await browser.follow(`${house.url}/connect/notes?${new URLSearchParams({ ticket })}`, stays);
    assert.ok([400, 403].includes(response!.status), ticket);
  }
  assert.equal(notes.authority.requests.length, before);
  assert.equal((await browser.follow(own, stays)).response!.status, 200, 'control');
});

test('an address that is over, or never was one, sends nobody to sign in', async () => {
  await using connected = await openConnectedHouse();
  const good = new URL((await connected.call('dana')).url!);
  const [until = '', signature = ''] = good.searchParams.get('ticket')!.split('.');
  const year = (parseInt(until, 36) + 31_536_000_000).toString(36);
  for (const ticket of ['', 'x', `0.${signature}`, `${year}.${signature}`, until, `${until}.${signature}x`]) {
    const address = new URL(good);
    address.searchParams.set('ticket', ticket);
    const answer = await fetch(address, { redirect: 'manual' });
    assert.equal(answer.status, 400, ticket);
    assert.match(await answer.text(), /upstream_sign_in_expired/);
  }
  const answer = await fetch(good, { redirect: 'manual' });
  assert.equal(answer.status, 303, 'control: an address of Genkan leads to the identity provider');
});

test('a state is good once, and only if Genkan gave it', async () => {
  await using connected = await openConnectedHouse();
  const browser = createBrowser();
  const callback = await untilCallback((await connected.call('dana')).url!, browser);
  const forged = new URL(callback);
  forged.searchParams.set('state', 'a'.repeat(32));
  assert.equal((await browser.follow(forged, stays)).response!.status, 400);
  assert.equal((await browser.follow(callback, stays)).response!.status, 200, 'control');
  assert.equal((await browser.follow(callback, stays)).response!.status, 400);
  assert.equal(connected.notes.authority.tokenRequests.length, 1);
});

test('whoever takes a browser over in between does not finish the sign-in of the one before', async () => {
  await using connected = await openConnectedHouse();
  const { house, notes } = connected;
  const browser = createBrowser();
  connected.become('omar');
  const callback = await untilCallback((await connected.call('omar')).url!, browser);
  // Dana signs in to Genkan in the same browser, as for a client of hers.
  connected.become('dana');
  await signInToGenkan(house.url, browser);
  assert.equal((await browser.follow(callback, stays)).response!.status, 403);
  assert.equal(notes.authority.tokenRequests.length, 0);
});

/** Leaves the browser with a session, as the sign-in for a client does. */
async function signInToGenkan(url: string, browser: Browser): Promise<void> {
  const asked = await authorizationRequest(await register(url), { resource: `${url}/mcp/notes` });
  await browser.follow(asked.url, stays);
}
