// How many of some texts a model finds.
import { createShield } from '../shield/linear-shield.ts';
import type { Model } from '../shield/model.ts';
import type { Text } from './corpus.ts';

/** How many of some texts reach each of the two thresholds. */
export interface Counted {
  readonly of: number;
  readonly suspicious: number;
  readonly certain: number;
}

export function countReaching(some: readonly Text[], model: Model): Counted {
  const { scan } = createShield(model);
  const scores = some.map(({ text }) => scan(text).score);
  const reaching = (threshold: number): number => scores.filter((score) => score >= threshold).length;
  const { spotlight, block } = model.thresholds;
  return { of: some.length, suspicious: reaching(spotlight), certain: reaching(block) };
}
