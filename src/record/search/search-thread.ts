// Runs queries off the main thread, which has calls to serve. Keys of people are asked for, one person at a time, and kept for seconds.
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../base/clock.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { GenkanError } from '../../base/errors.ts';
import { createSubjects } from '../subjects.ts';
import { createSearch } from './search.ts';
import type { Answer, Question } from './search.ts';
import type { SearchSettings } from './settings.ts';

export interface SearchStart {
  readonly dataDirectory: string;
  readonly settings: SearchSettings;
  /** Whether there are keys to ask for. */
  readonly keys: boolean;
}

export type ToSearch =
  | { readonly ask: number; readonly question: Question; readonly nowMs: number }
  | { readonly user: string; readonly key: Uint8Array | undefined }
  | { readonly user: string; readonly failure: string };

export type FromSearch =
  /** From here on its time counts. */
  | { readonly began: number }
  | { readonly ask: number; readonly answer: Answer }
  | {
      readonly ask: number;
      readonly code: ErrorCode | undefined;
      readonly params: GenkanError['params'];
      readonly message: string;
    }
  | { readonly keyOf: string };

const { dataDirectory, settings, keys } = workerData as SearchStart;
const port = parentPort!;
const send = (message: FromSearch): void => port.postMessage(message);
const awaited = new Map<string, PromiseWithResolvers<Buffer | undefined>>();

function find(user: string): Promise<Buffer | undefined> {
  let waiting = awaited.get(user);
  if (waiting === undefined) {
    waiting = Promise.withResolvers();
    awaited.set(user, waiting);
    send({ keyOf: user });
  }
  return waiting.promise;
}

const readOnly = (): never => {
  throw new Error('a search only reads');
};
let nowMs = systemClock.now();
const search = createSearch(settings, {
  dataDirectory,
  clock: { now: () => nowMs },
  ...(keys && {
    subjects: createSubjects({ find, obtain: readOnly, destroy: readOnly, all: readOnly }, systemClock),
  }),
});

port.on('message', (message: ToSearch) => {
  if ('ask' in message) {
    const { ask } = message;
    nowMs = message.nowMs;
    send({ began: ask });
    search(message.question).then(
      (answer) => send({ ask, answer }),
      (error: unknown) =>
        send({
          ask,
          code: error instanceof GenkanError ? error.code : undefined,
          params: error instanceof GenkanError ? error.params : {},
          message: error instanceof Error ? error.message : String(error),
        }),
    );
    return;
  }
  const waiting = awaited.get(message.user);
  awaited.delete(message.user);
  if ('failure' in message) waiting?.reject(new GenkanError('record_unavailable', {}, { detail: message.failure }));
  else waiting?.resolve(message.key === undefined ? undefined : Buffer.from(message.key));
});
