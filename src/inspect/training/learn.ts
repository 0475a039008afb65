// From texts to a model: weights from the first part, thresholds from the second.
import { createShield } from '../shield/linear-shield.ts';
import type { Model } from '../shield/model.ts';
import { taught } from './corpus.ts';
import type { Part, Place, Text } from './corpus.ts';
import { encode } from './encode.ts';
import { embedded } from './embedded.ts';
import { fit, fitMean } from './fit.ts';
import { plainDescriptions } from './plain-descriptions.ts';
import { plainIdentifiers } from './plain-identifiers.ts';
import { plainOrders } from './plain-orders.ts';
import { onlyPlaced, quantise } from './quantise.ts';
import { isOrdinary, rareThresholdAt, thresholdAt } from './rates.ts';
import { createVocabulary } from './vocabulary.ts';

export function learn(texts: readonly Text[], places: readonly Place[]): Model {
  const part = (name: Part, alone = false): Text[] =>
    texts.filter((text, index) => places[index]!.part === name && (places[index]!.first || !alone) && taught(text));
  const train = part('train');
  const vocabulary = createVocabulary();
  const rows = [
    ...[...train, ...plainDescriptions(), ...plainIdentifiers()].map((text) => encode(text, vocabulary)),
    ...plainOrders().map((text) => encode(text, vocabulary, 2)), // against the many that only quote them
    ...embedded(train).map((text) => encode(text, vocabulary, 0.5)), // they are there a second time
  ];
  // Learned twice: what features without a slot had taken upon themselves, the others learn once more.
  const placed = onlyPlaced(fit(rows, vocabulary.size(), { epochs: 8, hidden: 0.3 }), vocabulary, rows);
  const learned = quantise(fitMean(placed, vocabulary.size()), vocabulary, placed);
  const { scan } = createShield({ ...learned, thresholds: { spotlight: 0.999, block: 0.999 } });
  const scores = part('choose', true)
    .filter(isOrdinary)
    .map(({ text }) => scan(text).score);
  return { ...learned, thresholds: { spotlight: thresholdAt(scores, 0.01), block: rareThresholdAt(scores, 0.001) } };
}
