// How the weights of a stretch of text become its score: windows long enough for an order, and for what is around it.

/** Units that are looked at together: a sentence or two in a long text, and a paragraph. Each size has a bias of its own. */
export const windows: readonly number[] = [24, 96];

/** Where a text is shorter than this many units, it has said too little to be sure of. */
const few = 16;
const strength = 4;

/** What the sum of the weights of so many units is multiplied with: long windows would outweigh short ones otherwise. */
const scales = Float64Array.from({ length: 1 + Math.max(...windows) }, (_, units) => strength / Math.sqrt(units + few));
export const scaleOf = (units: number): number => scales[units]!;

/** The chance that belongs to a score in log odds. */
export const chanceOf = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

export const logOddsOf = (chance: number): number => Math.log(chance / (1 - chance));
