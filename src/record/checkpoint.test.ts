// Checkpoints that somebody has kept, as editors, mail and crashes leave them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKept, signCheckpoint } from './checkpoint.ts';
import { emptyRoot } from './merkle.ts';
import { createSigner, createVerifier, generateSigningKey } from './note.ts';

const signer = createSigner(generateSigningKey('front.example/audit/a'));
const verifier = createVerifier(signer.verifierKey);
const note = (size: number): string => signCheckpoint(signer, size, emptyRoot);
const found = (text: string) => {
  const { checkpoints, strange } = readKept(verifier, text);
  return { sizes: checkpoints.map(({ size }) => size), strange };
};

test('other ends of lines, a byte order mark and a lost last newline change nothing of what was signed', () => {
  const kept = `${note(1)}\n${note(2)}`;
  for (const text of [kept, kept.replaceAll('\n', '\r\n'), `\ufeff${kept}`, kept.trimEnd(), `\n${kept}\n\n`])
    assert.deepEqual(found(text), { sizes: [1, 2], strange: 0 }, JSON.stringify(text));
});

test('whatever is no checkpoint of this key is counted, also beside some that are', () => {
  const stranger = signCheckpoint(createSigner(generateSigningKey('front.example/audit/a')), 2, emptyRoot);
  for (const text of [
    '<html>\n\n<p>403</p>\n',
    stranger,
    note(2).replaceAll('\n', ' \n'),
    note(2).replace('\n2\n', '\n3\n'),
  ])
    for (const kept of [`${text}\n${note(1)}`, `${note(1)}\n${text}`]) {
      const { sizes, strange } = found(kept);
      assert.deepEqual([sizes, strange > 0], [[1], true], JSON.stringify(kept));
    }
  assert.deepEqual(found('\n'), { sizes: [], strange: 0 });
});

test('wherever a crash cut one off, the next one tells that it was a crash; at the end nothing does', () => {
  const whole = Buffer.from(note(2));
  // Without its last newline it is whole.
  for (let length = 1; length < whole.length - 1; length += 1) {
    const cut = whole.subarray(0, length).toString();
    const kept = `${note(1)}\n${cut}${cut.endsWith('\n') ? '\n' : '\n\n'}${note(3)}`;
    assert.deepEqual(found(kept), { sizes: [1, 3], strange: 0 }, JSON.stringify(cut));
    assert.notEqual(found(`${note(1)}\n${cut}`).strange, 0, JSON.stringify(cut));
  }
});
