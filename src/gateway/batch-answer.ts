// The one HTTP answer to a batch (MCP 2025-03-26, transports): an array of responses, or a stream as soon as one needs it.
import type { Refusal } from '../base/errors.ts';
import type { Message, ResponseMessage } from '../protocol/message.ts';
import type { Answer } from './answer.ts';
import type { Reply } from './reply.ts';

/** Responses that together exceed this are not held until the last one has come. */
const maxGatheredBytes = 1_048_576;

/** Makes where each of the members is answered. Every member must be concluded for the whole to be. */
export function createBatchAnswer(answer: Answer, members: readonly Message[]): () => Reply {
  const asks = members.some(({ kind }) => kind === 'request');
  let open = members.length;
  let gathered: ResponseMessage[] = [];
  let gatheredBytes = 0;
  let refused: Refusal | undefined;

  function stream(): void {
    answer.stream();
    for (const response of gathered) answer.push(response);
    gathered = [];
  }

  function conclude(): void {
    if (--open > 0) return;
    if (answer.streaming) answer.end();
    else if (gathered.length > 0) answer.finals(gathered);
    else if (refused !== undefined && !asks) answer.refuse(refused);
    else answer.accepted();
  }

  return () => ({
    get closed() {
      return answer.closed;
    },
    get behind() {
      return answer.behind;
    },
    interim(part) {
      stream();
      return answer.interim(part);
    },
    final(response) {
      gathered.push(response);
      gatheredBytes += response.raw.length;
      if (answer.streaming || gatheredBytes > maxGatheredBytes) stream();
      conclude();
    },
    accepted: conclude,
    refuse(refusal, id) {
      if (id !== undefined) return this.final(answer.failure(refusal, id));
      refused ??= refusal;
      conclude();
    },
    failure: (refusal, id) => answer.failure(refusal, id),
  });
}
