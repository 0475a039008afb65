// What a child writes that is not MCP: kept short, kept free of its secrets, and logged without letting it fill the log.
import type { Log } from '../base/log.ts';

const tailBytes = 4096;
const lineLength = 300;
const maxLogged = 20;

export class ChildOutput {
  readonly #log: Log;
  readonly #secrets: readonly string[];
  #tail = '';
  #strayLines = 0;
  #unaskedResponses = 0;

  /** @param secrets values that the child was given and might print; they are masked */
  constructor(log: Log, secrets: readonly string[]) {
    this.#log = log;
    // Masking a very short one would tear every text apart and hide nothing.
    this.#secrets = secrets.filter((secret) => secret.length >= 4);
  }

  /** Takes a piece of standard error. */
  error(chunk: Buffer): void {
    this.#tail = (this.#tail + chunk.subarray(-tailBytes).toString('utf8')).slice(-tailBytes);
    if (this.#log.isLevelEnabled('debug'))
      this.#log.debug({ text: this.#clean(chunk.toString('utf8', 0, tailBytes)) }, 'server wrote to stderr');
  }

  /** Takes a line of standard output that is not an MCP message. Some servers greet people there. */
  stray(line: Buffer): void {
    if (++this.#strayLines > maxLogged) return;
    const last = this.#strayLines === maxLogged;
    this.#log.debug(
      { text: this.#clean(line.toString('utf8', 0, tailBytes)), last },
      'server wrote a line that is not MCP',
    );
  }

  /** Counts a response to nothing that was asked, or to what was given up; many are a sign of a broken or hostile server. */
  unasked(): void {
    this.#unaskedResponses++;
    if (Number.isInteger(Math.log10(this.#unaskedResponses))) {
      this.#log.info({ count: this.#unaskedResponses }, 'server sent responses that nobody waits for');
    }
  }

  /** The last line of standard error, for the detail of a fault; empty when there is none. */
  lastWords(): string {
    return this.#clean(this.#tail.trimEnd().split('\n').at(-1) ?? '');
  }

  #clean(text: string): string {
    const masked = this.#secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, '***'), text);
    return masked.replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ').slice(0, lineLength);
  }
}
