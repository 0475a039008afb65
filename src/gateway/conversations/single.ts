// A conversation with the one server that the address names: nothing is renamed.
import { refuse } from '../../base/errors.ts';
import type { Era, Message } from '../../protocol/message.ts';
import type { Conversation } from './conversation.ts';
import type { Line } from '../lines/line.ts';
import type { Questions } from './questions.ts';
import type { Subscribed } from './subscribed.ts';
import { through } from './through.ts';

export interface SingleOptions {
  readonly era: Era;
  /** What the server says, as its client may hear it. */
  readonly hear: (message: Message, line: Line) => Message | undefined;
  readonly questions: Questions;
  readonly subscribed: Subscribed;
}

export function createSingle(line: Line, { era, hear, questions, subscribed }: SingleOptions): Conversation {
  return {
    era,
    alive: () => line.alive(),
    waiting: () => line.waiting?.() === true,
    async locate(target) {
      const tool = target.primitive === 'tools' ? await line.tools.find(target.name) : undefined;
      return { ...target, server: line.server, tool };
    },
    request(message, use, { outlet, ...options }) {
      const own = through(outlet, (part) => {
        const shown = hear(part, line);
        return shown && outlet.interim(shown);
      });
      return subscribed.note(message, line.server, () => line.request(message, { outlet: own, ...options }, use?.tool));
    },
    asker: (response) => questions.asker(response),
    async deliver(message) {
      if (message.kind === 'notification') return line.deliver(message);
      const settled = questions.settle(message);
      return settled === undefined ? refuse('gateway_answer_unexpected') : settled.line.deliver(settled.response);
    },
    origin: (_primitive, identifier) => ({ server: line.server, name: identifier }),
    close: () => line.close(),
  };
}
