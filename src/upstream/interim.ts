// Hands messages that precede a response to the request's owner, and lets the owner hold the stream back.
import type { Message } from '../protocol/message.ts';
import type { SendOptions } from './channel.ts';

/** One request's gate on its stream. Messages come one at a time: the next one only after the gate is open again. */
export class InterimGate {
  readonly #interim: NonNullable<SendOptions['interim']>;
  readonly #fail: (error: Error) => void;
  #open: (() => void) | undefined;
  #over = false;

  /** @param fail ends the call when its owner fails to take a message */
  constructor(interim: NonNullable<SendOptions['interim']>, fail: (error: Error) => void) {
    this.#interim = interim;
    this.#fail = fail;
  }

  /** @returns what the stream has to wait for, if anything */
  deliver(message: Message): Promise<void> | undefined {
    try {
      const held = this.#interim(message);
      if (held === undefined) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#open = resolve;
      held.catch(this.#fail).finally(resolve);
      if (this.#over) resolve(); // taking the message has itself ended the call
      return promise;
    } catch (error) {
      this.#fail(error as Error);
      return undefined;
    }
  }

  /** The call is over: nothing is held back any longer. */
  end(): void {
    this.#over = true;
    this.#open?.();
  }
}
