// Other spellings of the address of a resource (RFC 3986 §6.2.2): servers take them for the same, so labels have to.

const address = /^[a-z][a-z0-9+.-]*:/i;
/** Servers decode once; what stands before them may have done so, too. */
const maxDecodings = 3;

/** @returns none for names that are no address */
export function otherSpellings(name: string | undefined): readonly string[] {
  if (name === undefined || !address.test(name)) return [];
  return [...new Set([folded(name), folded(normalised(name)), folded(normalised(decoded(name)))])];
}

/** Decoded, and in small letters: a pattern as well as an address. */
export const folded = (text: string): string => decoded(text).toLowerCase();

function decoded(text: string): string {
  let now = text;
  for (let times = 0; times < maxDecodings && now.includes('%'); times++)
    now = now.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
  return now;
}

/** Without `.` and `..`, empty segments, a port that goes without saying, and the like. */
function normalised(uri: string): string {
  if (!URL.canParse(uri)) return uri;
  const { href } = new URL(uri);
  const [, begin, path] = /^([^:]*:\/\/[^/]*\/)\/*(.*)$/s.exec(href) ?? [];
  return path === undefined ? href : `${begin}${path.replace(/\/+/g, '/')}`;
}
