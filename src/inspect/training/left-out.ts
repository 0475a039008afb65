// Models that have never seen some sources, asked about those: each learned in a thread of its own, as many at once as there are cores.
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { divide, readCorpus } from './corpus.ts';
import type { Text } from './corpus.ts';
import { countReaching } from './counted.ts';
import type { Counted } from './counted.ts';
import { learn } from './learn.ts';

/**
 * @param groups sources that are left out together
 * @returns for each source what a model learned without its group, with thresholds of its own, finds in it
 */
export async function withoutEach(groups: readonly (readonly string[])[]): Promise<ReadonlyMap<string, Counted>> {
  const counted = new Map<string, Counted>();
  const left = [...groups];
  const work = async (): Promise<void> => {
    for (let group = left.shift(); group !== undefined; group = left.shift()) {
      const thread = new Worker(new URL(import.meta.url), { workerData: group });
      const [answer] = (await once(thread, 'message')) as [readonly (readonly [string, Counted])[]];
      for (const [source, found] of answer) counted.set(source, found);
      process.stderr.write(`without ${group.join(', ')}; ${left.length} wait\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return counted;
}

/** Whoever wrote attacks wrote harmless texts as well: those stay. Of another source all is left out. */
const isLeftOut = ({ source, family }: Text, sources: readonly string[]): boolean =>
  sources.includes(source) && !/^(?:twins|ordinary)\//.test(family);

function without(sources: readonly string[]): readonly (readonly [string, Counted])[] {
  const texts = readCorpus(import.meta.dirname);
  const rest = texts.filter((text) => !isLeftOut(text, sources));
  const model = learn(rest, divide(rest));
  return sources.map((source) => [
    source,
    countReaching(
      texts.filter((text) => isLeftOut(text, [source])),
      model,
    ),
  ]);
}

if (!isMainThread) parentPort!.postMessage(without(workerData as readonly string[]));
