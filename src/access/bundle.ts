// Actions that are needed together at one scope: judged at once, and what roles say of all of them is remembered with the object.
import type { NeededAction } from './action-map.ts';

/** The same object for every call that needs just these. */
export interface Bundle {
  readonly actions: readonly Pick<NeededAction, 'action' | 'data'>[];
}

/** One bit an action, in numbers that take no place of their own in memory. */
export const mostTogether = 30;

/** Every action of a bundle, as bits. */
export const allOf = ({ actions }: Bundle): number => (1 << actions.length) - 1;

export function createBundle(actions: Bundle['actions']): Bundle {
  if (actions.length > mostTogether) throw new RangeError(`more than ${mostTogether} actions at one place`);
  return { actions: actions.map(({ action, data }) => ({ action, data })) };
}

/**
 * Finds the part of some needs that a call has.
 * @returns `undefined` where it has none of them
 */
export function createChoice<Asked>(
  needs: readonly (Bundle['actions'][number] & { readonly applies: ((asked: Asked) => boolean) | undefined })[],
): (asked: Asked) => Bundle | undefined {
  const bundles = new Map<number, Bundle>();
  const all = createBundle(needs);
  if (needs.every(({ applies }) => applies === undefined)) return () => all;
  return (asked) => {
    let chosen = 0;
    for (let at = 0; at < needs.length; at += 1) if (needs[at]!.applies?.(asked) ?? true) chosen |= 1 << at;
    if (chosen === 0) return undefined;
    let bundle = bundles.get(chosen);
    if (bundle === undefined)
      bundles.set(chosen, (bundle = createBundle(needs.filter((_, at) => (chosen & (1 << at)) !== 0))));
    return bundle;
  };
}
