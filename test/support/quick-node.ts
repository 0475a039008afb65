// Node for servers of ours in TypeScript. They get next to no environment, so nothing else tells them where compiled code lies.

/** The beginning of a command line; a program and its arguments follow. */
export const quickNode: readonly string[] = [
  process.execPath,
  `--import=${new URL('compiled-once.js', import.meta.url).href}`,
];

/** Words of a command line for a shell. */
export const inShell = (...words: string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
