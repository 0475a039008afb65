// The tasks of a client over stdio: their database is opened with the first of them, since few servers have any and every start waits.
import type { Clock } from '../base/clock.ts';
import type { TaskBook } from '../gateway/task-book.ts';
import type { Database } from '../state/database.ts';

/** @param file of the database, which is made with the first task */
export function openTaskBook(file: string, clock: Clock): TaskBook & AsyncDisposable {
  let opened: Promise<{ readonly database: Database; readonly book: TaskBook }> | undefined;

  async function open() {
    const [{ openDatabase }, { createTaskBook }] = await Promise.all([
      import('../state/database.ts'),
      import('../gateway/task-book.ts'),
    ]);
    const database = await openDatabase(file);
    return { database, book: createTaskBook(database, clock) };
  }
  function startOver(error: unknown): never {
    opened = undefined;
    throw error;
  }
  const book = async (): Promise<TaskBook> => (await (opened ??= open().catch(startOver))).book;

  return {
    keep: async (...task) => (await book()).keep(...task),
    find: async (...asked) => (await book()).find(...asked),
    forget: async (person) => (await book()).forget(person),
    [Symbol.asyncDispose]: async () => (await opened?.catch(() => undefined))?.database.destroy(),
  };
}
