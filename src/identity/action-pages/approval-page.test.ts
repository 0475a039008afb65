// Tests of the page of an approval: what nobody was shown, nobody approves there; and nothing on it looks like something else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languages } from '../../base/text.ts';
import type { ShownApproval } from './acts.ts';
import { approvalPage } from './approval-page.ts';

const approval: ShownApproval = {
  id: 'abc',
  kind: 'policy-change',
  state: 'pending',
  subject: '+ assignment of "Tiny" to user dana at /',
  requester: { id: 'https://login.example#dana', name: 'dana@example.com' },
  justification: 'readers',
  approvers: ['user sena'],
  expiresAt: '2026-01-01T00:00:00Z',
  mayDecide: true,
  details: {},
};
const changed = (count: number): object => ({
  changes: [...Array(count).keys()].flatMap((at) => [
    `+ assignment of "Tiny" to user reader-${at} at /servers/files`,
    '    + scope: /servers/files',
  ]),
  edits: [{ kind: 'assignment', id: 'made-by-us' }],
  restsOn: { 'role Tiny': 'a-digest' },
});
const markup = (changes: object, language: (typeof languages)[number] = 'en'): string =>
  approvalPage(
    { approval: { ...approval, ...changes }, path: '/approvals/abc', formToken: 't', viewer: 'sena' },
    language,
  ).body.markup;

test('a change is read line by line, without what only carrying it out needs, and approved', () => {
  const page = markup({ details: changed(2) });
  assert.match(page, /<pre>\+ assignment [^<]* reader-0 [^<]*\n {4}\+ scope: [^<]*\n\+ assignment [^<]* reader-1 /);
  assert.doesNotMatch(page, /made-by-us|a-digest|edits|restsOn/);
  assert.match(page, /value="approve"/);
});

test('what does not fit on the page is cut with a mark, and cannot be approved there but be refused, in every language', () => {
  for (const language of languages) {
    const page = markup({ details: changed(300) }, language);
    assert.match(page, /reader-0 [^]*\n…<\/pre>/);
    assert.doesNotMatch(page, /reader-299|value="approve"/);
    assert.match(page, /<p class="note">[^<]*genkan approval show abc/);
    assert.match(page, /value="deny"/);
  }
  const call = {
    kind: 'call',
    details: { primitive: 'tools', name: 'write', arguments: { text: 'x'.repeat(12_001) } },
  };
  assert.doesNotMatch(markup(call), /value="approve"/);
  const [before, after] = [' '.repeat(11_000), '\u202e'.repeat(400)];
  const hidden = markup({ kind: 'call', details: { name: `${before}${after}` } });
  assert.match(hidden, /value="approve"/, 'what is written out counts as one character');
});

test('nothing on the page acts without being seen, or makes one line look like two', () => {
  const page = markup({
    subject: 'a\u202eb',
    requester: { id: 'https://login.example#d\u200bana', name: 'se\u2066na' },
    justification: 'first\r\nsecond\u061c',
    approvers: ['user s\u00adena'],
    details: { changes: ['+ role A\n+ role B', '+ role C\u3164'] },
  });
  for (const written of [
    'a\\u{202e}b',
    'd\\u{200b}ana',
    'se\\u{2066}na',
    'second\\u{61c}',
    's\\u{ad}ena',
    'C\\u{3164}',
  ])
    assert.ok(page.includes(written), written);
  assert.ok(page.includes('<pre>+ role A\\u{a}+ role B\n+ role C'));
  assert.ok(page.includes('first\nsecond'));
  assert.doesNotMatch(page, /[\p{Cf}\u3164]/u);
  const call = markup({ kind: 'call', details: { name: 'x', arguments: { path: '/a\u202etxt.exe' } } });
  assert.match(call, /\/a\\u\{202e\}txt\.exe/);
});

test('who asks is named by the id, beside the name that they have chosen', () => {
  assert.match(markup({}), /dana@example\.com<small>https:\/\/login\.example#dana<\/small>/);
  assert.doesNotMatch(markup({ requester: { id: 'dana', name: 'dana' } }), /<small>dana/);
});
