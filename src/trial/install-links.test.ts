// Install links, read back as each client reads them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installLinks } from './install-links.ts';

const url = 'http://127.0.0.1:7300/mcp/azure';
const ways = Object.fromEntries(installLinks('genkan-azure', url).map(({ client, way }) => [client, way]));

test('VS Code finds name, transport and address in the link', () => {
  const [scheme, config = ''] = ways['VS Code']!.split('?');
  assert.equal(scheme, 'vscode:mcp/install');
  assert.deepEqual(JSON.parse(decodeURIComponent(config)), { name: 'genkan-azure', type: 'http', url });
});

test('the web link carries the same, in its own parameters', () => {
  const { origin, pathname, searchParams } = new URL(ways['VS Code (web link)']!);
  assert.equal(origin + pathname, 'https://insiders.vscode.dev/redirect/mcp/install');
  assert.equal(searchParams.get('name'), 'genkan-azure');
  assert.deepEqual(JSON.parse(searchParams.get('config')!), { type: 'http', url });
});

test('Cursor finds the address in base64', () => {
  const { searchParams } = new URL(ways['Cursor']!);
  assert.equal(searchParams.get('name'), 'genkan-azure');
  assert.deepEqual(JSON.parse(Buffer.from(searchParams.get('config')!, 'base64').toString()), { url });
});

test('Claude Code is given a command', () => {
  assert.equal(ways['Claude Code'], `claude mcp add --transport http genkan-azure ${url}`);
});
