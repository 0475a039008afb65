// Somebody changes one byte of the audit database, behind Genkan's back.
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Flips one bit in the middle of the first place where the file says `text`.
 * @returns the offset of the changed byte
 */
export function flipOneByte(file: string, text: string): number {
  const bytes = readFileSync(file);
  const start = bytes.indexOf(text);
  if (start < 0) throw new Error(`${file} does not contain “${text}”`);
  const offset = start + Math.floor(text.length / 2);
  bytes[offset]! ^= 1;
  writeFileSync(file, bytes);
  return offset;
}
