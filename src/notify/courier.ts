// Delivers what waits for one channel, one message after the other: a channel that is silent keeps no other one waiting.
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { oneLine } from '../base/one-line.ts';
import { NotTaken } from './channels/channel.ts';
import type { Channel, Outgoing } from './channels/channel.ts';
import { takenMs } from './outbox.ts';
import type { Delivery, Outbox } from './outbox.ts';

export interface Courier {
  /** Sends one message at once, or throws. */
  send(message: Outgoing): Promise<void>;
  /** Looks now whether something is due. */
  wake(): void;
  close(): Promise<void>;
}

export interface CourierNeighbours {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  /** The most that one attempt may take, whatever the receiver does. */
  readonly longestMs?: number;
}

const minuteMs = 60_000;
/** Pauses before the next attempt; the last one is kept. A jitter keeps what failed together from coming back together. */
const pausesMs = [5_000, 30_000, 2 * minuteMs, 10 * minuteMs, 30 * minuteMs];
/** A receiver that wants to be left alone for longer is asked all the same: the message would be old by then. */
const longestPauseMs = 60 * minuteMs;
/** After so long nobody needs to hear of it any more. */
export const oldMs = 24 * 60 * minuteMs;
/** How often a process looks for what others have left. */
const lookMs = 30_000;

export function createCourier(name: string, channel: Channel, neighbours: CourierNeighbours): Courier {
  const { outbox, clock, log, longestMs = takenMs * 0.75 } = neighbours;
  let [closed, again] = [false, false];
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> | undefined;

  async function send(message: Outgoing): Promise<void> {
    const ended = new AbortController();
    let patience: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      patience = setTimeout(() => {
        ended.abort();
        reject(new NotTaken('it took too long', { inMs: 0 }));
      }, longestMs).unref();
    });
    try {
      await Promise.race([channel.send(message, ended.signal), over]);
    } finally {
      clearTimeout(patience);
    }
  }

  async function deliver(): Promise<void> {
    while (!closed) {
      const next = await outbox.take([name]);
      if (next === undefined) return;
      try {
        await send({ ...next.content, id: next.id });
        await outbox.delivered(next.id);
      } catch (error) {
        await postpone(next, error);
      }
    }
  }

  async function postpone({ id, kind, attempts, createdAtMs }: Delivery, error: unknown): Promise<void> {
    const reason = reasonOf(error);
    const wanted = error instanceof NotTaken ? error.again : { inMs: 0 };
    const pauseMs = pausesMs[Math.min(attempts, pausesMs.length) - 1]! * (0.8 + Math.random() * 0.4);
    const wantedMs = wanted === false ? 0 : Math.min(wanted.inMs, longestPauseMs);
    const againAtMs = clock.now() + Math.max(pauseMs, wantedMs);
    const isOver = wanted === false || againAtMs > createdAtMs + oldMs;
    log[isOver ? 'error' : 'warn'](
      { channel: name, kind, attempts, reason },
      isOver ? 'a notice was given up' : 'a notice was not taken',
    );
    await outbox.failed(id, reason, isOver ? undefined : againAtMs);
  }

  /** One round at a time; who asks meanwhile gets another one after it. */
  function wake(): void {
    clearTimeout(timer);
    if (closed) return;
    if (under !== undefined) return void (again = true);
    under = deliver()
      .catch((error: unknown) => log.error({ err: error, channel: name }, 'notices cannot be delivered'))
      .then(() => outbox.nextDueMs([name]).catch(() => undefined))
      .then((dueAtMs) => {
        under = undefined;
        if (closed) return;
        if (again) {
          again = false;
          return wake();
        }
        const pauseMs = dueAtMs === undefined ? lookMs : Math.min(Math.max(dueAtMs - clock.now(), 0), lookMs);
        timer = setTimeout(wake, pauseMs).unref();
      });
  }

  return {
    send,
    wake,
    async close() {
      closed = true;
      clearTimeout(timer);
      await under;
    },
  };
}

// Errors of libraries may quote addresses, and these are secrets here.
export const reasonOf = (error: unknown): string => {
  if (error instanceof NotTaken) return oneLine(error.message);
  return error instanceof GenkanError ? error.code : 'it failed';
};
