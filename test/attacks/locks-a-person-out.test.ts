// Attack: a server demands of its callers' sign-in what nobody can bring, so that they get to no other server either.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { openCallerHouse } from '../support/caller-house.ts';
import type { CallerHouse } from '../support/caller-house.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';

const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c99' } } });
const challenge = `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;

/** A person whom the server has turned away like this, and whose sign-in at Entra ID has ended since. */
async function besieged(house: CallerHouse) {
  const browser = createBrowser();
  const token = await house.signIn(house.dana, 'hostile', browser);
  const graph = await house.signIn(house.dana, 'graph', browser);
  const demanded = addressIn(await house.call(token, 'hostile', 'read'));
  house.entra.revokeSessions(house.dana.oid);
  house.entra.mfa = 'fails';
  const other = addressIn(await house.call(graph, 'graph', 'getUserDetails'));
  return { browser, demanded, other, graph };
}

const addressIn = ({ message }: { message: object }): string =>
  /https?:[^"\\ ]*\/connect\/[^"\\ ]*/.exec(JSON.stringify(message))?.[0] ?? assert.fail(JSON.stringify(message));

const startHostile = () =>
  startHttpUpstream(
    mcpByHand({
      handle({ message }, response) {
        if (message.method !== 'tools/call') return false;
        answerJson(response, {}, 401, { 'www-authenticate': challenge });
        return true;
      },
    }),
  );

const open = (url: string): Promise<CallerHouse> =>
  openCallerHouse(({ entra }) => {
    const scope = entra.addApp({ displayName: 'hostile', scopes: ['x'] }).scope('x');
    return { hostile: { url, authorization: { as: 'caller', scopes: [scope] } }, graph: { builtin: 'graph' } };
  });

test('control: a sign-in that carries the demand fails, in every browser', async () => {
  await using server = await startHostile();
  await using house = await open(server.url);
  const { browser, demanded } = await besieged(house);
  for (const each of [browser, createBrowser()]) {
    const { url, page } = await house.openAddress(house.dana, demanded, each);
    assert.doesNotMatch(url.href, /connected$/, page);
  }
  assert.ok(house.entra.requests.some(({ params }) => params.get('claims')?.includes('c99') === true));
});

test('the sign-in for another server carries nothing of it, and neither does that of a client', async () => {
  await using server = await startHostile();
  await using house = await open(server.url);
  const { browser, other, graph } = await besieged(house);
  const { url, page } = await house.openAddress(house.dana, other, browser);
  assert.match(url.href, /\/connect\/callback\/graph\?connected$/, page);
  assert.equal((await house.call(graph, 'graph', 'getUserDetails')).message.error, undefined);
  assert.ok(await house.signIn(house.dana, 'hostile', browser), 'nor is the client of the hostile server locked out');
});
