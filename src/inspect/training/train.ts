// Makes the model that ships.
import { writeFileSync } from 'node:fs';
import type { WrittenModel } from '../shield/model.ts';
import { divide, readCorpus } from './corpus.ts';
import { learn } from './learn.ts';

const texts = readCorpus(import.meta.dirname);
const { weights, ...rest } = learn(texts, divide(texts));
const model: WrittenModel = { ...rest, weights: Buffer.from(weights.buffer).toString('base64') };
writeFileSync(new URL('../shield/model.json', import.meta.url), `${JSON.stringify(model, undefined, 2)}\n`);
process.stdout.write(`thresholds: ${JSON.stringify(rest.thresholds)}\nnext: npm run shield:report\n`);
