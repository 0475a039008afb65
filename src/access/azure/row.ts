// The words in which the rows of the Azure map are written: what a tool needs, where, and what each of its arguments is.
import type { Effect } from '../decision.ts';
import type { AttributeReader } from './attributes.ts';

/** Where an action is needed. What a call leaves out widens the place: no resource group → the subscription. */
export type Place =
  | { readonly kind: 'own' | 'root' | 'subscription' | 'group' }
  /** A type path below the resource group with `{argument}` for names; it ends before the first name that the call leaves out. */
  | { readonly kind: 'resource'; readonly path: string }
  /** A resource that the server reaches by its worldwide name or address, in whichever subscription that lies. */
  | { readonly kind: 'global'; readonly type: string; readonly argument: string; readonly as: 'host' | 'endpoint' }
  /** The resources whose ids stand in an argument (one, a list, or ids between commas); `undefined` allows any type. */
  | { readonly kind: 'id'; readonly argument: string; readonly type: string | undefined };

/** When an action is needed, if not always. */
export interface Condition {
  /** `path` = holds a file path instead of an SSH public key; `cross` = a KQL query that reaches beyond its own database. */
  readonly when: 'given' | 'missing' | 'not true' | 'path' | 'cross';
  readonly argument: string;
}

export interface Need {
  /** Azure operation; `call` and `local-files` are actions of our own on the tool itself. */
  readonly action: string;
  readonly data?: boolean;
  /** The place of the row unless another is named. */
  readonly place?: Place;
  readonly condition?: Condition;
}

export interface ArgumentWords {
  /** Identifiers and settings that the server may put into paths: no `/ ? # % &`, quotes or control characters. */
  readonly words?: string;
  /** Resource types such as `Microsoft.Compute/virtualMachines`. */
  readonly types?: string;
  /** Bodies, filters, sizes, switches: they change what is done to the place, never which place. */
  readonly inert?: string;
  /** What the arguments say of the thing itself, by the names that conditions use. A `location` is found without being listed. */
  readonly attributes?: Readonly<Record<string, AttributeReader>>;
}

export interface Row extends ArgumentWords {
  readonly effect: Effect;
  readonly place: Place;
  readonly needs: readonly Need[];
}

type Needed = string | Need | readonly Need[];

const listOf = (needed: readonly Needed[]): Need[] =>
  needed.flatMap((need) => (typeof need === 'string' ? [{ action: need }] : need));

const rowOf =
  (effect: Effect) =>
  (place: Place, needs: readonly Needed[], words: ArgumentWords = {}): Row => ({
    effect,
    place,
    needs: listOf(needs),
    ...words,
  });

/** `read(place, needs, words)`: one tool. Its effect is judged from what the server does, not from the tool's hints. */
export const read = rowOf('read');
export const write = rowOf('write');
export const destroy = rowOf('destroy');

/** A tool that touches nothing of the customer's in Azure. */
export const advice = (words: ArgumentWords = {}): Row => read(own, ['call'], words);

export const own: Place = { kind: 'own' };
export const root: Place = { kind: 'root' };
export const subscription: Place = { kind: 'subscription' };
export const group: Place = { kind: 'group' };
export const resource = (path: string): Place => ({ kind: 'resource', path });
export const host = (type: string, argument: string): Place => ({ kind: 'global', type, argument, as: 'host' });
export const endpoint = (type: string, argument: string): Place => ({ kind: 'global', type, argument, as: 'endpoint' });
export const id = (argument: string, type?: string): Place => ({ kind: 'id', argument, type });

/** Checked against DataActions. */
export const data = (...actions: string[]): Need[] => actions.map((action) => ({ action, data: true }));
export const at = (place: Place, ...needed: Needed[]): Need[] => listOf(needed).map((need) => ({ place, ...need }));

const conditional =
  (when: Condition['when']) =>
  (argument: string, ...needed: Needed[]): Need[] =>
    listOf(needed).map((need) => ({ ...need, condition: { when, argument } }));

export const given = conditional('given');
export const missing = conditional('missing');
export const unlessTrue = conditional('not true');

/** The server reads or writes files of its own machine at a path that the caller chooses. */
export const localFiles: readonly Need[] = at(own, 'local-files');
export const localFilesIfPath = (argument: string): Need[] => conditional('path')(argument, localFiles);
/** KQL can name other clusters, workspaces and outside addresses; then it needs the actions everywhere. */
export const everywhereIfCross = (argument: string, ...needed: Needed[]): Need[] =>
  conditional('cross')(argument, at(root, ...needed));
