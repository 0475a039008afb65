// The one rule by which the shield's own opinion and those of judges become one.

export type Level = 'nothing' | 'suspicious' | 'certain';

/** What one judge says of a text, and what its word counts for. */
export interface Opinion {
  readonly says: 'attack' | 'harmless' | 'none';
  /** The highest level from which its "harmless" clears a text. */
  readonly mayClear: Level;
  /** What it means when it has no opinion. */
  readonly onFailure: 'ignore' | 'block';
}

const strengths: readonly Level[] = ['nothing', 'suspicious', 'certain'];

/**
 * An attack that any judge sees is certain, and so is what a judge that has to be heard says nothing of. Only then does "harmless"
 * count, and only from a judge that may clear so much. Otherwise the shield's own opinion stands.
 */
export function combine(own: Level, opinions: readonly Opinion[]): Level {
  const isRaised = ({ says, onFailure }: Opinion): boolean =>
    says === 'attack' || (says === 'none' && onFailure === 'block');
  if (opinions.some(isRaised)) return 'certain';
  const isCleared = ({ says, mayClear }: Opinion): boolean =>
    says === 'harmless' && strengths.indexOf(own) <= strengths.indexOf(mayClear);
  return opinions.some(isCleared) ? 'nothing' : own;
}
