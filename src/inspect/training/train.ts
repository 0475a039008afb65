// Makes the model that ships.
import { writeFileSync } from 'node:fs';
import { writeModel } from '../shield/model.ts';
import { divide, readCorpus } from './corpus.ts';
import { learn } from './learn.ts';

const texts = readCorpus(import.meta.dirname);
const model = learn(texts, divide(texts));
writeFileSync(new URL('../shield/model.json', import.meta.url), `${JSON.stringify(writeModel(model), undefined, 2)}\n`);
process.stdout.write(`thresholds: ${JSON.stringify(model.thresholds)}\nnext: npm run shield:report\n`);
