// Threat: a path that looks as if it stayed in its folder, in some spelling that one of the layers below reads as leading out of it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openGatewayRoom } from '../support/gateway-room.ts';
import type { GatewayRoom } from '../support/gateway-room.ts';
import { makersUse } from '../support/house.ts';
import { answerJson, startHttpUpstream } from '../support/http-upstream.ts';
import type { HttpUpstream } from '../support/http-upstream.ts';
import { mcpByHand } from '../support/mcp-by-hand.ts';
import { modern, post } from '../support/mcp-post.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-paths-'));
const root = path.join(folder, 'data');
mkdirSync(path.join(root, 'sub'), { recursive: true });
writeFileSync(path.join(folder, 'secret'), 'hunter2');
writeFileSync(path.join(root, 'ordinary'), 'welcome');

/** Reads what it is given as one of the many careless servers would: decoded, normalised, with any slash. */
function careless(given: string): string {
  let text = given.replace(/^file:(?:\/\/)?/i, '').replace(/^~/, root);
  for (let round = 0; round < 2; round++) {
    try {
      text = decodeURIComponent(
        text.replace(/%u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16))),
      );
    } catch {
      // it stays as it is
    }
  }
  text = text
    .normalize('NFKC')
    .replace(/[\\¥₩∖∕⁄]/g, '/')
    .replace(/\0.*$/s, '')
    .replace(/[\u200b\u00ad]/g, '')
    .replace(/\.{2}[. ]+(?=\/)/g, '..');
  try {
    return readFileSync(text.startsWith('/') ? text : path.join(root, text), 'utf8');
  } catch {
    return 'no such file';
  }
}

const spellings: Readonly<Record<string, string>> = {
  'two dots': '../secret',
  'two dots within': 'sub/../../secret',
  'doubled slashes': 'sub//..//..//secret',
  backslashes: '..\\secret',
  'percent-encoded': '%2e%2e%2fsecret',
  'encoded twice': '%252e%252e%252fsecret',
  'encoded as by IIS': '%u002e%u002e%u002fsecret',
  'full-width signs': '．．／secret',
  'a slash of mathematics': '..∕secret',
  'a yen sign for a backslash': '..¥secret',
  'one sign for two dots': '‥/secret',
  'an invisible character between': '.\u200b./secret',
  'an absolute path': path.join(folder, 'secret'),
  'a file URL': `file://${folder}/secret`,
  'the home folder': '~/../secret',
  'blanks that Windows drops': '.. /secret',
  'a NUL at the end': '../secret\0.txt',
};

const inspect = {
  arguments: [
    {
      match: { servers: ['guarded'], tools: ['read'] },
      types: { '/path': { type: 'path', roots: [root], relative: true } },
    },
  ],
};
let upstream: HttpUpstream;
let room: GatewayRoom;
before(async () => {
  upstream = await startHttpUpstream(
    mcpByHand({
      eras: ['modern'],
      handle({ message }, response) {
        if (message.method !== 'tools/call') return false;
        const text = careless(String((message.params!['arguments'] as { path: string }).path));
        const result = { resultType: 'complete', content: [{ type: 'text', text }] };
        answerJson(response, { jsonrpc: '2.0', id: message.id, result });
        return true;
      },
    }),
  );
  const servers = { guarded: { url: upstream.url }, open: { url: upstream.url } };
  room = await openGatewayRoom({ access: makersUse('guarded', 'open'), servers, inspect });
});
after(async () => {
  await room[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function readsThrough(server: 'guarded' | 'open', given: string): Promise<string> {
  const before = upstream.seen.length;
  const { body, headers } = modern('tools/call', { name: 'read', arguments: { path: given } });
  const { message } = await post(`${room.url}/mcp/${server}`, body, { token: 'dana', headers });
  if (message.error === undefined) return JSON.stringify(message.result);
  const reached = upstream.seen.slice(before).some(({ message: { method } }) => method === 'tools/call');
  assert.ok(!reached, 'what is refused is not forwarded');
  return JSON.stringify(message.error);
}

test('an ordinary path is read, through Genkan and all', async () => {
  for (const given of ['ordinary', path.join(root, 'ordinary')])
    assert.match(await readsThrough('guarded', given), /welcome/);
});

for (const [how, given] of Object.entries(spellings)) {
  test(`${how}: nothing outside is read`, async () => {
    assert.match(await readsThrough('open', given), /hunter2/, 'control: without a declared type the secret is read');
    const answered = await readsThrough('guarded', given);
    assert.match(answered, /inspect_argument_path/);
    assert.doesNotMatch(answered, /hunter2/);
  });
}
