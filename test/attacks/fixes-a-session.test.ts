// Attack (session fixation): the attacker's cookies are planted in a browser before its person signs in, and shown afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import type { IdentityHouse } from '../support/identity-house.ts';
import { authorizationRequest, authorize, register } from '../support/oauth-client.ts';
import type { Registered } from '../support/oauth-client.ts';

const personOf = (sub: string) => ({ sub, name: sub, preferred_username: `${sub}@example.com`, groups: [] });

/** What somebody with these cookies gets for the request of a client to which everybody here has agreed. */
async function outcome(house: IdentityHouse, registered: Registered, cookie: string): Promise<string> {
  const { url } = await authorizationRequest(registered, { resource: `${house.publicUrl}/mcp/files` });
  const response = await fetch(url, { headers: { cookie, accept: 'text/html' }, redirect: 'manual' });
  const { pathname, searchParams } = new URL(response.headers.get('location')!, house.publicUrl);
  return searchParams.has('code') ? 'code' : pathname.split('/')[1]!;
}

const cookiesOf = (house: IdentityHouse, browser: Browser): string =>
  Object.entries(browser.cookies(`${house.publicUrl}/oauth/authorize`))
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

for (const [whose, before] of [
  ['of a sign-in that the attacker has begun', undefined],
  ['of a session in which the attacker is signed in', 'omar'],
] as const)
  test(`cookies ${whose} are worth nothing once the person has signed in with them; control: those of afterwards are`, async () => {
    await using house = await startIdentityHouse();
    const resource = `${house.publicUrl}/mcp/files`;
    const [browser, registered] = [createBrowser(), await register(house.publicUrl)];
    if (before === undefined)
      await browser.follow(
        (await authorizationRequest(registered, { resource })).url,
        ({ origin }) => origin !== house.publicUrl,
      );
    else {
      house.provider.person = personOf(before);
      await authorize(registered, { resource }, browser);
    }
    const planted = cookiesOf(house, browser);
    assert.match(planted, /genkan_/);

    house.provider.person = personOf('dana');
    await authorize(registered, { resource, prompt: 'login' }, browser);
    const dana = await house.database.selectFrom('account').select('id').where('id', 'like', '%#dana').execute();
    assert.equal(dana.length, 1, 'she has signed in');
    assert.equal(await outcome(house, registered, planted), 'signin');
    assert.equal(await outcome(house, registered, cookiesOf(house, browser)), 'code');
  });
