// Requests that servers make of a client: which are open, whose they are, and what the client calls them.
import { METHOD_NOT_FOUND } from '../../protocol/between-families.ts';
import { failure, result } from '../../protocol/message.ts';
import type {
  Era,
  Message,
  NotificationMessage,
  RequestId,
  RequestMessage,
  ResponseMessage,
} from '../../protocol/message.ts';
import { swapMembers } from '../../protocol/swap-members.ts';
import type { Line } from '../lines/line.ts';

/** At one server: one that asks without end gets errors for answers, and takes no room from others. */
const maxOpen = 64;

interface Question {
  readonly line: Line;
  /** The server's own id. */
  readonly id: RequestId;
}

export class Questions {
  readonly #era: Era;
  readonly #open = new Map<RequestId, Question>();

  constructor(era: Era) {
    this.#era = era;
  }

  /**
   * Remembers a server's request before it is shown to the client; what cannot be shown is answered at once.
   * @param prefix set where several servers share the client, whose ids could clash
   * @returns the message to show, unchanged or under an id of ours; undefined when there is nothing to show
   */
  ask(message: Message, line: Line, prefix?: string): Message | undefined {
    if (message.kind === 'notification' && message.method === 'notifications/cancelled')
      return this.#withdraw(message, prefix);
    if (message.kind !== 'request') return message;
    const id = shownId(message.id, prefix);
    const unaskable = this.#era === 'modern' || this.#open.has(id) || this.#of(line).length >= maxOpen;
    if (unaskable) {
      answerForClient(message, line);
      return undefined;
    }
    this.#open.set(id, { line, id: message.id });
    return prefix === undefined ? message : swapMembers(message, [[['id'], id]]);
  }

  /** The server no longer wants an answer: the question is not open any more, and its client hears so. */
  #withdraw(message: NotificationMessage, prefix: string | undefined): Message | undefined {
    const requestId = shownId(message.params['requestId'] as RequestId, prefix);
    const wasOpen = this.#open.delete(requestId);
    if (prefix === undefined) return message;
    return wasOpen ? swapMembers(message, [[['params', 'requestId'], requestId]]) : undefined;
  }

  /** Nobody waits any more for answers to what this server asked. */
  drop(line: Line): void {
    for (const id of this.#of(line)) this.#open.delete(id);
  }

  #of(line: Line): RequestId[] {
    return [...this.#open].flatMap(([id, question]) => (question.line === line ? id : []));
  }

  /** Whose open question a client's response answers. */
  asker({ id }: ResponseMessage): string | undefined {
    return id === null ? undefined : this.#open.get(id)?.line.server;
  }

  /** Takes the question that a client's response answers off the list. Undefined when nobody asked: such a response goes nowhere. */
  settle(response: ResponseMessage): { readonly line: Line; readonly response: ResponseMessage } | undefined {
    if (response.id === null) return undefined;
    const question = this.#open.get(response.id);
    if (question === undefined) return undefined;
    this.#open.delete(response.id);
    const { line, id } = question;
    return { line, response: id === response.id ? response : swapMembers(response, [[['id'], id]]) };
  }
}

const shownId = (id: RequestId, prefix: string | undefined): RequestId =>
  prefix === undefined ? id : `${prefix}:${JSON.stringify(id)}`;

/** Answers a server in the client's stead: `ping` is true of the whole conversation, everything else cannot be asked. */
export function answerForClient({ id, method }: RequestMessage, line: Line): void {
  const answer =
    method === 'ping'
      ? result(id, {})
      : failure(id, { code: METHOD_NOT_FOUND, message: `The client of this conversation cannot be asked ${method}` });
  line.deliver(answer).catch(() => undefined); // a server that is gone needs no answer
}
