// A conversation with the one server that the address names: nothing is renamed.
import { refuse } from '../../base/errors.ts';
import type { Era, Message } from '../../protocol/message.ts';
import type { Conversation, Outlet } from './conversation.ts';
import type { Line } from '../lines/line.ts';
import type { Questions } from './questions.ts';
import { through } from './through.ts';

export function createSingle(line: Line, era: Era, questions: Questions): Conversation {
  return {
    era,
    alive: () => line.alive(),
    waiting: () => line.waiting?.() === true,
    async locate(target) {
      const tool = target.primitive === 'tools' ? await line.tools.find(target.name) : undefined;
      return { ...target, server: line.server, tool };
    },
    request: (message, use, { outlet, ...options }) =>
      line.request(message, { outlet: showing(questions, line, outlet), ...options }, use?.tool),
    async deliver(message) {
      if (message.kind === 'notification') return line.deliver(message);
      const settled = questions.settle(message);
      return settled === undefined ? refuse('gateway_answer_unexpected') : settled.line.deliver(settled.response);
    },
    origin: (_primitive, identifier) => ({ server: line.server, name: identifier }),
    close: () => line.close(),
  };
}

/** An outlet that remembers what the server asks through it. */
export function showing(questions: Questions, line: Line, outlet: Outlet, prefix?: string): Outlet {
  return through(outlet, (part: Message) => {
    const shown = questions.ask(part, line, prefix);
    return shown === undefined ? undefined : outlet.interim(shown);
  });
}
