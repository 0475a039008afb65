// When and how often an event stream is opened again after it has ended.
import type { StreamPosition } from './http-exchange.ts';

const maxFailures = 5;
const defaultRetryMs = 1000;
const minRetryMs = 100;
const maxRetryMs = 30_000;

export class Reconnection {
  /** For the header of the same name; only what a header can carry. */
  lastEventId: string | undefined;
  #retryMs = defaultRetryMs;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #waiting = false;

  learn({ lastEventId, retryMs }: StreamPosition): void {
    if (lastEventId !== undefined && visibleAscii.test(lastEventId)) this.lastEventId = lastEventId;
    if (retryMs !== undefined) this.#retryMs = Math.max(retryMs, minRetryMs);
  }

  /** The stream was of use: what failed before no longer counts. */
  progressed(): void {
    this.#failures = 0;
  }

  /**
   * Opens the stream again after the time that the server asks for, and longer with every failure in a row.
   * @returns false when it has failed too often
   */
  again(open: () => void, fail: (error: Error) => void): boolean {
    if (this.#failures >= maxFailures) return false;
    const delayMs = Math.min(this.#retryMs * 2 ** this.#failures++, maxRetryMs);
    this.#waiting = true;
    this.#timer = setTimeout(() => {
      this.#waiting = false;
      try {
        open();
      } catch (error) {
        fail(error as Error);
      }
    }, delayMs);
    return true;
  }

  /** @returns whether it was waiting to open the stream again, which it now never will */
  cancel(): boolean {
    const waited = this.#waiting;
    this.#waiting = false;
    clearTimeout(this.#timer);
    return waited;
  }
}

const visibleAscii = /^[\x21-\x7e]{1,1024}$/;
