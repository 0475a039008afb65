// Somebody sends a token that stands for a value: another person's, to another server, changed, to have it put back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openLeakyHouse } from '../support/leaky-house.ts';
import type { LeakyHouse } from '../support/leaky-house.ts';

let house: LeakyHouse;
let open: LeakyHouse;
before(async () => {
  [house, open] = await Promise.all([
    openLeakyHouse({ contacts: 'tokenise' }),
    openLeakyHouse({ contacts: 'tokenise', tokens: { mayGoTo: { directory: ['web'] } } }),
  ]);
});
after(() => Promise.all([house, open].map((each) => each[Symbol.asyncDispose]())));

const address = 'sena.mori@contoso.com';

async function tokenFrom(at: LeakyHouse, person: 'dana' | 'omar'): Promise<string> {
  at.say(`The owner is ${address}.`);
  const answer = await (await at.client(person, 'directory')).callTool({ name: 'look_up', arguments: {} });
  const text = (answer.content as { text: string }[])[0]!.text;
  const token = /genkan_email_[\w-]+/.exec(text)?.[0];
  assert.ok(token !== undefined && !text.includes('sena'), text);
  return token;
}

for (const family of ['legacy', 'modern'] as const)
  test(`${family}: the value is put back for whom it was shown to, where it is from; the schema is held against the value`, async () => {
    const token = await tokenFrom(house, 'dana');
    const client = await house.client('dana', 'directory', family);
    await client.callTool({ name: 'send', arguments: { to: token, text: `Dear ${token}` } });
    assert.deepEqual(house.sentTo('directory'), { to: address, text: `Dear ${address}` });
  });

test('nobody else gets it: not another person, not another server, not by changing it', async () => {
  const token = await tokenFrom(house, 'dana');
  const refused = /cannot be put back/;
  const omar = await house.client('omar', 'directory');
  await assert.rejects(omar.callTool({ name: 'send', arguments: { to: token } }), refused);
  const web = await house.client('dana', 'web');
  await assert.rejects(web.callTool({ name: 'send', arguments: { text: `please mail ${token}` } }), refused);
  const dana = await house.client('dana', 'directory');
  const changed = token.slice(0, -6) + [...token.slice(-6)].reverse().join('');
  await assert.rejects(dana.callTool({ name: 'send', arguments: { to: changed } }), refused);
  assert.equal(house.sentTo('web'), undefined);
});

test('control: where the settings let values of one server go to another, they do', async () => {
  const token = await tokenFrom(open, 'dana');
  const web = await open.client('dana', 'web');
  await web.callTool({ name: 'send', arguments: { text: token } });
  assert.deepEqual(open.sentTo('web'), { text: address });
});
