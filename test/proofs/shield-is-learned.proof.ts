// The model that ships is what follows from the texts in the repository, byte by byte.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { writeModel } from '../../src/inspect/shield/model.ts';
import { divide, readCorpus } from '../../src/inspect/training/corpus.ts';
import { learn } from '../../src/inspect/training/learn.ts';

const root = path.join(import.meta.dirname, '../..');
const shipped: unknown = JSON.parse(readFileSync(path.join(root, 'src/inspect/shield/model.json'), 'utf8'));

test('learning from the texts once more gives the very model that ships', () => {
  const texts = readCorpus(path.join(root, 'src/inspect/training'));
  assert.deepEqual(writeModel(learn(texts, divide(texts))), shipped);
});

test('near-duplicates stand on one side of the division', () => {
  const texts = readCorpus(path.join(root, 'src/inspect/training'));
  const doubled = texts.slice(0, 500).map((text) => ({ ...text, id: `${text.id} again`, text: `${text.text} .` }));
  const places = divide([...texts, ...doubled]);
  for (const index of doubled.keys()) assert.equal(places[texts.length + index]!.part, places[index]!.part);
});
