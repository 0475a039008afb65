// Looking for a text in a text takes, at worst, as many steps as both are long together: what that comes to is bounded before.
import type { Place } from '../nodes.ts';
import { KqlError } from '../problem.ts';

const maxSteps = 200_000_000;

/** @throws KqlError `budget` where looking for the part may take too long */
export function refuseLongSearch(text: string, part: string, place: Place): void {
  if (text.length * part.length > maxSteps)
    throw new KqlError('budget', 'This looks for a long text in a very long one; look for less of it', place);
}
