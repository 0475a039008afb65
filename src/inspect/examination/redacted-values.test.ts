// Secrets where a mask would break something: in names and choices, which have to stay what they are, and in numbers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainShield } from '../../../test/support/plain-shield.ts';
import { createLog } from '../../base/log.ts';
import { isRefusal } from '../../base/errors.ts';
import { request, result } from '../../protocol/message.ts';
import type { JsonObject, Message, ResponseMessage } from '../../protocol/message.ts';
import { parseMessage } from '../../protocol/parse.ts';
import { createInspect } from '../inspect.ts';
import { inspectSettings } from '../settings.ts';
import type { Examined, Saying } from './examination.ts';
import { run } from './looking.ts';

const inspectWith = (redaction: object) =>
  createInspect(inspectSettings.parse({ redaction }), {
    shield: plainShield,
    count: () => undefined,
    log: createLog('silent'),
  });
const examine = async (message: Message, more: Partial<Saying> = {}, redaction: object = {}): Promise<Examined> =>
  run(
    inspectWith(redaction).examination.said({
      server: 'crm',
      groups: [],
      method: 'tools/call',
      language: 'en',
      ...more,
      message,
    }),
  );
const resultOf = ({ message, blocked }: Examined): JsonObject => {
  assert.equal(blocked, undefined);
  return (message as ResponseMessage).result!;
};
const parsed = (text: string): Message => {
  const message = parseMessage(Buffer.from(text), { maxBytes: 1e6, maxDepth: 64 });
  assert.ok(!isRefusal(message));
  return message;
};
const card = 4111111111111111;
const signed =
  'https://acct.blob.core.windows.net/c/f.txt?sv=2022-11-02&sr=b&sig=abcDEF123456ghiJKL789mnoPQRstuVWXyz0123456%3D';

test('what is called by a name or address with a secret in it is left out of its list, and never masked', async () => {
  const resources = [
    { uri: signed, name: 'file' },
    { uri: 'crm://notes/1', name: 'note', description: `The card is ${card}.` },
  ];
  const { findings, ...examined } = await examine(result(1, { resources }), {
    method: 'resources/list',
    listed: 'resources',
  });
  const shown = resultOf({ findings, ...examined })['resources'] as { uri: string; description: string }[];
  assert.deepEqual(
    shown.map(({ uri, description }) => [uri, description]),
    [['crm://notes/1', 'The card is ************1111.']],
  );
  assert.deepEqual(findings.map(({ rule, at, action }) => `${rule} ${at} ${action}`).toSorted(), [
    'azure-sas-signature /result/resources/0/uri block',
    'card /result/resources/1/description redact',
  ]);
  const flagged = await examine(
    result(1, { resources }),
    { method: 'resources/list', listed: 'resources' },
    { secrets: 'flag' },
  );
  assert.equal((resultOf(flagged)['resources'] as JsonObject[])[0]!['uri'], signed, 'a flag leaves it');
});

for (const act of ['redact', 'tokenise', 'block'])
  test(`choices with personal data are withheld, never one for the other: ${act}`, async () => {
    const choice = { type: 'string', enum: ['alice@contoso.com', 'adam@contoso.com'] };
    const inputSchema = { type: 'object', properties: { to: choice } };
    const listed = await examine(
      result(1, { tools: [{ name: 'pay', inputSchema }, { name: 'look_up' }] }),
      { method: 'tools/list', listed: 'tools' },
      { contacts: act },
    );
    assert.deepEqual(resultOf(listed)['tools'], [{ name: 'look_up' }]);
    const question = request(5, 'elicitation/create', { message: 'Whom?', requestedSchema: inputSchema });
    assert.equal((await examine(question, {}, { contacts: act })).blocked, 'sensitive');
  });

test('members whose names have the same mask stay as many as they were', async () => {
  const rights = { 'sena.mori@contoso.com': 'read', 'sena.maki@contoso.com': 'write', 's***@contoso.com': 'own' };
  const examined = await examine(result(1, { content: [], structuredContent: rights }), {}, { contacts: 'redact' });
  assert.deepEqual(resultOf(examined)['structuredContent'], {
    's***@contoso.com (2)': 'read',
    's***@contoso.com (3)': 'write',
    's***@contoso.com': 'own',
  });
});

test('a number that is a secret is masked as a string, in its text twin too', async () => {
  const structured = { card, count: 12, when: 1_763_740_800_000, list: [card] };
  const masked = { ...structured, card: '************1111', list: ['************1111'] };
  const content = [{ type: 'text', text: JSON.stringify(structured) }];
  const examined = resultOf(await examine(result(1, { content, structuredContent: structured })));
  assert.deepEqual(examined['structuredContent'], masked);
  assert.deepEqual(JSON.parse((examined['content'] as { text: string }[])[0]!.text), masked);
});

test('where the schema of its tool demands a number, the result is withheld', async () => {
  const schemaOf = (type: unknown) => ({ outputSchema: { type: 'object', properties: { card: { type } } } });
  const given = result(1, { content: [], structuredContent: { card } });
  assert.equal((await examine(given, schemaOf('number'))).blocked, 'sensitive');
  assert.equal((await examine(given, schemaOf(['number', 'string']))).blocked, undefined);
});

test('a number too long for JavaScript is read as it is written', async () => {
  const resident = '110101199003074258';
  const digits = [...resident.slice(0, 17)].reduce(
    (sum, each, index) => sum + Number(each) * [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2][index]!,
    0,
  );
  const fitting = resident.slice(0, 17) + '10X98765432'[digits % 11]!;
  const number = /^\d+$/.test(fitting) ? fitting : undefined;
  assert.ok(number !== undefined && !Number.isSafeInteger(Number(number)), fitting);
  const message = parsed(
    `{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{"id":${number},"other":12345678901234567890}}}`,
  );
  const raw = (await examine(message)).message.raw.toString();
  assert.ok(!raw.includes(number.slice(0, 12)), raw);
  assert.ok(raw.includes('12345678901234567890'), raw);
});

test('JSON in a text stays JSON, whether its numbers or its strings are masked', async () => {
  const text = JSON.stringify({ note: `say "card": ${card}, and go`, cards: [card, card], card, last: card });
  const examined = resultOf(await examine(result(1, { content: [{ type: 'text', text }] })));
  const read = JSON.parse((examined['content'] as { text: string }[])[0]!.text) as JsonObject;
  const mask = '************1111';
  assert.deepEqual(read, { note: `say "card": ${mask}, and go`, cards: [mask, mask], card: mask, last: mask });
});

test("numbers of the protocol and ordinary numbers are nobody's", async () => {
  const message = result(1, { content: [], structuredContent: { size: 1234567, at: 1_763_740_800_000, ratio: 0.5 } });
  const examined = await examine(message);
  assert.equal(examined.message, message);
});
