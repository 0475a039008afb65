// Texts by characters, as people count them: a code point is one, however many units JavaScript keeps it in.

import { spend } from '../effort.ts';

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

const atOnce = 4096;

/** Writes each character of a text anew. */
export function written(text: string, write: (character: string) => string): string {
  return piecesOf(text, (piece) => Array.from(piece, write).join('')).join('');
}

export function reversed(text: string): string {
  return piecesOf(text, (piece) => Array.from(piece).reverse().join(''))
    .reverse()
    .join('');
}

/** Makes something of a text piece by piece, no character cut in two, looking at the time in between. */
export function piecesOf(text: string, make: (piece: string) => string): string[] {
  const pieces: string[] = [];
  for (let from = 0, to = 0; from < text.length; from = to) {
    to = from + atOnce + (wide.test(text[from + atOnce - 1] ?? '') ? 1 : 0);
    spend(atOnce);
    pieces.push(make(text.slice(from, to)));
  }
  return pieces;
}
