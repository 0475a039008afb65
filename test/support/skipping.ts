// Tests that need a program of the machine. Without it they are skipped and say so, unless GENKAN_NO_SKIPS is set: then its absence fails them.

/** @returns what `skip` of a test takes */
export function unless(present: boolean, why: string): string | false {
  if (present) return false;
  if (process.env['GENKAN_NO_SKIPS']) throw new Error(`${why}, and no test may be skipped here`);
  return why;
}
