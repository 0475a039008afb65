// Taint rules of one person at their own machine: one book for all clients and servers, opened with the first call.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Flows } from '../gateway/flows.ts';
import { createLabels } from '../inspect/taint/labels.ts';
import type { TaintSettings } from '../inspect/taint/settings.ts';
import type { Taint } from '../inspect/taint/taint.ts';
import { alone } from './local-pins.ts';

interface Opened {
  readonly taint: Taint;
  close(): Promise<void>;
}

/** Here is nobody else to ask: what had to be approved does not go on. */
async function open(settings: TaintSettings, root: string, clock: Clock): Promise<Opened> {
  const [{ openDatabase }, { createTaint }] = await Promise.all([
    import('../state/database.ts'),
    import('../inspect/taint/taint.ts'),
  ]);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const release = await alone(root, 'taint.lock');
  const database = await openDatabase(path.join(root, 'taint.db')).finally(release);
  const taint = createTaint(settings, { database, clock, canAsk: false, count: () => undefined });
  return { taint, close: () => database.destroy() };
}

/** @param root data directory of the person; one client starts a process for each of its servers */
export function openTaintLater(
  settings: TaintSettings,
  { root, clock }: { readonly root: string; readonly clock: Clock },
): Flows & AsyncDisposable {
  let opened: Promise<Opened> | undefined;
  const taint = async (): Promise<Taint> => {
    opened ??= open(settings, root, clock).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return (await opened).taint;
  };
  return {
    taint: {
      labelsOf: createLabels(settings),
      check: async (...asked) => (await taint()).check(...asked),
      remember: async (...read) => (await taint()).remember(...read),
      marks: {
        list: async (...asked) => (await taint()).marks.list(...asked),
        clear: async (person) => (await taint()).marks.clear(person),
      },
    },
    [Symbol.asyncDispose]: async () => (await opened?.catch(() => undefined))?.close(),
  };
}
