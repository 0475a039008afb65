// The patterns of StringLike: `*` for any characters, `?` for one, `\*` and `\?` for the signs themselves.

/** Characters in a row, with `?` at some of them. */
interface Piece {
  readonly text: string;
  readonly open: ReadonlySet<number>;
}

/**
 * Compiles a pattern. `access/wildcard.ts` knows Azure's one wildcard of actions; conditions know a second, and escapes.
 * Takes the first place for each piece and never goes back, so that no text makes it slow.
 */
export function compileLike(pattern: string): (text: string) => boolean {
  const pieces = piecesOf(pattern);
  const [head, tail] = [pieces[0]!, pieces.at(-1)!];
  if (pieces.length === 1) return (text) => text.length === head.text.length && fits(head, text, 0);
  const middle = pieces.slice(1, -1).filter(({ text }) => text !== '');
  return (text) => {
    const end = text.length - tail.text.length;
    let from = head.text.length;
    if (end < from || !fits(head, text, 0) || !fits(tail, text, end)) return false;
    for (const piece of middle) {
      const at = find(piece, text, from, end);
      if (at === undefined) return false;
      from = at + piece.text.length;
    }
    return true;
  };
}

function piecesOf(pattern: string): Piece[] {
  const pieces: { text: string; open: Set<number> }[] = [{ text: '', open: new Set() }];
  for (let at = 0; at < pattern.length; at += 1) {
    const piece = pieces.at(-1)!;
    const [sign = '', following] = [pattern[at], pattern[at + 1]];
    if (sign === '\\' && (following === '*' || following === '?')) {
      piece.text += following;
      at += 1;
    } else if (sign === '*') pieces.push({ text: '', open: new Set() });
    else {
      if (sign === '?') piece.open.add(piece.text.length);
      piece.text += sign;
    }
  }
  return pieces;
}

function fits({ text: piece, open }: Piece, text: string, at: number): boolean {
  if (open.size === 0) return text.startsWith(piece, at);
  for (let index = 0; index < piece.length; index += 1)
    if (!open.has(index) && text[at + index] !== piece[index]) return false;
  return true;
}

function find(piece: Piece, text: string, from: number, end: number): number | undefined {
  const last = end - piece.text.length;
  if (piece.open.size === 0) {
    const at = text.indexOf(piece.text, from);
    return at < 0 || at > last ? undefined : at;
  }
  for (let at = from; at <= last; at += 1) if (fits(piece, text, at)) return at;
  return undefined;
}
