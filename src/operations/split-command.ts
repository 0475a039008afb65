// Splits a command line into program and arguments as a shell would, without any of a shell's powers.

/**
 * Splits at spaces; '…' and "…" group, a backslash takes the next character as it is (not within '…').
 * @returns undefined when a quote is left open or nothing is there
 */
export function splitCommand(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let index = 0; index < line.length; index++) {
    const character = line[index]!;
    if (character === '\\' && quote !== "'" && index + 1 < line.length) word = (word ?? '') + line[++index]!;
    else if (character === quote) quote = undefined;
    else if (quote === undefined && (character === '"' || character === "'")) [quote, word] = [character, word ?? ''];
    else if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return quote === undefined && words.length > 0 ? words : undefined;
}
