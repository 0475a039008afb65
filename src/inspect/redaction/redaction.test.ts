// Redaction: what each form looks like masked, what is left alone, and who says otherwise.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedaction, withReplacements } from './redaction.ts';
import type { TextContext } from './redaction.ts';
import { redactionSettings } from './settings.ts';

const redactionOf = (settings: object): ((text: string, context?: TextContext) => string) => {
  const redaction = createRedaction(redactionSettings.parse(settings));
  return (text, context) => withReplacements(text, redaction.find(text, context));
};
const redacted = redactionOf({ contacts: 'redact' });

test('what stands behind a masked slice of base64 can still be read', () => {
  for (const password of ['Tr0ub4dor.3x', 'Tr0ub4dor.3xy', 'Tr0ub4dor.3xyz']) {
    const file = Buffer.from(`${'Nothing to see here.\n'.repeat(2000)}password=${password} \n`.padEnd(45_000));
    const slice = file.toString('base64');
    const masked = withReplacements(slice, createRedaction(redactionSettings.parse({})).find(slice));
    const decoded = Buffer.from(masked + Buffer.from('Nor in this.').toString('base64'), 'base64').toString();
    assert.ok(!decoded.includes(password));
    assert.ok(decoded.endsWith('Nor in this.'), password);
  }
});

test('keeps the form of what it masks', () => {
  const forms: Record<string, string> = {
    'card 4111 1111 1111 1111, ok': 'card **** **** **** 1111, ok',
    'mail dana.lee+vm@contoso.com.': 'mail d***@contoso.com.',
    'tel 03-1234-5678': 'tel **-****-5678',
    'IBAN DE89 3704 0044 0532 0130 00': 'IBAN DE** **** **** **** **30 00',
    'RRN 900101-1234568': 'RRN ******-*******',
    'Server=sql;User ID=sa;Password=p,1;Encrypt=True': 'Server=sql;User ID=sa;Password=****;Encrypt=True',
    'redis:6380,password=p4ss=,ssl=True': 'redis:6380,password=****,ssl=True',
    'amqps://app:s3cr%2Fet@mq:5671/x': 'amqps://app:****@mq:5671/x',
    '{"password":"a\\"b1","user":"x"}': '{"password":"****","user":"x"}',
    '暗証番号：ab12cd34。次に': '暗証番号：****。次に',
  };
  for (const [text, expected] of Object.entries(forms)) assert.equal(redacted(text), expected);
});

test('leaves alone what only looks like a secret', () => {
  const harmless = [
    'password: string', '"password": "<password>"', 'PASSWORD=${DB_PASSWORD}', 'password = os.environ["PW"]', 'token = process.env.TOKEN',
    'client_secret: @Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)', 'Enter your password: it has 12 characters',
    '"nextPageToken": "CAUQAA1234abcd"', '$skiptoken=eyJza2lwIjoxMH0', 'publicKeyToken=b77a5c561934e089', 'secretName: db-password-2',
    '"integrity": "sha512-' + 'Aa1+'.repeat(21) + 'Ab=="', '-----BEGIN PUBLIC KEY-----\n' + 'A'.repeat(64), '-----BEGIN PRIVATE KEY-----\n...',
    'git@github.com:contoso/app.git', 'npm i @azure/identity@4.14.1', 'AWS account 123456789012', 'corporate number 7000012050002',
    'build 20261121.3, 2026-11-21 15:47:03', 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 'https://contoso.com:8443/a@b', '1.2.3.4:5678',
    '3fa85f64-5717-4562-b3fc-2c963f66afa6', 'Bearer authentication is required for this address', 'パスワードは必須です', '비밀번호는 8자 이상',
  ]; // prettier-ignore
  for (const text of harmless) assert.equal(redacted(text), text);
});

test('takes the name of a member for what it says of its value', () => {
  assert.equal(redacted('correcthorse', { key: 'adminPassword' }), '****');
  assert.equal(redacted('c0nt0s0-8f3a2b', { key: 'client_secret' }), '****');
  assert.equal(redacted('123456789018', { key: '個人番号' }), '************');
  assert.equal(redacted('correcthorse', { key: 'passwordPolicy' }), 'correcthorse');
  assert.equal(redacted('string', { key: 'password' }), 'string');
});

test('does by default what the settings say: secrets and numbers are masked, contacts noted', () => {
  const usual = createRedaction(redactionSettings.parse({}));
  const text = 'dana@contoso.com, card 4111111111111111, password=abc123!';
  assert.deepEqual(
    usual.find(text).map(({ rule, kind, act }) => `${kind} ${rule} ${act}`),
    ['personal email flag', 'personal card redact', 'secret password redact'],
  );
});

test('does otherwise for some servers, tools, groups and roles, the first that fits and says something', () => {
  const told = redactionOf({
    rules: { password: 'off' },
    overrides: [
      { match: { servers: ['hr-*'], tools: ['export'] }, contacts: 'redact' },
      { match: { roles: ['Auditor'] }, numbers: 'off', rules: { email: 'off' } },
      { match: { groups: ['makers'] }, rules: { email: 'redact', password: 'redact' } },
    ],
  });
  const text = 'dana@contoso.com 4111111111111111 password=abc123!';
  const card = '************1111';
  assert.equal(told(text), `dana@contoso.com ${card} password=abc123!`);
  assert.equal(told(text, { server: 'hr-jp', tool: 'export' }), `d***@contoso.com ${card} password=abc123!`);
  assert.equal(told(text, { server: 'hr-jp' }), `dana@contoso.com ${card} password=abc123!`);
  assert.equal(
    told(text, { roles: ['Auditor'], groups: ['makers'] }),
    'dana@contoso.com 4111111111111111 password=****',
  );
  assert.equal(told(text, { groups: ['makers'] }), `d***@contoso.com ${card} password=****`);
});

test('finds in order and without overlaps, and writes base64 anew around what it masks', () => {
  const redaction = createRedaction(redactionSettings.parse({ contacts: 'redact' }));
  const encoded = Buffer.from('host: db\npassword: Tr0ub4dor.3\nport: 5432\n').toString('base64');
  const text = `a@b.example ${encoded} Bearer ${'aB3_'.repeat(10)} postgres://u:pw123@db/x?password=abc123`;
  const found = redaction.find(text);
  for (const [index, each] of found.entries()) {
    assert.ok(each.from < each.to && each.to <= text.length);
    assert.ok(index === 0 || each.from >= found[index - 1]!.to);
  }
  const [, again] = withReplacements(text, found).split(' ');
  assert.equal(Buffer.from(again!, 'base64').toString(), 'host: db\npassword: ****\nport: 5432\n');
});
