// The side of a search that serves calls: gives each query a thread of its own, hands it keys, and ends it when it takes too much or nobody asks.
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { SubjectKeys } from '../../state/subject-keys.ts';
import type { Answer, Question, Search } from './search.ts';
import type { FromSearch, SearchStart, ToSearch } from './search-thread.ts';
import type { SearchSettings } from './settings.ts';

export interface Searching {
  readonly search: Search;
  close(): Promise<void>;
}

/** Asked and not yet answered, by everybody and by one person. */
const mostAsked = 8;
const mostByOne = 2;
/** At a time; the others wait for their turn. One person alone never has them all. */
const mostThreads = 4;
const idleMs = 300_000;
/** What a thread may take until it begins. */
const startMs = 5_000;
/**
 * What a query may be late, its answer on the way to us included, before its thread is ended: it looks at its time by itself, but
 * not in the middle of one regular expression, one sort or whatever else is a single step.
 */
const graceMs = 250;

interface Job {
  readonly question: Question;
  readonly answer: PromiseWithResolvers<Answer>;
}

interface Thread {
  readonly worker: Worker;
  job?: Job | undefined;
  /** Nobody begins in it any more; it takes room until it is gone. */
  isEnding?: true;
  /** Ends the thread: where it works when it is late, else when nobody has asked for long. */
  timer?: NodeJS.Timeout;
}

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
  const threads = new Set<Thread>();
  const jobs = new Set<Job>();
  const waiting: Job[] = [];
  let asked = 0;
  let closed = false;
  const tooMuch = (reason: string): GenkanError =>
    new GenkanError('record_query_too_much', { line: 1, column: 1, reason, excerpt: '' });
  const unavailable = (): GenkanError =>
    new GenkanError('record_unavailable', {}, { detail: 'the audit log is closed' });

  function start(): Thread {
    const module = new URL(import.meta.url.replace(/searching(\.[jt]s)$/, 'search-thread$1'));
    const workerData: SearchStart = { dataDirectory, settings, keys: subjectKeys !== undefined };
    // What is held in operators is counted; this is for what is not.
    const resourceLimits = { maxOldGenerationSizeMb: settings.maxMegabytes * 2 + 256 };
    const worker = new Worker(module, { workerData, resourceLimits });
    const thread: Thread = { worker };
    threads.add(thread);
    worker.on('message', (message: FromSearch) => receive(thread, message));
    let reason = 'its thread ended';
    worker.on('error', (error) => (reason = error.message));
    worker.on('exit', () => {
      clearTimeout(thread.timer);
      threads.delete(thread);
      thread.job?.answer.reject(closed ? unavailable() : tooMuch(reason));
      next();
    });
    return thread;
  }

  /** As many of those that wait as there are threads for. */
  function next(): void {
    while (waiting.length > 0 && !closed) {
      const idle = [...threads].find(({ job, isEnding }) => job === undefined && isEnding !== true);
      if (idle === undefined && threads.size >= mostThreads) return;
      begin(idle ?? start(), waiting.shift()!);
    }
  }

  function begin(thread: Thread, job: Job): void {
    const { worker } = thread;
    thread.job = job;
    endIn(thread, settings.maxSeconds * 1000 + startMs);
    worker.ref();
    worker.postMessage({ ask: ++asked, question: job.question, nowMs: clock.now() } satisfies ToSearch);
  }

  function endIn(thread: Thread, delayMs: number): void {
    clearTimeout(thread.timer);
    const timer = setTimeout(() => {
      // An answer that is here already counts: it may be us who are late.
      setImmediate(() => {
        if (thread.timer === timer) end(thread);
      });
    }, delayMs).unref();
    thread.timer = timer;
  }

  /** Whoever asked hears at once; a thread in the middle of something may take a while to end. */
  function end(thread: Thread): void {
    thread.isEnding = true;
    const { job } = thread;
    thread.job = undefined;
    job?.answer.reject(tooMuch(`It ran for more than ${settings.maxSeconds} s in the end; give less to one call`));
    void thread.worker.terminate();
  }

  function receive(thread: Thread, message: FromSearch): void {
    const { worker, job } = thread;
    if ('keyOf' in message) {
      const { keyOf: user } = message;
      const reply = (answer: ToSearch): void => worker.postMessage(answer);
      subjectKeys!.find(user).then(
        (key) => reply({ user, key }),
        (error: unknown) => reply({ user, failure: error instanceof Error ? error.message : String(error) }),
      );
      return;
    }
    if ('began' in message) return endIn(thread, settings.maxSeconds * 1000 + graceMs);
    thread.job = undefined;
    worker.unref();
    endIn(thread, idleMs);
    if ('answer' in message) job?.answer.resolve(message.answer);
    else if (message.code !== undefined)
      job?.answer.reject(new GenkanError(message.code, message.params, { detail: message.message }));
    else job?.answer.reject(new Error(message.message));
    next();
  }

  return {
    async search(question) {
      if (closed) throw unavailable();
      const { asker } = question;
      const own = asker === undefined ? [] : [...jobs].filter((job) => job.question.asker === asker);
      if (own.length >= mostByOne) throw new GenkanError('record_query_yours', { most: mostByOne });
      if (jobs.size >= mostAsked) throw new GenkanError('record_query_busy');
      const job: Job = { question, answer: Promise.withResolvers() };
      jobs.add(job);
      waiting.push(job);
      next();
      try {
        return await job.answer.promise;
      } finally {
        jobs.delete(job);
      }
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.answer.reject(unavailable());
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}
