// What a child writes that is not MCP: kept short, kept free of its secrets, and logged without letting it fill the log.
import type { Log } from '../base/log.ts';
import { oneLine } from '../base/one-line.ts';

const maxPartialLength = 4096;
const maxLogged = 200;

export class ChildOutput {
  readonly #log: Log;
  readonly #secrets: readonly string[];
  /** The last line of standard error, as far as it is written. */
  #partial = '';
  #lastLine = '';
  #lastComplaint = '';
  #logged = 0;
  #unaskedResponses = 0;

  /** @param secrets values that the child was given and might print; they are masked */
  constructor(log: Log, secrets: readonly string[]) {
    this.#log = log;
    // Masking a very short one would tear every text apart and hide nothing.
    this.#secrets = secrets.filter((secret) => secret.length >= 4);
  }

  /** Takes a piece of standard error. */
  error(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = (lines.pop() ?? '').slice(-maxPartialLength);
    for (const line of lines) this.#errorLine(line);
  }

  /** Takes a line of standard output that is not an MCP message. Some servers greet people there. */
  stray(line: Buffer): void {
    this.#write(line.toString('utf8', 0, maxPartialLength), 'server wrote a line that is not MCP');
  }

  /** Counts a response to nothing that was asked, or to what was given up; many are a sign of a broken or hostile server. */
  unasked(): void {
    this.#unaskedResponses++;
    if (Number.isInteger(Math.log10(this.#unaskedResponses))) {
      this.#log.info({ count: this.#unaskedResponses }, 'server sent responses that nobody waits for');
    }
  }

  /** The line of standard error that most likely says why the child ended; empty when there is none. */
  lastWords(): string {
    if (this.#partial !== '') this.#errorLine(this.#partial);
    this.#partial = '';
    return this.#clean(this.#lastComplaint || this.#lastLine);
  }

  #errorLine(line: string): void {
    if (line.trim() === '') return;
    this.#lastLine = line;
    // After the reason many runtimes print where it happened and their version.
    if (/error|fatal|fail|cannot|denied|not found/i.test(line)) this.#lastComplaint = line;
    this.#write(line, 'server wrote to standard error');
  }

  #write(text: string, message: string): void {
    if (this.#logged >= maxLogged || !this.#log.isLevelEnabled('debug')) return;
    const last = ++this.#logged === maxLogged;
    this.#log.debug({ text: this.#clean(text), ...(last && { last }) }, message);
  }

  #clean(text: string): string {
    return oneLine(this.#secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, '***'), text));
  }
}
