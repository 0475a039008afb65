// How large a regular expression becomes when its counted repeats are written out, seen before it is compiled: nothing
// interrupts that, and `a{1000}` a few hundred times over takes seconds and half a gigabyte.

/** About the instructions of the program; what is no regular expression gets some number as well. */
export function sizeWrittenOut(source: string): number {
  const outer: number[] = [];
  let sum = 0;
  let last = 0;
  for (let at = 0; at < source.length; at++) {
    if (source[at] === '(') {
      outer.push(sum);
      sum = 0;
      last = 0;
      continue;
    }
    const times = repeatsAt(source, at);
    if (times > 0) {
      last *= times - 1;
      at = endAt(source, '}', at);
    } else if (source[at] === ')') {
      last = sum + 1;
      sum = outer.pop() ?? 0;
    } else {
      last = 1;
      at = endOfAtom(source, at);
    }
    sum += last;
  }
  return outer.reduce((all, each) => all + each, sum);
}

/** How often `{n}`, `{n,}` or `{n,m}` repeats; 0 where none of them stands. */
function repeatsAt(source: string, at: number): number {
  if (source[at] !== '{') return 0;
  const [, least, most] = /^\{(\d{1,4})(?:,(\d{0,4}))?\}/.exec(source.slice(at, at + 12)) ?? [];
  return least === undefined ? 0 : Math.max(1, Number(least), Number(most ?? 0));
}

/** The last character of a class, of `\x{…}` and `\p{…}`, of another escape, or the character itself. */
function endOfAtom(source: string, at: number): number {
  if (source[at] === '\\') {
    const inBraces = 'xpP'.includes(source[at + 1] ?? ' ') && source[at + 2] === '{';
    return inBraces ? endAt(source, '}', at) : at + 1;
  }
  if (source[at] !== '[') return at;
  let end = source[at + 1] === '^' ? at + 2 : at + 1;
  if (source[end] === ']') end += 1;
  while (end < source.length && source[end] !== ']') end += source[end] === '\\' ? 2 : 1;
  return end;
}

function endAt(source: string, char: string, at: number): number {
  const found = source.indexOf(char, at);
  return found < 0 ? source.length : found;
}
