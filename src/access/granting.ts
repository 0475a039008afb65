// Where somebody does have an action that is missing elsewhere: a few scopes, for people to read.
import { isInTime } from './moment.ts';
import type { Terms } from './placed.ts';
import type { Role } from './role.ts';
import type { Scope } from './scope.ts';
import type { VerdictTable, Verdicts } from './verdicts.ts';

/** Texts of scopes, and the same as one text. Shared by all refusals that tell of them. */
export interface Granting {
  readonly scopes: readonly string[];
  readonly listed: string;
}

/** A grant that does not hold at all times. */
export interface Timed {
  /** Of its role in the table of verdicts. */
  readonly column: number;
  readonly terms: Terms;
  readonly scope: Scope;
}

/** What somebody holds, by role. */
export interface Held {
  readonly columns: readonly number[];
  /** The scopes of each of those roles. */
  readonly scopesOf: readonly (readonly Scope[])[];
  readonly timed: readonly Timed[];
}

export interface WhereGranted {
  /** Some scopes at which an action of a table is granted: the first few. */
  granting(table: VerdictTable, at: number, nowMs: number): Granting;
  /** The actions of a table that not just the same roles grant as one of them, as bits. */
  grantedUnlike(table: VerdictTable, at: number): number;
}

/** No more are told. */
export const mostListed = 5;

// Of each principal.
const rememberedLists = 64;
/** Of how many a number can tell exactly which of them grant. */
const mostTold = 52;

export function grantingAt(texts: ReadonlySet<string>): Granting {
  const scopes = Object.freeze([...texts].slice(0, mostListed));
  return { scopes, listed: scopes.join(', ') };
}

export function createWhereGranted(
  { columns, scopesOf, timed }: Held,
  { grants }: Pick<Verdicts<Role>, 'grants'>,
): WhereGranted {
  const timedColumns = timed.map(({ column }) => column);
  // A principal has few roles, and actions differ in which of them grant: one list for each such difference.
  const told = new Map<number, Granting>();

  function tell(which: number, length: number, find: () => ReadonlySet<string>): Granting {
    const known = length > mostTold ? undefined : told.get(which);
    if (known !== undefined) return known;
    const found = grantingAt(find());
    if (length > mostTold) return found;
    if (told.size >= rememberedLists) told.clear();
    told.set(which, found);
    return found;
  }

  return {
    granting(table, at, nowMs) {
      const bit = 1 << at;
      // A bit for each; the 1 before tells numbers of two lengths apart.
      let which = 1;
      for (const column of columns) which = 2 * which + ((grants(table, column) & bit) === 0 ? 0 : 1);
      const always = tell(which, columns.length, () => {
        const texts = new Set<string>();
        for (let index = 0; index < columns.length && texts.size < mostListed; index += 1)
          if ((grants(table, columns[index]!) & bit) !== 0)
            for (const { text } of scopesOf[index]!) if (texts.size < mostListed) texts.add(text);
        return texts;
      });
      if (always.scopes.length >= mostListed) return always;
      const inTime: string[] = [];
      for (let index = 0; index < timed.length; index += 1) {
        const holds = (grants(table, timedColumns[index]!) & bit) !== 0 && isInTime(timed[index]!.terms, nowMs);
        which = 2 * which + (holds ? 1 : 0);
        if (holds) inTime.push(timed[index]!.scope.text);
      }
      if (inTime.length === 0) return always;
      return tell(which, columns.length + timed.length, () => new Set([...always.scopes, ...inTime]));
    },
    grantedUnlike(table, at) {
      let unlike = 0;
      for (const some of [columns, timedColumns])
        for (const column of some) {
          const granted = grants(table, column);
          unlike |= (granted & (1 << at)) === 0 ? granted : ~granted;
        }
      return unlike;
    },
  };
}
