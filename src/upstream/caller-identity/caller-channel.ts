// A conversation with a process that acts as its caller: while they have to sign in nothing is asked of it.
import type { Era, Message, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import type { SendOptions } from '../channel.ts';
import type { OpenChannel } from '../transport.ts';
import type { ChildIdentity } from './child-identity.ts';

export class CallerChannel implements OpenChannel {
  readonly era: Era;
  readonly #channel: OpenChannel;
  readonly #identity: Pick<ChildIdentity, 'check'>;

  constructor(channel: OpenChannel, identity: Pick<ChildIdentity, 'check'>) {
    this.era = channel.era;
    this.#channel = channel;
    this.#identity = identity;
  }

  get active(): number {
    return this.#channel.active;
  }

  get lastUsedMs(): number {
    return this.#channel.lastUsedMs;
  }

  begin(initialize: RequestMessage): Promise<ResponseMessage> {
    return this.#channel.begin(initialize);
  }

  async awaken(): Promise<void> {
    await this.#channel.awaken?.();
  }

  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  async send(message: Message, options?: SendOptions): Promise<ResponseMessage | undefined> {
    if (message.kind !== 'request') return this.#channel.send(message, options);
    await this.#identity.check();
    return this.#channel.send(message, options);
  }

  close(): Promise<void> {
    return this.#channel.close();
  }
}
