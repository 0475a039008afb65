// A client of the HTTP+SSE transport (MCP 2024-11-05): its one event stream, which is its session, and what it posts to it.
import { GenkanError, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Message } from '../../protocol/message.ts';
import type { Answer } from '../answer.ts';
import type { Arrival } from '../arrival.ts';
import type { Keepable } from './keeper.ts';
import type { Receipt, Reply } from '../reply.ts';
import type { Session } from './session.ts';

/** What waits for a client that has fallen behind: answers, which it asked for, may be large. A single one always may. */
const maxWaitingBytes = 16_777_216;
/** A client that has not caught up for this long is given up. */
const patienceMs = 60_000;

/** Requests under way on one stream: each holds its message, and none holds a connection on which its client would have to wait. */
const maxUnderWay = 64;

export interface SseDoor extends Keepable {
  readonly kind: 'sse';
  readonly id: string;
  /** `<user_id>:<client_id>`, as for any session. */
  readonly owner: string;
  readonly server: string | undefined;
  /** The newest request of its owner: the stream stands on the token that came with it. */
  arrival: Arrival;
  /** Undefined until `initialize` has been answered by the server. */
  readonly session: Session | undefined;
  /** Opens the session behind the door, which is done once. */
  begin(open: () => Promise<Session>): Promise<Session | Refusal>;
  /** Takes back the session that a server refused, so that the client may try another revision. */
  forget(): Promise<void>;
  /** Refuses messages that are too many requests beside those under way; notifications and answers always have their way. */
  admit(messages: readonly Message[]): Refusal | undefined;
  /** Where a posted message is answered: requests on the stream, everything else by the receipt. */
  reply(receipt: Receipt, message: Message): Reply;
  /** Ends the stream as soon as nothing is under way on it. */
  retire(): void;
}

export interface SseDoorOptions extends Pick<SseDoor, 'id' | 'owner' | 'server' | 'arrival'> {
  /** The answer to the GET, which becomes the stream. */
  readonly stream: Answer;
}

export function createSseDoor({ id, owner, server, arrival, stream }: SseDoorOptions): SseDoor {
  let session: Session | undefined;
  let opening: Promise<Session> | undefined;
  let underWay = 0;
  let retiring = false;
  const waiting: Message[] = [];
  let waitingBytes = 0;
  let catchingUp: Promise<void> | undefined;

  /** Everything the client hears comes through here, so that nothing overtakes anything. */
  function tell(message: Message): void {
    if (catchingUp === undefined && !stream.behind) return void stream.push(message);
    waiting.push(message);
    waitingBytes += message.raw.length;
    if (waitingBytes > maxWaitingBytes && waiting.length > 1) return stream.cut();
    catchingUp ??= catchUp().finally(() => {
      catchingUp = undefined;
      rest();
    });
  }

  async function catchUp(): Promise<void> {
    const giveUp = setTimeout(() => stream.cut(), patienceMs);
    while (waiting.length > 0 && !stream.closed) {
      if (stream.behind) await stream.room();
      else {
        giveUp.refresh();
        const message = waiting.shift()!;
        waitingBytes -= message.raw.length;
        stream.push(message);
      }
    }
    clearTimeout(giveUp);
    waiting.length = waitingBytes = 0;
  }

  function rest(): void {
    if (retiring && underWay === 0 && catchingUp === undefined) stream.end();
  }

  /** The stream as the session sees it: to end it, and to give a slow reader up, is the door's business alone. */
  const listener = {
    get closed() {
      return stream.closed;
    },
    behind: false,
    stream: () => undefined,
    push: (message: Message) => tell(message),
    end: () => undefined,
    cut: () => undefined,
  };

  return {
    kind: 'sse',
    id,
    owner,
    server,
    arrival,
    get session() {
      return session;
    },
    alive: () => !stream.closed && session?.alive() !== false,
    busy: () => session !== undefined || underWay > 0,
    async begin(open) {
      if (opening !== undefined) return refuse('inspect_not_jsonrpc', { reason: 'initialize was sent before' });
      opening = open();
      try {
        session = await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
      if (stream.closed) throw new GenkanError('gateway_cancelled'); // whoever ended it closes the session too
      session.listen(listener);
      return session;
    },
    async forget() {
      const refused = session;
      session = opening = undefined;
      await refused?.close();
    },
    admit(messages) {
      const asked = messages.filter(({ kind }) => kind === 'request').length;
      if (asked === 0 || underWay + asked <= maxUnderWay) return undefined;
      return refuse('gateway_calls_full', { limit: maxUnderWay });
    },
    reply(receipt, message) {
      const answers = message.kind === 'request';
      if (answers) {
        underWay++;
        receipt.accepted(); // at once: what the request leads to is told on the stream
      }
      const conclude = (response: Message): void => {
        tell(response);
        underWay--;
        rest();
      };
      return {
        get closed() {
          return stream.closed;
        },
        get behind() {
          return stream.behind || catchingUp !== undefined;
        },
        interim(part) {
          tell(part);
          return catchingUp;
        },
        final: conclude,
        accepted: () => receipt.accepted(),
        refuse: (refusal, requestId, era) =>
          requestId === undefined
            ? receipt.refuse(refusal, undefined, era)
            : conclude(receipt.failure(refusal, requestId)),
        failure: (refusal, requestId) => receipt.failure(refusal, requestId),
      };
    },
    retire() {
      retiring = true;
      rest();
    },
    async close() {
      stream.end();
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
