// One child for all modern conversations of one owner, since it keeps nothing of a request that the next one could tell.
import { GenkanError } from '../base/errors.ts';
import type { Message, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import type { SendOptions } from './channel.ts';
import type { StdioChannel } from './stdio-channel.ts';
import type { ChannelEvents, OpenChannel } from './transport.ts';

export class JointChild {
  readonly channel: StdioChannel;
  readonly #sharers = new Set<Sharer>();
  readonly #onOver: () => void;

  /**
   * @param open takes what the child has to say that belongs to no request
   * @param onOver called once it can be shared no longer
   */
  constructor(open: (events: ChannelEvents) => StdioChannel, onOver: () => void) {
    this.#onOver = onOver;
    this.channel = open({
      onPush: (message) => {
        const held = [...this.#sharers]
          .map(({ events }) => events.onPush(message))
          .filter((each) => each !== undefined);
        return held.length === 0 ? undefined : Promise.all(held).then(() => undefined);
      },
      onFault: (error) => this.#sharers.values().next().value?.events.onFault(error),
      onOver: (reason) => {
        onOver();
        for (const sharer of this.#sharers) sharer.end(reason);
      },
    });
  }

  /** One more conversation with it. */
  join(server: string, events: ChannelEvents): OpenChannel {
    const sharer = new Sharer(server, this, events);
    this.#sharers.add(sharer);
    return sharer;
  }

  /** The child ends with its last conversation. */
  async leave(sharer: Sharer): Promise<void> {
    if (!this.#sharers.delete(sharer) || this.#sharers.size > 0) return;
    this.#onOver();
    await this.channel.close();
  }
}

class Sharer implements OpenChannel {
  readonly era = 'modern';
  readonly events: ChannelEvents;
  lastUsedMs = performance.now();
  readonly #server: string;
  readonly #child: JointChild;
  readonly #underWay = new Set<AbortController>();
  #over: string | undefined;

  constructor(server: string, child: JointChild, events: ChannelEvents) {
    this.#server = server;
    this.#child = child;
    this.events = events;
  }

  get active(): number {
    return this.#underWay.size;
  }

  begin(initialize: RequestMessage): Promise<ResponseMessage> {
    return this.#child.channel.begin(initialize);
  }

  awaken(): Promise<void> {
    return this.#child.channel.awaken();
  }

  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  async send(message: Message, options: SendOptions = {}): Promise<ResponseMessage | undefined> {
    if (this.#over !== undefined) throw this.#unavailable(this.#over);
    this.lastUsedMs = performance.now();
    if (message.kind !== 'request') return this.#child.channel.send(message, options);
    const { signal } = options;
    signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#underWay.add(controller);
    try {
      return await this.#child.channel.send(message, { ...options, signal: controller.signal });
    } finally {
      this.#underWay.delete(controller);
      signal?.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    this.end();
    await this.#child.leave(this);
  }

  /** @param reason why, where it was not by us */
  end(reason?: string): void {
    if (this.#over !== undefined) return;
    this.#over = reason ?? 'it was closed';
    const error = this.#unavailable(this.#over);
    for (const controller of this.#underWay) controller.abort(error);
    this.events.onOver(reason);
  }

  #unavailable(detail: string): GenkanError {
    return new GenkanError('upstream_unavailable', { server: this.#server }, { detail });
  }
}
