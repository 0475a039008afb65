// The side of a search that serves calls: starts the thread when somebody asks, hands it keys, and ends it when it takes too much or nobody asks.
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { SubjectKeys } from '../../state/subject-keys.ts';
import type { Answer, Search } from './search.ts';
import type { FromSearch, SearchStart, ToSearch } from './search-thread.ts';
import type { SearchSettings } from './settings.ts';

export interface Searching {
  readonly search: Search;
  close(): Promise<void>;
}

const most = 8;
const idleMs = 300_000;
/** What a query may be late, its answer on the way to us included, before its thread is ended. */
const graceMs = 5_000;

type Waiter = PromiseWithResolvers<Answer>;

export function createSearching(
  settings: SearchSettings,
  {
    dataDirectory,
    subjectKeys,
    clock,
  }: {
    readonly dataDirectory: string;
    readonly subjectKeys?: Pick<SubjectKeys, 'find'> | undefined;
    readonly clock: Clock;
  },
): Searching {
  let thread:
    { readonly worker: Worker; readonly waiters: Map<number, Waiter>; readonly idle: NodeJS.Timeout } | undefined;
  let asked = 0;
  let closed = false;

  function start(): NonNullable<typeof thread> {
    const module = new URL(import.meta.url.replace(/searching(\.[jt]s)$/, 'search-thread$1'));
    const workerData: SearchStart = { dataDirectory, settings, keys: subjectKeys !== undefined };
    // What is held in operators is counted; this is for what is not.
    const resourceLimits = { maxOldGenerationSizeMb: settings.maxMegabytes * 2 + 256 };
    const worker = new Worker(module, { workerData, resourceLimits });
    worker.unref();
    const waiters = new Map<number, Waiter>();
    const idle = setTimeout(() => {
      if (waiters.size === 0) void worker.terminate();
    }, idleMs).unref();
    const opened = { worker, waiters, idle };
    worker.on('message', (message: FromSearch) => receive(opened, message));
    let reason = 'its thread ended';
    worker.on('error', (error) => (reason = error.message));
    worker.on('exit', () => {
      clearTimeout(idle);
      if (thread === opened) thread = undefined;
      for (const waiter of waiters.values())
        waiter.reject(new GenkanError('record_query_too_much', { line: 1, column: 1, reason, excerpt: '' }));
      waiters.clear();
    });
    return opened;
  }

  function receive({ worker, waiters, idle }: NonNullable<typeof thread>, message: FromSearch): void {
    if ('keyOf' in message) {
      const { keyOf: user } = message;
      const reply = (answer: ToSearch): void => worker.postMessage(answer);
      subjectKeys!.find(user).then(
        (key) => reply({ user, key }),
        (error: unknown) => reply({ user, failure: error instanceof Error ? error.message : String(error) }),
      );
      return;
    }
    const waiter = waiters.get(message.ask);
    waiters.delete(message.ask);
    if (waiters.size === 0) {
      worker.unref();
      idle.refresh();
    }
    if ('answer' in message) waiter?.resolve(message.answer);
    else if (message.code !== undefined)
      waiter?.reject(new GenkanError(message.code, message.params, { detail: message.message }));
    else waiter?.reject(new Error(message.message));
  }

  return {
    async search(question) {
      if (closed) throw new GenkanError('record_unavailable', {}, { detail: 'the audit log is closed' });
      thread ??= start();
      const { worker, waiters } = thread;
      if (waiters.size >= most) throw new GenkanError('record_query_busy');
      const [ask, waiter]: [number, Waiter] = [++asked, Promise.withResolvers()];
      waiters.set(ask, waiter);
      worker.ref();
      worker.postMessage({ ask, question, nowMs: clock.now() } satisfies ToSearch);
      const late = setTimeout(() => void worker.terminate(), settings.maxSeconds * 1000 + graceMs).unref();
      try {
        return await waiter.promise;
      } finally {
        clearTimeout(late);
      }
    },
    async close() {
      closed = true;
      await thread?.worker.terminate();
    },
  };
}
