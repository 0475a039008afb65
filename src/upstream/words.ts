// What one conversation says to its server over HTTP beside requests: answers and notifications, no more at a time than its share.
import type { HttpLink } from './http-link.ts';

/** Servers acknowledge at once; to one that does not, nobody says so much that others are not heard. */
const maxOnTheirWay = 32;

export class Words {
  readonly #link: Pick<HttpLink, 'unavailable'>;
  #onTheirWay = 0;

  constructor(link: Pick<HttpLink, 'unavailable'>) {
    this.#link = link;
  }

  /** @throws GenkanError `upstream_unavailable` beyond the share */
  async carry(word: () => Promise<unknown>): Promise<undefined> {
    if (this.#onTheirWay >= maxOnTheirWay)
      throw this.#link.unavailable(`${maxOnTheirWay} answers and notifications of one conversation are on their way`);
    this.#onTheirWay++;
    try {
      await word();
    } finally {
      this.#onTheirWay--;
    }
  }
}
