// Requests to Entra ID: they go to its addresses alone, follow nobody elsewhere, and read no more than is sane.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { createEntraFetch } from './entra-fetch.ts';

const unavailable = { code: 'identity_provider_unavailable' };

async function serve(listener: RequestListener): Promise<{ origin: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url!);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const home = await serve((_request, response) => response.end('{"at":"home"}'));
const elsewhere = await serve((_request, response) => response.end('{"at":"elsewhere"}'));

test('an address that is none of ours is not asked; control: without the list it is', async () => {
  const send = createEntraFetch(fetch, [home.origin]);
  assert.deepEqual((await send(`${home.origin}/token`)).body, { at: 'home' });
  await assert.rejects(send(`${elsewhere.origin}/token`), unavailable);
  await assert.rejects(send(`${home.origin.replace('127.0.0.1', '127.0.0.2')}/token`), unavailable);
  assert.deepEqual(elsewhere.seen, []);
  assert.deepEqual((await createEntraFetch(fetch)(`${elsewhere.origin}/token`)).body, { at: 'elsewhere' });
});

test('an answer without end is not read to its end; control: one of a sane length is', async () => {
  const block = ' '.repeat(65_536);
  let blocks = 0;
  const long = await serve((request, response) => {
    const wanted = Number(request.url!.slice(1));
    let sent = 0;
    const more = (): void => {
      while (sent < wanted) {
        sent += 1;
        blocks += 1;
        if (!response.write(block)) return void response.once('drain', more);
      }
      response.end('{}');
    };
    more();
  });
  const send = createEntraFetch(fetch, [long.origin]);
  assert.deepEqual((await send(`${long.origin}/16`)).body, {});
  await assert.rejects(send(`${long.origin}/3200`), /longer than/);
  assert.ok(blocks < 3200, 'the rest was not even sent');
});
