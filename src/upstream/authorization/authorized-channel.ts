// A conversation over HTTP in the name of one person: shows their token, and comes again once when another is to be had.
import type { Era, Message, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import type { SendOptions } from '../channel.ts';
import { HttpStatusFault } from '../http-link.ts';
import type { OpenChannel } from '../transport.ts';
import type { Credential } from './credential.ts';

/** A conversation over HTTP that can show whose it is. */
interface ShowingChannel extends OpenChannel {
  show(authorization: string | undefined): void;
}

export class AuthorizedChannel implements OpenChannel {
  readonly era: Era;
  readonly #channel: ShowingChannel;
  readonly #credential: Credential;
  /** Messages that wait for a token. */
  #waiting = 0;

  constructor(channel: ShowingChannel, credential: Credential) {
    this.era = channel.era;
    this.#channel = channel;
    this.#credential = credential;
  }

  get active(): number {
    return this.#channel.active + this.#waiting;
  }

  get lastUsedMs(): number {
    return this.#channel.lastUsedMs;
  }

  get deaf(): boolean {
    return this.#channel.deaf === true;
  }

  heard(): Promise<void> {
    return this.#channel.heard?.() ?? Promise.resolve();
  }

  begin(initialize: RequestMessage): Promise<ResponseMessage> {
    return this.#attempt(() => this.#channel.begin(initialize));
  }

  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  send(message: Message, options?: SendOptions): Promise<ResponseMessage | undefined> {
    return this.#attempt(() => this.#channel.send(message as RequestMessage, options));
  }

  close(): Promise<void> {
    return this.#channel.close();
  }

  /** A message that was turned away at the door was not carried out, so it may be sent again. */
  async #attempt<Value>(send: () => Promise<Value>): Promise<Value> {
    const shown = await this.#ready();
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof HttpStatusFault)) throw error;
      await this.#waitFor(this.#credential.refused(error, shown));
    }
    const again = await this.#ready();
    try {
      return await send();
    } catch (error) {
      if (error instanceof HttpStatusFault) await this.#credential.refused(error, again, true);
      throw error;
    }
  }

  async #ready(): Promise<string | undefined> {
    const header = await this.#waitFor(this.#credential.header());
    this.#channel.show(header);
    return header;
  }

  async #waitFor<Value>(work: Promise<Value>): Promise<Value> {
    this.#waiting++;
    try {
      return await work;
    } finally {
      this.#waiting--;
    }
  }
}
