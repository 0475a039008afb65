// By what a sink is known to have had of this very log: some of the records that it has acknowledged, more of the newer ones.

export interface Mark {
  readonly index: number;
  /** Of the record that stood there: another one has another id. */
  readonly eventId: string;
}

/**
 * Adds a mark, and lets go of those that are hardly missed: of the records between two marks there are at most as many as after
 * them. So there are few, and whoever has to go back to one goes about twice as far as would have been needed.
 * @param marks the oldest first
 */
export function withMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  const kept: Mark[] = [mark];
  const older = marks.filter(({ index }) => index < mark.index).toReversed();
  older.forEach((each, at) => {
    const next = older[at + 1];
    const isNeeded = next === undefined || mark.index - next.index > 2 * (mark.index - kept.at(-1)!.index);
    if (isNeeded) kept.push(each);
  });
  return kept.toReversed();
}
