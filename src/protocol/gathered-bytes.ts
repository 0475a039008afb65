// Collects the pieces of one line or event, bounded, without copying what was collected already again and again.
import { GenkanError } from '../base/errors.ts';

export class GatheredBytes {
  readonly #maxBytes: number;
  #held = Buffer.alloc(0);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** @throws GenkanError `inspect_body_too_large` when more than the bound would be held */
  append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#maxBytes) throw new GenkanError('inspect_body_too_large', { limit: this.#maxBytes });
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(length, 2 * this.#held.length, 1024)));
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    this.#held.set(piece, this.#length);
    this.#length = length;
  }

  /** Hands over everything collected, and starts anew. */
  take(): Buffer {
    const taken = this.#held.subarray(0, this.#length);
    this.#held = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }
}
