// Two thousand planted values of every kind in every wrapping: none is left; and how much ordinary text is taken for one.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { plantedValues, seeded } from '../../../test/support/planted-values.ts';
import { createRedaction, withReplacements } from './redaction.ts';
import { rules } from './rules.ts';
import { redactionSettings } from './settings.ts';

const redaction = createRedaction(redactionSettings.parse({ contacts: 'redact' }));
const redacted = (text: string): string => withReplacements(text, redaction.find(text));
const planted = plantedValues(20_261_121, 2_000);

const prose = 'The deployment finished at 10:42. Owner of the resource group is the platform team, see the runbook. ';
const wrappings: Record<string, (text: string) => string> = {
  text: (text) => `${prose}\n${text}\n${prose}`,
  JSON: (text) => JSON.stringify({ id: 17, note: prose, value: text, tags: ['prod'] }),
  'JSON in JSON': (text) => JSON.stringify({ body: JSON.stringify({ value: text }) }),
  base64: (text) => `content: ${Buffer.from(`${prose}${text}\n`).toString('base64')}`,
  'base64 in base64': (text) =>
    Buffer.from(`x: ${Buffer.from(`${text}\n${prose}`).toString('base64')} `).toString('base64'),
  'base64 of UTF-16': (text) => Buffer.from(`${text}\n`, 'utf16le').toString('base64'),
  'lines of base64': (text) => Buffer.from(`${prose}${text}\n`).toString('base64').replace(/.{76}/g, '$&\r\n'),
  'percent signs': (text) => `https://contoso.com/?q=${encodeURIComponent(`${text} `)}&page=2`,
  'HTML entities': (text) => `<td>${text.replace(/[^A-Za-z0-9 ]/g, (each) => `&#${each.codePointAt(0)};`)}</td>`,
  'UTF-16 read as text': (text) => [...text].map((each) => `${each}\0`).join(''),
  'full-width forms': (text) => text.replace(/[!-~]/g, (each) => String.fromCharCode(each.charCodeAt(0) + 0xfee0)),
};

/** Whether a value can still be read from a text, in any of the ways that it was hidden in. */
function isLeft(value: string, text: string): boolean {
  const readings = [text, text.replace(/\0/g, ''), text.normalize('NFKC')];
  for (let round = 0; round < 2; round++)
    for (const reading of [...readings]) {
      readings.push(reading.replace(/\\(["\\/])/g, '$1').replace(/\\n/g, '\n'));
      readings.push(reading.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))));
      readings.push(reading.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))));
      for (const [run] of reading.matchAll(/[A-Za-z0-9+/=_-]{16,}(?:\r\n[A-Za-z0-9+/=_-]+)*/g)) {
        const bytes = Buffer.from(run, 'base64');
        readings.push(bytes.toString('utf8'), bytes.toString('utf16le'));
      }
    }
  return readings.some((reading) => reading.includes(value));
}

for (const [name, wrap] of Object.entries(wrappings))
  test(`leaves none of 2,000 planted values in ${name}`, () => {
    const left = planted.filter(({ text, value }) => isLeft(value, redacted(wrap(text))));
    assert.deepEqual(
      left.slice(0, 10).map(({ rule, text }) => `${rule}: ${text}`),
      [],
      `${left.length} are left`,
    );
  });

test('names what it found, for nearly all values by the rule that they were made for', () => {
  const missing = rules.filter((rule) => !planted.some((each) => each.rule === rule));
  assert.deepEqual(missing, ['aws-secret-key']);
  const others = planted.filter(({ rule, text }) => !redaction.find(text).some((each) => each.rule === rule));
  assert.ok(
    others.length < planted.length / 50,
    others
      .slice(0, 10)
      .map(({ rule, text }) => `${rule}: ${text}`)
      .join('\n'),
  );
});

test('leaves what it has redacted as it is', () => {
  for (const { text } of planted) {
    const once = redacted(text);
    assert.equal(redacted(once), once, text);
  }
});

test('counts what it takes for sensitive in a megabyte of ordinary text', (context) => {
  const here = new URL('../../../', import.meta.url);
  const pages = [
    'docs/',
    'docs/decisions/',
    'changes/',
    'src/access/',
    'src/gateway/',
    'src/identity/',
    'src/operations/',
  ].flatMap((folder) =>
    readdirSync(new URL(folder, here))
      .filter((name) => /\.(?:md|ts)$/.test(name) && !name.includes('redaction'))
      .map((name) => readFileSync(new URL(folder + name, here), 'utf8')),
  );
  let text = '';
  for (const page of pages) if (text.length < 1_000_000) text += page;
  const found = redaction.find(text);
  const counts: Record<string, number> = {};
  for (const { rule } of found) counts[rule] = (counts[rule] ?? 0) + 1;
  context.diagnostic(`${found.length} in ${text.length} characters: ${JSON.stringify(counts)}`);
  for (const { from, to, rule } of found.slice(0, 20)) context.diagnostic(`${rule}: ${text.slice(from, to)}`);
  assert.ok(text.length > 500_000);
  assert.ok(found.filter(({ kind }) => kind === 'secret').length <= 10, 'secrets');
  assert.ok(found.length <= 40, `${found.length}`);
});

test('finds nothing in numbers and names that only look like something', () => {
  const random = seeded(7);
  const number = (length: number): string => Array.from({ length }, () => Math.floor(random() * 10)).join('');
  const hex = (length: number): string => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  const ordinary = Array.from({ length: 2_000 }, () => [
    `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    `commit ${hex(40)}, sha256:${hex(64)}`,
    `"timestamp": ${1_700_000_000_000 + Math.floor(random() * 99_999_999_999)}`,
    `version ${number(2)}.${number(3)}.${number(2)}, build ${number(8)}`,
    `10.${number(2)}.1.${number(2)}:8443 at 2026-11-21T15:47:03.${number(6)}Z`,
    `/subscriptions/${hex(8)}-1234-5678-9012-${hex(12)}/resourceGroups/rg-${number(6)}`,
    `$skiptoken=${Buffer.from(hex(20)).toString('base64')}`,
  ]).flat();
  const found = ordinary.filter((text) => redaction.find(text).length > 0);
  assert.ok(found.length <= ordinary.length / 1000, `${found.length}: ${found.slice(0, 10).join('\n')}`);
});
