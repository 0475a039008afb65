// Work on several things at once, but not on all of them.

/** Takes items in their order, so many at once. */
export async function inTurns<T>(items: Iterable<T>, breadth: number, take: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const turn = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await take(next.value);
  };
  await Promise.all(Array.from({ length: breadth }, turn));
}
