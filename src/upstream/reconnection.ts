// When, how often and as whom an event stream is opened again after it has ended.
import type { Credential } from './authorization/credential.ts';
import type { StreamPosition } from './http-exchange.ts';
import type { HttpStatusFault } from './http-link.ts';

const maxFailures = 5;
const defaultRetryMs = 1000;
const minRetryMs = 100;
const maxRetryMs = 30_000;

export class Reconnection {
  /** For the header of the same name; only what a header can carry. */
  lastEventId: string | undefined;
  readonly #credential: Credential | undefined;
  #retryMs = defaultRetryMs;
  #failures = 0;
  /** While it waits to open the stream again. */
  #timer: NodeJS.Timeout | undefined;
  #shown: string | undefined;
  /** It was turned away, and no stream has stood since. */
  #renewed = false;

  /** @param credential of the person whose stream it is, at a server that asks for sign-in */
  constructor(credential?: Credential) {
    this.#credential = credential;
  }

  learn({ lastEventId, retryMs }: StreamPosition): void {
    this.#renewed = false;
    if (lastEventId !== undefined && visibleAscii.test(lastEventId)) this.lastEventId = lastEventId;
    if (retryMs !== undefined) this.#retryMs = Math.max(retryMs, minRetryMs);
  }

  /** The stream was of use: what failed before no longer counts. */
  progressed(): void {
    this.#failures = 0;
    this.#renewed = false;
  }

  /**
   * Opens the stream again after the time that the server asks for, and longer with every failure in a row.
   * @returns false when it has failed too often
   */
  again(open: () => void, fail: (error: Error) => void): boolean {
    if (this.#failures >= maxFailures) return false;
    const delayMs = Math.min(this.#retryMs * 2 ** this.#failures++, maxRetryMs);
    const timer = setTimeout(() => void this.#come(timer, open, fail), delayMs);
    this.#timer = timer;
    return true;
  }

  /**
   * The server wants another sign-in before it opens the stream.
   * @returns whether there is another token to come back with
   */
  async turnedAway(fault: HttpStatusFault): Promise<boolean> {
    try {
      if (this.#credential === undefined || this.#renewed) return false;
      await this.#credential.refused(fault, this.#shown);
      return (this.#renewed = true);
    } catch {
      return false; // the next message tells the person where to sign in
    }
  }

  /** @returns whether it was waiting to open the stream again, which it now never will */
  cancel(): boolean {
    const waited = this.#timer !== undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return waited;
  }

  async #come(timer: NodeJS.Timeout, open: () => void, fail: (error: Error) => void): Promise<void> {
    // The token with which the stream was opened may have ended as the stream did.
    const shown = await this.#credential?.header().catch((error: Error) => error);
    if (this.#timer !== timer) return; // cancelled meanwhile
    this.#timer = undefined;
    try {
      if (shown instanceof Error) throw shown;
      this.#shown = shown;
      open();
    } catch (error) {
      fail(error as Error);
    }
  }
}

const visibleAscii = /^[\x21-\x7e]{1,1024}$/;
