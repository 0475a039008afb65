// Children that were started to ask what they speak, kept a moment for the conversation on whose behalf they were asked.
import type { Era, Message, RequestMessage } from '../protocol/message.ts';
import { keptMs } from './limits.ts';
import type { StdioChannel } from './stdio-channel.ts';
import type { ChannelEvents } from './transport.ts';

/** A message takes more room than its bytes, and a child can say very short ones. */
const maxEarly = 1024;

/** What a child says before its conversation has an owner, kept for them. */
export class EarlyEvents implements ChannelEvents {
  /** True when there is no conversation to be had any more: the child is gone, or has said more than is kept. */
  over = false;
  readonly #maxBytes: number;
  #owner: ChannelEvents | undefined;
  #early: Message[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  readonly onPush = (message: Message): void | Promise<void> => {
    if (this.#owner !== undefined) return this.#owner.onPush(message);
    this.#bytes += message.raw.length;
    if (this.#bytes > this.#maxBytes || this.#early.length >= maxEarly) this.over = true;
    if (this.over) this.#early = [];
    else this.#early.push(message);
    return undefined;
  };

  readonly onFault = (error: Error): void => this.#owner?.onFault(error);

  readonly onOver = (reason?: string): void => {
    this.over = true;
    this.#owner?.onOver(reason);
  };

  adopt(owner: ChannelEvents): void {
    this.#owner = owner;
    // The owner does not know the channel yet.
    queueMicrotask(() => this.#early.splice(0).forEach(owner.onPush));
  }
}

export interface Kept {
  readonly channel: StdioChannel;
  readonly events: EarlyEvents;
  /** What the child was asked, and has answered. */
  readonly opening: RequestMessage;
}

export class KeptChildren {
  readonly #kept = new Map<Kept, NodeJS.Timeout>();

  /** Keeps a child for a moment; one that nobody takes is ended. */
  keep(kept: Kept): void {
    const expire = (): void => {
      this.#kept.delete(kept);
      void kept.channel.close();
    };
    this.#kept.set(kept, setTimeout(expire, keptMs).unref());
  }

  /**
   * Takes a child for a conversation. A legacy one is only for the very message that has opened it; a modern one knows
   * nothing of anybody.
   */
  take(era: Era, initialize: RequestMessage): Kept | undefined {
    for (const [kept, expiry] of this.#kept) {
      const { channel, events, opening } = kept;
      if (channel.era !== era || (era === 'legacy' && opening !== initialize)) continue;
      clearTimeout(expiry);
      this.#kept.delete(kept);
      if (!events.over) return kept;
      void channel.close();
    }
    return undefined;
  }
}
