// Tokens: who gets a value back, where, and until when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../base/errors.ts';
import { createRedaction, withReplacements } from './redaction.ts';
import { redactionSettings } from './settings.ts';
import { createTokens } from './tokens.ts';

const settings = redactionSettings.parse({
  contacts: 'tokenise',
  tokens: { lifetime: 'PT2H', mayGoTo: { directory: ['mail'] } },
});
let nowMs = Date.parse('2026-11-21T10:00:00Z');
const tokens = createTokens(Buffer.alloc(32, 7), settings.tokens, { clock: { now: () => nowMs } });
const redaction = createRedaction(settings, { tokens });
const shown = (text: string, person = 'hara#1', server = 'directory'): string =>
  withReplacements(text, redaction.find(text, { person, server }));
const text = 'Owner: sena.mori@contoso.com, deputy: sena.mori@contoso.com, 090-1234-5678';
const token = /genkan_email_[\w-]+/.exec(shown(text))![0];

test('shows the same token for the same value, and nothing of the value', () => {
  const written = shown(text);
  assert.equal(written.split(token).length, 3);
  assert.match(written, /^Owner: genkan_email_[\w-]{40,}, deputy: genkan_email_[\w-]+, genkan_phone_[\w-]+$/);
  assert.ok(!Buffer.from(token.slice(13), 'base64url').toString('latin1').includes('sena'));
});

test('puts values back where they are from, wherever in the arguments they stand, and changes nothing else', () => {
  const args = { to: [token], body: `Dear ${token}, hello`, count: 3, nested: { plain: 'x' } };
  const opened = tokens.open(args, { person: 'hara#1', server: 'directory' });
  assert.ok(!isRefusal(opened));
  assert.deepEqual(opened.args, {
    to: ['sena.mori@contoso.com'],
    body: 'Dear sena.mori@contoso.com, hello',
    count: 3,
    nested: { plain: 'x' },
  });
  const plain = { to: 'a@b.example', text: 'genkan_ is a prefix, genkan_email_ too' };
  const same = tokens.open(plain, { person: 'hara#1', server: 'directory' });
  assert.ok(!isRefusal(same) && same.args === plain);
});

test('refuses a token with more letters behind it instead of losing them', () => {
  for (const more of ['x', 'xy', 'xyz', '-'])
    assert.ok(isRefusal(tokens.open({ to: token + more }, { person: 'hara#1', server: 'directory' })), more);
});

test('puts values back into the names of members, and refuses where two would become one', () => {
  const opened = tokens.open({ rights: { [token]: 'read' } }, { person: 'hara#1', server: 'directory' });
  assert.ok(!isRefusal(opened));
  assert.deepEqual(opened.args, { rights: { 'sena.mori@contoso.com': 'read' } });
  const both = { [token]: 'read', 'sena.mori@contoso.com': 'write' };
  assert.ok(isRefusal(tokens.open(both, { person: 'hara#1', server: 'directory' })));
});

test('refuses tokens of somebody else, of another server, changed, relabelled or expired', () => {
  const refused = (given: string, person: string, server: string): boolean =>
    isRefusal(tokens.open({ to: given }, { person, server }));
  assert.ok(refused(token, 'dana#1', 'directory'));
  assert.ok(refused(token, 'hara#1', 'web'));
  assert.ok(refused(token.replace('genkan_email', 'genkan_phone'), 'hara#1', 'directory'));
  for (let at = 13; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A';
    const changed = token.slice(0, at) + other + token.slice(at + 1);
    assert.ok(refused(changed, 'hara#1', 'directory'), `changed at ${at}`);
  }
  assert.ok(!refused(token, 'hara#1', 'mail'), 'where the settings let it go');
  nowMs += 3 * 3_600_000 + 1;
  assert.ok(refused(token, 'hara#1', 'directory'), 'expired');
});

test('masks what is too long for a token, what nobody in particular hears, and what stands in base64', () => {
  assert.equal(withReplacements(text, redaction.find(text, { server: 'directory' })).includes('genkan_'), false);
  const encoded = Buffer.from('mail: sena.mori@contoso.com\n').toString('base64');
  assert.equal(Buffer.from(shown(encoded), 'base64').toString(), 'mail: s***@contoso.com\n');
  const jwtLike = createRedaction(redactionSettings.parse({ secrets: 'tokenise' }), { tokens });
  const long = `password: "${'aB3$'.repeat(100)}"`;
  const found = withReplacements(long, jwtLike.find(long, { person: 'hara#1', server: 'directory' }));
  assert.ok(!found.includes('aB3$'));
  assert.ok(!found.includes('genkan_'));
});
