// The official suite's scenarios for authorization servers, against ours: metadata, and the code grant with a real browser's way in between.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { createBrowser } from '../support/browser.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { answer, open, register } from '../support/oauth-client.ts';
import { freePort } from '../support/free-port.ts';

const suite = new URL('../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url).pathname;

for (const revision of ['2025-06-18', '2025-11-25', '2026-07-28'])
  test(`is an authorization server as ${revision} wants it`, async () => {
    await using house = await startIdentityHouse();
    const { publicUrl } = house;
    const port = await freePort();
    const { client } = await register(publicUrl, { redirect_uris: [`http://127.0.0.1:${port}/callback`] });
    const options = {
      url: publicUrl,
      'client-id': client.client_id,
      resource: `${publicUrl}/mcp/files`,
      port: String(port),
      'spec-version': revision,
    };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(process.execPath, [suite, 'authorization', ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit') as Promise<[number]>;
    let said = '';
    let visited: Promise<unknown> | undefined;
    for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      said += chunk;
      const url = /https?:\/\/\S+\/oauth\/authorize\?\S+/.exec(said)?.[0];
      if (url !== undefined && said.includes('Callback server started')) visited ??= visit(new URL(url));
    }
    const [code] = await ended;
    await visited;
    assert.equal(code, 0, said);
    assert.match(said, /authorization-code-grant: 1 passed, 0 failed/);
    assert.match(said, revision < '2025-11-25' ? /Total: 2 passed, 0 failed/ : /Total: 3 passed, 0 failed/);
  });

/** What a person does at the address that the suite prints. */
async function visit(url: URL): Promise<void> {
  const browser = createBrowser();
  const arrival = await answer(browser, await open(browser, { url, verifier: '', state: '' }), 'approve');
  await (await fetch(arrival.url)).text();
}
