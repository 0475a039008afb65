// Makes the model that ships: learns from the first part of the texts, chooses the thresholds on the second.
import { writeFileSync } from 'node:fs';
import { createShield } from '../shield/linear-shield.ts';
import type { WrittenModel } from '../shield/model.ts';
import { divide, readCorpus, wordless } from './corpus.ts';
import type { Text } from './corpus.ts';
import { encode } from './encode.ts';
import { fit } from './fit.ts';
import { quantise } from './quantise.ts';
import { isOrdinary, thresholdAt } from './rates.ts';

const texts = readCorpus(import.meta.dirname).filter(({ family }) => !wordless.has(family));
const parts = divide(texts);
const part = (name: string): Text[] => texts.filter((_, index) => parts[index] === name);

const learned = quantise(fit(part('train').map(encode)));
const trial = createShield({ ...learned, thresholds: { spotlight: 0.5, block: 0.9 } });
const scores = part('choose')
  .filter(isOrdinary)
  .map(({ text }) => trial.scan(text).score);
const thresholds = { spotlight: thresholdAt(scores, 0.01), block: thresholdAt(scores, 0.001) };

const { step, bias } = learned;
const weights = Buffer.from(learned.weights.buffer).toString('base64');
const model: WrittenModel = { step, bias, thresholds, weights };
writeFileSync(new URL('../shield/model.json', import.meta.url), `${JSON.stringify(model, undefined, 2)}\n`);
process.stdout.write(
  `learned from ${part('train').length} texts; thresholds on ${scores.length} harmless ones: ${JSON.stringify(thresholds)}\n` +
    'next: npm run shield:report\n',
);
