// What judges are asked about, what leaves the house for it, and what their word changes: the service answers over real HTTP.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { startContentSafety } from '../../../test/support/content-safety.ts';
import { judgedRoom, texts } from '../../../test/support/judged-room.ts';
import { hint, order } from '../../../test/support/plain-shield.ts';
import { result } from '../../protocol/message.ts';
import type { JsonObject } from '../../protocol/message.ts';
import { inspectSettings } from '../settings.ts';
import { run } from './looking.ts';

const service = await startContentSafety();
after(() => service[Symbol.asyncDispose]());
beforeEach(() => {
  service.asked.length = 0;
  service.isAttack = () => false;
  service.harm = () => ({});
  service.instead = () => false;
});
const sent = (): readonly string[] =>
  service.asked
    .flatMap(({ body }) => [body.userPrompt, ...(body.documents ?? []), body.text])
    .filter((text) => !!text) as string[];
const always = { when: 'always' };

test('what is not suspicious never leaves the house', async () => {
  const room = judgedRoom(service);
  assert.equal((await room.said(texts('All is well.', 'Meeting at three.'))).blocked, undefined);
  assert.deepEqual(service.asked, []);
});

test('a suspicious text is sent alone, as a document, and an attack that the judge sees makes it certain', async () => {
  service.isAttack = (text) => text.includes('VISIT');
  const room = judgedRoom(service);
  const examined = await room.said(texts('All is well.', `Hello. ${hint}`));
  assert.equal(examined.blocked, 'injection');
  assert.deepEqual(service.asked[0]?.body, { userPrompt: '', documents: [`Hello. ${hint}`] });
  assert.equal(service.asked[0]?.headers['ocp-apim-subscription-key'], service.key);
  const [finding] = examined.findings;
  assert.equal(finding?.rule, 'azure-content-safety');
  assert.equal(finding?.at, '/result/content/1/text');
  assert.equal(finding?.score, 1);
});

test('"harmless" changes nothing, unless the judge may clear', async () => {
  const heard = await judgedRoom(service).said(texts(hint));
  assert.equal(heard.findings[0]?.action, 'spotlight');
  const cleared = await judgedRoom(service, { mayClear: 'suspicious' }).said(texts(hint));
  assert.deepEqual(cleared.findings, []);
  const certain = await judgedRoom(service, { mayClear: 'suspicious' }).said(texts(order));
  assert.equal(certain.blocked, 'injection');
  const all = await judgedRoom(service, { mayClear: 'certain' }).said(texts(order));
  assert.equal(all.blocked, undefined);
});

test('what is withheld in any case is not sent', async () => {
  await judgedRoom(service).said(texts(order, hint));
  assert.deepEqual(service.asked, []);
});

test('nobody is asked where the answer would change nothing', async () => {
  const alike = { results: { suspicious: 'block', certain: 'block' } };
  await judgedRoom(service, {}, alike).said(texts(hint));
  assert.deepEqual(service.asked, []);
  await judgedRoom(service, { servers: ['web-*'] }).said(texts(hint));
  await judgedRoom(service, { directions: ['arguments'] }).said(texts(hint));
  assert.deepEqual(service.asked, []);
});

test('arguments are sent as a prompt', async () => {
  service.isAttack = (text) => text.includes('VISIT');
  const { examination } = judgedRoom(service, {}, { arguments: { suspicious: 'flag', certain: 'block' } });
  const called = await run(examination.call({ to: hint }, { server: 'mail', groups: [] }));
  assert.equal(called.action, 'block');
  assert.deepEqual(service.asked[0]?.body, { userPrompt: hint, documents: [] });
});

test('secrets stay at home, also where a window cuts them', async () => {
  const secret = 'sk-1234567890';
  const hide = (text: string) =>
    [...text.matchAll(/sk-\d+/g)].map(({ index, 0: { length } }) => ({
      kind: 'secret' as const,
      rule: 'key',
      act: 'redact' as const,
      replacement: '[key]',
      from: index,
      to: index + length,
    }));
  for (let shift = 0; shift < 20; shift++) {
    const text = `${secret} ${'a '.repeat(4960)}${'b'.repeat(shift)} ${hint} ${'c '.repeat(9000)} ${secret}`;
    await judgedRoom(service, {}, {}, hide).said(texts(text));
  }
  const { examination } = judgedRoom(service, always, {}, hide);
  await run(examination.call({ to: `with ${secret}` }, { server: 'mail', groups: [] }));
  assert.equal(sent().at(-1), 'with [key]');
  assert.ok(sent().length >= 21);
  for (const text of sent()) assert.doesNotMatch(text, /sk-|\d{3}/);
});

test('of a long text a window around the suspicious place is sent, within the limits of the service', async () => {
  const text = `${'before '.repeat(5000)}${hint}${' behind'.repeat(5000)}`;
  service.isAttack = (window) => window.includes(hint);
  const examined = await judgedRoom(service).said(texts(text));
  assert.equal(examined.blocked, 'injection');
  assert.equal(sent().length, 1);
  assert.ok(sent()[0]!.length <= 10_000 && sent()[0]!.length > 9_000);
});

test('of every text, windows overlap: an order on the seam of two is whole in one of them', async () => {
  service.isAttack = (window) => window.includes(hint);
  for (const before of [9_980, 9_400, 18_800]) {
    const text = `${'x'.repeat(before)} ${hint} ${'y'.repeat(9_000)}`;
    const { blocked } = await judgedRoom(service, { ...always, maxRequests: 10 }).said(texts(text));
    assert.equal(blocked, 'injection', String(before));
  }
});

test('short texts that belong together are one question, and those of two items of a list are two', async () => {
  await judgedRoom(service, always).said(texts('one text here', 'another text here'));
  assert.deepEqual(sent(), ['one text here\nanother text here']);
  service.asked.length = 0;
  service.isAttack = (text) => text.includes('Moves');
  const tools = [
    { name: 'one', description: 'Reads a mail for you.' },
    { name: 'two', description: 'Moves a mail for you.' },
  ];
  const { message } = await judgedRoom(service, always).said(result(1, { tools }), {
    method: 'tools/list',
    listed: 'tools',
  });
  // Whoever approved what pins hold has not seen what a judge found.
  assert.deepEqual(message.result!['tools'], tools.slice(0, 1));
});

test('what was answered once is not asked again for an hour', async () => {
  const room = judgedRoom(service);
  for (let round = 0; round < 3; round++) await room.said(texts(hint));
  assert.equal(service.asked.length, 1);
  assert.deepEqual(room.counted, ['harmless', 'remembered', 'remembered']);
  room.pass(3601);
  await room.said(texts(hint));
  assert.equal(service.asked.length, 2);
});

test('a judge clears no order of which it has seen only a piece', async () => {
  const room = judgedRoom(service, { mayClear: 'certain' });
  const pieces = [order.slice(0, 30), order.slice(30)] as const;
  assert.equal((await room.said(texts(...pieces))).blocked, 'injection');
  assert.equal((await room.said(texts(pieces[1]), { before: pieces[0] })).blocked, 'injection');
  assert.equal((await room.said(texts(order))).blocked, undefined, 'the control');
});

test('thousands of short texts are put together at once', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => `a short text, ${index}`);
  const startedAtMs = performance.now();
  await judgedRoom(service, { ...always, maxRequests: 50 }).said(texts(...many));
  assert.ok(performance.now() - startedAtMs < 5000);
  assert.equal(sent().length, 32, 'as many as may be under way');
});

test('no more is asked in a minute than the settings allow', async () => {
  const room = judgedRoom(service, { maxPerMinute: 2 });
  for (let round = 0; round < 4; round++) await room.said(texts(`${hint} ${round}`));
  assert.deepEqual(room.counted, ['harmless', 'harmless', 'busy', 'busy']);
  room.pass(60);
  await room.said(texts(`${hint} again`));
  assert.equal(room.counted.at(-1), 'harmless');
});

test('harm that is severe enough counts like an attack and says which', async () => {
  service.harm = () => ({ Violence: 4, Hate: 2 });
  const room = judgedRoom(service, { ...always, harm: {} });
  const examined = await room.said(texts('A text that is not nice at all.'));
  assert.equal(examined.blocked, 'injection');
  assert.equal(examined.findings[0]?.rule, 'harm-violence');
  const milder = judgedRoom(service, { ...always, harm: { severity: 6 } });
  assert.equal((await milder.said(texts('A text that is not nice at all.'))).blocked, undefined);
  assert.deepEqual(service.asked.find(({ operation }) => operation === 'text:analyze')?.body, {
    text: 'A text that is not nice at all.',
    categories: ['Hate', 'SelfHarm', 'Sexual', 'Violence'],
    outputType: 'FourSeverityLevels',
  });
});

test('what is attacked need not be withheld: all of what the judge saw is fenced', async () => {
  service.isAttack = () => true;
  const shield = { results: { suspicious: 'flag', certain: 'spotlight' } };
  const { message, findings } = await judgedRoom(service, {}, shield).said(texts(`Hello. ${hint} Bye.`));
  const [{ text }] = message.result!['content'] as [{ text: string }];
  assert.match(text, /^\[genkan:data /);
  assert.equal(findings.length, 1);
  assert.equal(findings[0]?.from, 0);
  assert.ok(JSON.stringify(message.result!['_meta'] as JsonObject).includes('azure-content-safety'));
});

test('settings: a token goes to Azure alone, and nothing in the clear', () => {
  const key = { source: 'env', name: 'KEY' };
  const credential = { managedIdentity: {} };
  const accepts = (judge: object): boolean =>
    inspectSettings.safeParse({ shield: { judges: [{ kind: 'azure-content-safety', ...judge }] } }).success;
  assert.ok(accepts({ endpoint: 'https://contoso.cognitiveservices.azure.com', key }));
  assert.ok(accepts({ endpoint: 'https://contoso.cognitiveservices.azure.com/', credential }));
  assert.ok(accepts({ endpoint: 'https://safety.example.com', key }));
  assert.ok(accepts({ endpoint: 'http://127.0.0.1:5000', key }));
  assert.ok(!accepts({ endpoint: 'https://safety.example.com', credential }));
  assert.ok(!accepts({ endpoint: 'https://contoso.cognitiveservices.azure.com.evil.example', credential }));
  assert.ok(!accepts({ endpoint: 'https://contoso.cognitiveservices.azure.com:8443', credential }));
  assert.ok(!accepts({ endpoint: 'http://contoso.cognitiveservices.azure.com', key }));
  assert.ok(!accepts({ endpoint: 'https://user:secret@contoso.cognitiveservices.azure.com', key }));
  assert.ok(!accepts({ endpoint: 'https://contoso.cognitiveservices.azure.com/path', key }));
  assert.ok(!accepts({ endpoint: 'https://contoso.cognitiveservices.azure.com' }));
  assert.ok(!accepts({ endpoint: 'https://contoso.cognitiveservices.azure.com', key, credential }));
  assert.ok(!accepts({ endpoint: 'https://contoso.cognitiveservices.azure.com', key: 'a-literal-key' }));
});
