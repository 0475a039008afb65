// How the weights of a stretch of text become its score: one window, long enough for a sentence with what is around it.

/** Units that are looked at together: about four lines of English, or two of Japanese. */
export const windowUnits = 64;

/** Where a text is shorter than this many features, it has said too little to be sure of. */
const few = 20;
const strength = 10;

/** What the sum of a window's weights is multiplied with: long windows would outweigh short ones otherwise. */
export const scaleOf = (features: number): number => strength / Math.sqrt(features + few);

/** The chance that belongs to a score in log odds. */
export const chanceOf = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

export const logOddsOf = (chance: number): number => Math.log(chance / (1 - chance));
