// Tools of an Express app in the name of who calls: what a resource demands, the person is told, and the next call brings it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createBrowser } from './support/browser.ts';
import { startExpressApp } from './support/express-app.ts';
import type { ExpressApp } from './support/express-app.ts';
import { post } from './support/mcp-post.ts';

const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'getUserDetails', arguments: {} } };

let house: ExpressApp;
before(async () => void (house = await startExpressApp({ program: 'examples/express/server.ts' })));
after(() => house[Symbol.asyncDispose]());

async function ask(house: ExpressApp, token: string): Promise<string> {
  const { message } = await post(`${house.url}/mcp`, call, { token });
  return (message.result as { content: [{ text: string }] }).content[0].text;
}

test('what Graph demands of the sign-in, the person is told with an address, which is theirs alone', async () => {
  const browser = createBrowser();
  const { access } = await house.signIn(house.dana, { browser });
  assert.match(await ask(house, access), /"displayName":"Dana Sato"/);
  house.graph.demand('c1');
  const text = await ask(house, access);
  const [address] = new RegExp(`${house.url}/connect/app\\?ticket=[^ ]+`).exec(text) ?? [];
  assert.ok(address, text);

  house.entra.signsIn = house.omar.oid;
  const foreign = await createBrowser().follow(address, () => false);
  assert.equal(foreign.response!.status, 403);

  house.entra.signsIn = house.dana.oid;
  const own = await browser.follow(address, () => false);
  assert.equal(own.response!.status, 200, own.page);
  assert.match(await ask(house, access), /"displayName":"Dana Sato"/);
});

test('a person whose sessions Entra ID has revoked signs in again, and nobody is asked for ever', async () => {
  const { access } = await house.signIn(house.dana);
  await ask(house, access);
  house.entra.revokeSessions(house.dana.oid);
  assert.match(await ask(house, access), /\/connect\/app\?ticket=/);
});
