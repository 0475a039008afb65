// To which addresses a token in the name of who calls may go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestCallers } from '../../test/support/caller-tokens.ts';
import { createBehalf } from './behalf.ts';

const auth = { extra: { user: 'dana' } };

test('a token goes to the resource that it is for, however that is written, and nowhere in the clear', async () => {
  const callers = createTestCallers('dana');
  const sent: string[] = [];
  const send = (url: string | URL | Request): Promise<Response> => {
    sent.push(String(url));
    return Promise.resolve(new Response('{}'));
  };
  const behalf = createBehalf(callers, { forCallers: (server: string) => callers.desks.at(server) } as never, send);
  for (const scope of [
    'https://graph.example/User.Read',
    'HTTPS://Graph.Example/User.Read',
    ' https://graph.example/x',
  ])
    for (const url of ['https://evil.example/', 'https://graph.example.evil.example/', 'http://graph.example/me'])
      await assert.rejects(behalf.fetchAs(auth, [scope], url), { code: 'upstream_unavailable' }, `${scope} ${url}`);
  assert.deepEqual([sent, callers.asked], [[], []]);
  await behalf.fetchAs(auth, ['https://graph.example/User.Read'], 'https://graph.example/me');
  assert.deepEqual(sent, ['https://graph.example/me']);
});
