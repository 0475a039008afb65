// Hands messages that precede a response to the request's owner, and lets the owner hold the stream back.
import type { Message } from '../protocol/message.ts';
import type { SendOptions } from './channel.ts';

/**
 * Delivers one message. When the owner fails to take it, its call fails with the same error.
 * @param over settles when the call is over: nothing is held back longer than that
 * @returns what the stream has to wait for, if anything
 */
export function deliverInterim(
  interim: NonNullable<SendOptions['interim']>,
  message: Message,
  over: Promise<unknown>,
  fail: (error: Error) => void,
): Promise<void> | undefined {
  try {
    const held = interim(message);
    if (held === undefined) return undefined;
    return Promise.race([held, over]).then(ignore, fail);
  } catch (error) {
    fail(error as Error);
    return undefined;
  }
}

const ignore = (): void => {};
