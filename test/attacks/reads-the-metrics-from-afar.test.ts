// The attacker wants to know which servers there are and how much they are used: from another machine, through a rebound name, through a proxy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openListener } from '../support/listener.ts';
import type { OpenListener } from '../support/listener.ts';
import { post } from '../support/mcp-post.ts';

const read = ({ url }: OpenListener, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> =>
  post(`${url}/metrics`, '', { method: 'GET', headers });

/** What an attacker has that a program on this machine has not. */
const waysIn: Record<string, { from?: string; headers?: Record<string, string> }> = {
  'from another machine': { from: '192.0.2.7' },
  'from another machine that names a loopback host': { from: '2001:db8::7', headers: { host: 'localhost:7300' } },
  'from a page with a rebound name': { headers: { host: 'evil.example' } },
  'from a page with a name that begins like ours': { headers: { host: '127.0.0.1.evil.example:7300' } },
  'through a proxy that passes the name on': { headers: { host: 'mcp.example.com' } },
  'through a proxy that tells of whom it speaks for': { headers: { 'x-forwarded-for': '192.0.2.7' } },
  'through a proxy that speaks as RFC 7239 has it': { headers: { forwarded: 'for=192.0.2.7' } },
  'through a proxy that names itself': { headers: { via: '1.1 proxy' } },
};

for (const [how, { from = '127.0.0.1', headers }] of Object.entries(waysIn)) {
  test(`metrics are not read ${how}`, async () => {
    await using open = await openListener({ sourceAddress: () => from });
    const { status, body } = await read(open, headers);
    assert.equal(status, 403);
    assert.match(body, /server_metrics_local/);
    assert.doesNotMatch(body, /genkan_sessions/);
  });

  test(`control: where they are for everybody, metrics are read ${how}`, async () => {
    await using open = await openListener({ sourceAddress: () => from, metrics: 'everywhere' });
    assert.match((await read(open, headers)).body, /genkan_sessions/);
  });
}

test('a program on this machine reads metrics, whatever the public name is', async () => {
  for (const from of ['127.0.0.1', '127.8.8.8', '::1']) {
    await using open = await openListener({ sourceAddress: () => from });
    for (const host of [`127.0.0.1:${open.port}`, 'localhost', '[::1]:7300'])
      assert.equal((await read(open, { host })).status, 200, `${host} from ${from}`);
  }
});
