// What somebody may have meant who wrote a word that there is not.

/** `; did you mean 'summarize'?`, or nothing where no word is near. */
export function nearest(word: string, candidates: Iterable<string>): string {
  const wanted = word.toLowerCase();
  if (wanted.length < 2 || wanted.length > 32) return '';
  const most = wanted.length < 5 ? 1 : 2;
  let best: string | undefined;
  let least = most + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= least) continue;
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best === undefined ? '' : `; did you mean '${best}'?`;
}

/** How many letters are to be added, left out, changed or exchanged with their neighbour. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let j = 1; j <= right.length; j++) {
      const isSame = left[i - 1] === right[j - 1];
      let edits = Math.min(row[j]! + 1, current[j - 1]! + 1, row[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        edits = Math.min(edits, before[j - 2]! + 1);
      }
      current.push(edits);
    }
    [before, row] = [row, current];
  }
  return row[right.length]!;
}
