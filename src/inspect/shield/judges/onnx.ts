// A model of one's own as a judge: a text classifier in ONNX, such as Prompt Guard, on this machine and in a thread of its own.
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../../base/clock.ts';
import { GenkanError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { NoVerdict } from './judge.ts';
import type { Judge } from './judge.ts';
import type { FromOnnx, OnnxStart, ToOnnx } from './onnx-thread.ts';
import type { OnnxSettings } from './settings.ts';

export interface OnnxNeighbours {
  /** To which relative paths refer. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly isInstalled?: (name: string) => boolean;
}

export interface OnnxJudge extends Judge {
  close(): Promise<void>;
}

/** Optional: they are large, and few need them. */
const packages = ['onnxruntime-web', '@huggingface/tokenizers'];
/** Several windows of the longest text take less on any machine that is of use. */
const stuckAfterMs = 60_000;
const pauseMs = 30_000;

/**
 * Loads nothing before it is asked.
 * @throws GenkanError `inspect_judge_unavailable` when a package or a file is missing
 */
export function createOnnx(
  settings: OnnxSettings,
  { folder, clock, log, isInstalled = resolves }: OnnxNeighbours,
): OnnxJudge {
  const { kind, name = kind, label, threshold, maxTokens, maxCharacters } = settings;
  const unavailable = (reason: string): GenkanError =>
    new GenkanError('inspect_judge_unavailable', { judge: name, reason });
  for (const each of packages)
    if (!isInstalled(each))
      throw unavailable(`the package ${each} is not installed: npm install ${packages.join(' ')}`);
  const fileAt = (written: string): string => {
    const file = path.resolve(folder, written);
    try {
      accessSync(file, constants.R_OK);
      return file;
    } catch (error) {
      throw unavailable(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  };
  const start: OnnxStart = { model: fileAt(settings.model), tokenizer: fileAt(settings.tokenizer), label, maxTokens };

  const waiting = new Map<number, (answer: Omit<FromOnnx, 'id'>) => void>();
  let thread: Worker | undefined;
  let lastId = 0;
  let notBeforeMs = 0;

  function open(): Worker {
    if (clock.now() < notBeforeMs) throw new NoVerdict('paused');
    const module = new URL(import.meta.url.replace(/onnx(\.[jt]s)$/, 'onnx-thread$1'));
    const opened = new Worker(module, { workerData: start });
    opened.on('message', ({ id, ...answer }: FromOnnx) => waiting.get(id)?.(answer));
    opened.on('error', ({ message }) =>
      log.error({ judge: name, reason: message.slice(0, 300) }, 'a model cannot be run'),
    );
    opened.on('exit', () => {
      if (thread !== opened) return;
      thread = undefined;
      notBeforeMs = clock.now() + pauseMs;
      for (const answer of [...waiting.values()]) answer({});
    });
    opened.unref();
    return opened;
  }

  return {
    name,
    maxCharacters,
    async judge(text, _said, signal) {
      const running = (thread ??= open());
      const id = ++lastId;
      const send = (message: ToOnnx): void => running.postMessage(message);
      const stuck = setTimeout(() => void running.terminate(), stuckAfterMs);
      stuck.unref();
      const answered = Promise.withResolvers<Omit<FromOnnx, 'id'>>();
      waiting.set(id, (answer) => {
        clearTimeout(stuck);
        waiting.delete(id);
        answered.resolve(answer);
      });
      const leave = (): void => send({ id });
      signal.addEventListener('abort', leave, { once: true });
      send({ id, text });
      const { score } = await answered.promise.finally(() => signal.removeEventListener('abort', leave));
      if (score === undefined) throw new NoVerdict('failed');
      return { score, isAttack: score >= threshold };
    },
    async close() {
      const running = thread;
      notBeforeMs = Infinity;
      await running?.terminate();
    },
  };
}

function resolves(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
