// MCP apps pass in both eras and between them: the extension, the page that a tool names, and the page itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { makersUse, openTestHouse } from '../support/house.ts';
import type { TestHouse } from '../support/house.ts';
import { appExtension, appMimeType, appPage } from './upstream/app.ts';
import { startHttpFixture } from './upstream/http.ts';

let fixtures: Record<'legacy' | 'modern', HttpUpstream>;
let house: TestHouse;

before(async () => {
  fixtures = { legacy: await startHttpFixture('legacy'), modern: await startHttpFixture('modern') };
  const servers = { legacy: { url: fixtures.legacy.url }, modern: { url: fixtures.modern.url } };
  house = await openTestHouse({ servers, access: makersUse('legacy', 'modern') });
});
after(async () => {
  await house[Symbol.asyncDispose]();
  for (const fixture of Object.values(fixtures)) await fixture[Symbol.asyncDispose]();
});

for (const server of ['legacy', 'modern'] as const) {
  for (const [era, mode] of [
    ['legacy', 'legacy'],
    ['modern', { pin: '2026-07-28' }],
  ] as const) {
    test(`a ${era} client shows the app of a ${server} server`, async () => {
      const mine = { mimeTypes: [appMimeType] };
      const capabilities = { extensions: { [appExtension]: mine } };
      const client = new Client({ name: 'test', version: '1' }, { capabilities, versionNegotiation: { mode } });
      const headers = { authorization: `Bearer ${await house.token('dana', server)}` };
      const url = new URL(`${house.url}/mcp/${server}`);
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
      assert.deepEqual(client.getServerCapabilities()!.extensions, { [appExtension]: {} });

      const { tools } = await client.listTools();
      const { _meta } = tools.find(({ name }) => name === 'show_clock')!;
      assert.deepEqual(_meta, { ui: { resourceUri: appPage, visibility: ['model', 'app'] } });

      const { contents } = await client.readResource({ uri: appPage });
      assert.equal(contents[0]!.mimeType, appMimeType);
      assert.deepEqual(contents[0]!._meta, {
        ui: { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true },
      });

      const { content } = await client.callTool({ name: 'show_clock', arguments: {} });
      assert.deepEqual(
        content,
        [{ type: 'text', text: JSON.stringify(mine) }],
        'the server knows what the client shows',
      );
      await client.close();
    });
  }
}
