// Texts by characters, as people count them: a code point is one, however many units JavaScript keeps it in.

const wide = /[\ud800-\udbff]/;

/** The characters of a text that has any of two units; undefined where units are characters. */
function characters(text: string): readonly string[] | undefined {
  return wide.test(text) ? Array.from(text) : undefined;
}

export function lengthOf(text: string): number {
  return characters(text)?.length ?? text.length;
}

export function part(text: string, from: number, to: number): string {
  const all = characters(text);
  return all === undefined ? text.slice(from, to) : all.slice(from, to).join('');
}

/** The place of a unit among the characters. */
export function placeOf(text: string, unit: number): number {
  return lengthOf(text.slice(0, unit));
}

/** The unit where a character begins. */
export function unitOf(text: string, place: number): number {
  const all = characters(text);
  return all === undefined ? Math.min(place, text.length) : all.slice(0, place).join('').length;
}

export function reversed(text: string): string {
  return Array.from(text).reverse().join('');
}
