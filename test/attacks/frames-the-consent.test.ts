// Attack (clickjacking): the consent page lies, invisible, over a page of the attacker, so that a click there says yes here.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { launchChromium, withoutChromium as skip } from '../support/chromium.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { authorizationRequest, register } from '../support/oauth-client.ts';

/** Another port of one host is the same site, so the cookies of the victim go with the frame: the worst case. */
async function serve(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}

const title =
  'no page of ours stands in a frame of another; control: without the two headers one click in it gives the access away';
test(title, { skip }, async () => {
  let listening = '';
  let dropped: readonly string[] = [];
  await using front = await serve((incoming, response) => {
    const { method, url, headers } = incoming;
    const onward = request(listening + url!, { method, headers }, (answer) => {
      for (const name of dropped) delete answer.headers[name];
      answer.pipe(response.writeHead(answer.statusCode!, answer.headers));
    });
    incoming.pipe(onward.on('error', () => response.destroy()));
  });
  await using house = await startIdentityHouse({ publicUrl: front.url });
  listening = house.listening;
  const { url } = await authorizationRequest(await register(front.url), { resource: `${front.url}/mcp/files` });
  const frame = `<p>You have won!</p><iframe src="${url.href.replaceAll('&', '&amp;')}" width="600" height="900">`;
  await using trap = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(frame));
  await using chrome = await launchChromium();
  const page = await chrome.newPage();
  await page.route('https://client.example/**', (route) => route.fulfill({ body: 'the attacker has the code' }));
  const consented = () => house.records.filter(({ action }) => action === 'identity.consent').length;

  await page.goto(trap.url);
  assert.equal(page.frames()[1]!.url(), 'chrome-error://chromewebdata/');
  assert.equal(await page.frameLocator('iframe').getByRole('button', { name: 'Allow', exact: true }).count(), 0);

  dropped = ['x-frame-options', 'content-security-policy'];
  await page.goto(trap.url);
  const arrived = page.waitForRequest('https://client.example/**');
  await page.frameLocator('iframe').getByRole('button', { name: 'Allow', exact: true }).click();
  assert.ok(new URL((await arrived).url()).searchParams.has('code'));
  assert.equal(consented(), 1);
});
