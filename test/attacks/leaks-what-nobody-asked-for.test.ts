// A server answers with secrets and personal data: in the text, in its structured result, encoded, cut up, in full-width forms.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openLeakyHouse, textOf } from '../support/leaky-house.ts';
import type { LeakyHouse } from '../support/leaky-house.ts';
import { plantedValues } from '../support/planted-values.ts';

const allOff = { secrets: 'off', numbers: 'off', contacts: 'off' };
/** Random values read like anything; what is compared here is what redaction leaves. */
const shield = { results: { suspicious: 'off', certain: 'off' } };
let guarded: LeakyHouse;
let bare: LeakyHouse;
before(async () => {
  const redactAll = { contacts: 'redact' };
  [guarded, bare] = await Promise.all([
    openLeakyHouse(redactAll, ['directory'], { shield }),
    openLeakyHouse(allOff, ['directory'], { shield }),
  ]);
});
after(() => Promise.all([guarded, bare].map((house) => house[Symbol.asyncDispose]())));

const planted = plantedValues(4_404, 2_000);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** Everything that an answer says, with what stands in base64 decoded, twice. */
function readings(answer: object): string {
  const strings: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') strings.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(answer);
  for (let round = 0, from = 0; round < 2; round++) {
    const before = strings.length;
    for (const text of strings.slice(from))
      for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) strings.push(Buffer.from(run, 'base64').toString());
    from = before;
  }
  return strings.join('\n');
}

for (const family of ['legacy', 'modern'] as const) {
  test(`${family}: none of 2,000 planted values reaches the client in text, in a structured result or in base64`, async () => {
    const client = await guarded.client('dana', 'directory', family);
    const control = await bare.client('dana', 'directory', family);
    for (let from = 0; from < planted.length; from += 100) {
      const some = planted.slice(from, from + 100);
      const text = [
        some.map((each) => each.text).join('\n\n'),
        JSON.stringify(some.map((each, id) => ({ id, note: each.text }))),
        ...some.map((each) => base64(`see: ${each.text}\n`)),
      ].join('\n\n');
      const structured = { items: some.map((each) => ({ note: each.text, body: base64(`see: ${each.text}\n`) })) };
      guarded.say(text, structured);
      bare.say(text, structured);
      const shown = readings(await client.callTool({ name: 'look_up', arguments: {} }));
      const left = some.filter(({ value }) => shown.includes(value)).map((each) => `${each.rule}: ${each.text}`);
      assert.deepEqual(left, [], `from ${from}`);
      const without = readings(await control.callTool({ name: 'look_up', arguments: {} }));
      assert.ok(
        some.every(({ value }) => without.includes(value)),
        'the control',
      );
    }
  });
}

const card = '4111111111111111';
const password = 'Tr0ub4dor.3x';
const disguises: Readonly<Record<string, string>> = {
  'base64 in base64': base64(`x ${base64(`password=${password} `)} `),
  'base64 of UTF-16, as PowerShell takes it': Buffer.from(`login --password ${password} `, 'utf16le').toString(
    'base64',
  ),
  'percent signs': `https://contoso.example/?u=a&password%3D${password}%26b`,
  'HTML entities': `pass&#119;ord&#58; ${password}`,
  'invisible characters': `pass\u200bword: ${[...password].join('\u2060')}`,
  NULs: [...`password: ${password}`].join('\0'),
  'JSON in JSON in JSON': JSON.stringify(JSON.stringify({ password })),
  'full-width digits': `card ${[...card].map((each) => String.fromCharCode(each.charCodeAt(0) + 0xfee0)).join('')}`,
  'single digits': `card ${[...card].join(' ')}`,
  'digits with dashes of another kind': `card ${card.replace(/(.{4})(?=.)/g, '$1\u2013')}`,
};

/** As somebody reads it who looks closely. */
const reads = (text: string): boolean => {
  const plain = text.replace(/[\0\u200b\u2060]/g, '').normalize('NFKC');
  const decoded = [plain];
  for (let round = 0; round < 2; round++)
    for (const [run] of decoded.join('\n').matchAll(/[A-Za-z0-9+/]{16,}/g)) {
      const bytes = Buffer.from(run, 'base64');
      decoded.push(bytes.toString('utf8'), bytes.toString('utf16le'));
    }
  return decoded.some((each) => each.includes(password) || each.replace(/[ \u2013-]/g, '').includes(card));
};

test('a secret in disguise does not reach the client, and without redaction it does', async () => {
  const [client, control] = await Promise.all([guarded.client('dana', 'directory'), bare.client('dana', 'directory')]);
  for (const [name, text] of Object.entries(disguises)) {
    guarded.say(text);
    bare.say(text);
    const said = async (from: typeof client): Promise<string> => {
      const { content } = await from.callTool({ name: 'look_up', arguments: {} });
      return (content as { text: string }[])[0]!.text;
    };
    assert.equal(reads(await said(client)), false, name);
    assert.equal(reads(await said(control)), true, `the control: ${name}`);
  }
});

test('the value of a member that is called password is hidden, whatever it looks like', async () => {
  const [client, control] = await Promise.all([guarded.client('dana', 'directory'), bare.client('dana', 'directory')]);
  const structured = { user: 'app', password: 'correcthorse', nextPageToken: 'c2tpcDEyMw' };
  guarded.say('done', structured);
  bare.say('done', structured);
  const answer = await client.callTool({ name: 'look_up', arguments: {} });
  assert.deepEqual(answer.structuredContent, { ...structured, password: '****' });
  assert.match(textOf(await control.callTool({ name: 'look_up', arguments: {} })), /correcthorse/);
});

test('a secret far into a long file in base64 does not reach the client either', async () => {
  const [client, control] = await Promise.all([guarded.client('dana', 'directory'), bare.client('dana', 'directory')]);
  for (const lead of ['', 'x', 'xy', 'xyz']) {
    const [before, behind] = ['The backup took eleven minutes.\n', 'The report has forty pages.\n'];
    const file = `${before.repeat(9_000)}password=${password} \n${behind.repeat(9_000)}`;
    const text = `${lead} ${Buffer.from(file).toString('base64')}`;
    guarded.say(text);
    bare.say(text);
    const said = async (from: typeof client): Promise<string> => {
      const { content } = await from.callTool({ name: 'look_up', arguments: {} });
      const [, encoded] = (content as { text: string }[])[0]!.text.split(' ');
      return Buffer.from(encoded!, 'base64').toString();
    };
    const decoded = await said(client);
    assert.ok(!decoded.includes(password), lead);
    assert.ok(decoded.endsWith(behind), 'the rest can still be read');
    assert.ok((await said(control)).includes(password), 'the control');
  }
});
