// Newline framing of the stdio transport: bytes in, one message a line out, and back.
import { GenkanError } from '../base/errors.ts';
import { GatheredBytes } from './gathered-bytes.ts';

/** Splits a byte stream at line feeds. Not every line need be a message: servers print other things too. */
export class LineDecoder {
  readonly #maxLineBytes: number;
  readonly #partial: GatheredBytes;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
    this.#partial = new GatheredBytes(maxLineBytes);
  }

  /**
   * @returns the lines that the chunk completes, without their ends (LF or CRLF) and without empty ones
   * @throws GenkanError `inspect_body_too_large` when a line exceeds the bound; the stream cannot be read on after that
   */
  push(chunk: Buffer): Buffer[] {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      const line = this.#complete(chunk.subarray(start, end));
      if (line.length > 0) lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#partial.append(chunk.subarray(start));
    return lines;
  }

  #complete(end: Buffer): Buffer {
    let line = end;
    if (this.#partial.length > 0) {
      this.#partial.append(end);
      line = this.#partial.take();
    } else if (end.length > this.#maxLineBytes) {
      throw new GenkanError('inspect_body_too_large', { limit: this.#maxLineBytes });
    }
    return line.at(-1) === CR ? line.subarray(0, -1) : line;
  }
}

/** Frames one message as a line. Line breaks, which JSON allows between tokens only, become spaces. */
export function frameLine(raw: Buffer): Buffer {
  const line = Buffer.allocUnsafe(raw.length + 1);
  raw.copy(line);
  line[raw.length] = LF;
  blankLineBreaks(line.subarray(0, raw.length));
  return line;
}

/** Overwrites CR and LF by spaces, in place. */
export function blankLineBreaks(bytes: Buffer): void {
  for (const lineBreak of [LF, CR]) {
    for (let at = bytes.indexOf(lineBreak); at !== -1; at = bytes.indexOf(lineBreak, at + 1)) bytes[at] = SPACE;
  }
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
