// Goes through what a server shows a little at a time: a list may have a hundred thousand items, and others have their turn meanwhile.

/** A few milliseconds of work. */
const portion = 250;

export async function inPortions<Item>(
  items: readonly Item[],
  act: (item: Item, at: number) => unknown,
): Promise<void> {
  for (let at = 0; at < items.length; at++) {
    if (at > 0 && at % portion === 0) await new Promise(setImmediate);
    act(items[at]!, at);
  }
}
