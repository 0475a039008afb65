// Requests that servers make of a client: which are open, whose they are, and what the client calls them.
import type { JsonObject, Message, RequestId, ResponseMessage } from '../protocol/message.ts';
import { request } from '../protocol/message.ts';
import type { Line } from './line.ts';

const maxOpen = 256; // a server that asks without end is cut off from asking, nothing else

export class Questions {
  readonly #open = new Map<RequestId, { readonly line: () => Line | undefined; readonly id: RequestId }>();

  /**
   * Remembers a server's request before it is shown to the client.
   * @param prefix set where several servers share the client, whose ids could clash
   * @returns the message to show: unchanged, or under an id of ours; undefined when too many are open
   */
  ask(message: Message, line: () => Line | undefined, prefix?: string): Message | undefined {
    if (message.kind !== 'request') return message;
    if (this.#open.size >= maxOpen) return undefined;
    const id = prefix === undefined ? message.id : `${prefix}:${JSON.stringify(message.id)}`;
    this.#open.set(id, { line, id: message.id });
    return prefix === undefined ? message : request(id, message.method, message.params);
  }

  /** Takes the question that a client's response answers off the list. Undefined when nobody asked: such a response goes nowhere. */
  settle(response: ResponseMessage): { readonly line: Line; readonly response: ResponseMessage } | undefined {
    if (response.id === null) return undefined;
    const question = this.#open.get(response.id);
    this.#open.delete(response.id);
    const line = question?.line();
    if (question === undefined || line === undefined) return undefined;
    return { line, response: question.id === response.id ? response : underId(question.id, response) };
  }
}

function underId(id: RequestId, response: ResponseMessage): ResponseMessage {
  const { error } = response;
  const body: JsonObject = error === undefined ? { result: response.result } : { error };
  return {
    kind: 'response',
    id,
    result: response.result,
    error,
    raw: Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, ...body })),
  };
}
