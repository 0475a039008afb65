// A conversation with the one server that the address names: nothing is renamed.
import { refuse } from '../base/errors.ts';
import type { Era } from '../protocol/message.ts';
import type { Conversation } from './conversation.ts';
import type { Line } from './line.ts';
import type { Questions } from './questions.ts';

export function createSingle(line: Line, era: Era, questions: Questions): Conversation {
  return {
    era,
    async locate(target) {
      const tool = target.primitive === 'tools' ? await line.tools.find(target.name) : undefined;
      return { ...target, server: line.server, tool };
    },
    request(message, use, { interim, signal }) {
      const show = (part: Parameters<typeof interim>[0]): void | Promise<void> => {
        const shown = questions.ask(part, () => line);
        if (shown !== undefined) return interim(shown);
      };
      return line.request(message, { interim: show, signal }, use?.tool);
    },
    async deliver(message) {
      if (message.kind === 'notification') return line.deliver(message);
      const settled = questions.settle(message);
      if (settled === undefined) return refuse('gateway_answer_unexpected');
      return settled.line.deliver(settled.response);
    },
    origin: (_primitive, identifier) => ({ server: line.server, name: identifier }),
    close: () => line.close(),
  };
}
