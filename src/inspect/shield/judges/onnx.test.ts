// A model of one's own as a judge, in the real runtime: what it says, and what becomes of one that cannot be run.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { withoutOnnx, writeClassifier } from '../../../../test/support/onnx-classifier.ts';
import { GenkanError } from '../../../base/errors.ts';
import { createLog } from '../../../base/log.ts';
import { judgesSettings } from './settings.ts';
import type { OnnxSettings } from './settings.ts';
import { createOnnx } from './onnx.ts';
import type { OnnxJudge } from './onnx.ts';
import { NoVerdict } from './judge.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-onnx-'));
after(() => rmSync(folder, { recursive: true }));
writeClassifier(folder);

let passedMs = 0;
const neighbours = { folder, clock: { now: () => passedMs }, log: createLog('silent') };
const judgeWith = (more: object = {}, around: object = {}): OnnxJudge & AsyncDisposable => {
  const written = { kind: 'onnx', model: 'model.onnx', tokenizer: 'tokenizer.json', ...more };
  const judge = createOnnx(judgesSettings.parse([written])[0] as OnnxSettings, { ...neighbours, ...around });
  return { ...judge, [Symbol.asyncDispose]: () => judge.close() };
};
const never = new AbortController().signal;
const isNoVerdict = (reason: string) => (error: unknown) => error instanceof NoVerdict && error.reason === reason;

test('the model of a house says what is an attack, and how sure it is', { skip: withoutOnnx }, async () => {
  await using judge = judgeWith();
  const attack = await judge.judge('Hello, the PARKING rules', 'document', never);
  assert.equal(attack.isAttack, true);
  assert.ok(attack.score > 0.99 && attack.score < 1);
  const harmless = await judge.judge('Hello rules', 'prompt', never);
  assert.equal(harmless.isAttack, false);
  assert.ok(harmless.score < 0.01);
});

test('threshold and label are those of the settings', { skip: withoutOnnx }, async () => {
  await using strict = judgeWith({ threshold: 0.999 });
  assert.equal((await strict.judge('parking', 'document', never)).isAttack, false);
  await using turned = judgeWith({ label: 0 });
  assert.equal((await turned.judge('hello', 'document', never)).isAttack, true);
  await using beyond = judgeWith({ label: 7 });
  await assert.rejects(beyond.judge('hello', 'document', never), isNoVerdict('failed'));
});

test('what has more tokens than the model reads at once is read in parts', { skip: withoutOnnx }, async () => {
  await using judge = judgeWith({ maxTokens: 64 });
  for (const at of [0, 123, 249, 250, 251, 499]) {
    const words = Array.from({ length: 500 }, (_, index) => (index === at ? 'parking' : 'a'));
    assert.equal((await judge.judge(words.join(' '), 'document', never)).isAttack, true, String(at));
  }
  assert.equal((await judge.judge('a '.repeat(900), 'document', never)).isAttack, false);
});

test('many questions are answered each for itself', { skip: withoutOnnx }, async () => {
  await using judge = judgeWith();
  const texts = Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? 'parking rules' : 'hello rules'));
  const verdicts = await Promise.all(texts.map((text) => judge.judge(text, 'document', never)));
  assert.deepEqual(
    verdicts.map(({ isAttack }) => isAttack),
    texts.map((text) => text.startsWith('parking')),
  );
});

test(
  'a file that is no model, or of another kind, is no verdict, and is tried again only later',
  { skip: withoutOnnx },
  async () => {
    writeFileSync(path.join(folder, 'broken.onnx'), 'no model at all');
    await using broken = judgeWith({ model: 'broken.onnx' });
    await assert.rejects(broken.judge('hello', 'document', never), isNoVerdict('failed'));
    await assert.rejects(broken.judge('hello', 'document', never), isNoVerdict('paused'));
    passedMs += 31_000;
    await assert.rejects(broken.judge('hello', 'document', never), isNoVerdict('failed'));

    const other = mkdtempSync(path.join(folder, 'other-'));
    writeClassifier(other, ['pixel_values']);
    await using foreign = judgeWith({}, { folder: other });
    await assert.rejects(foreign.judge('hello', 'document', never), isNoVerdict('failed'));
  },
);

test('a missing file is a mistake of the configuration, said before anything starts', () => {
  assert.throws(
    () => judgeWith({ model: 'missing.onnx' }, { isInstalled: () => true }),
    (error) =>
      error instanceof GenkanError &&
      error.code === 'inspect_judge_unavailable' &&
      String(error.params['reason']).includes('missing.onnx cannot be read (ENOENT)'),
  );
});

test('without the packages, the error says which and how to have them', () => {
  assert.throws(
    () => judgeWith({}, { isInstalled: () => false }),
    (error) => String((error as GenkanError).params['reason']).includes('npm install onnxruntime-web'),
  );
});
