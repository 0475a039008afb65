// Tests of what is remembered of a server's tools, and how much of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { result } from '../../protocol/message.ts';
import { ToolBook } from './tool-book.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const megabyte = 1024 * 1024;
const tool = (name: string, size = 0): object => ({
  name,
  description: 'd'.repeat(size),
  inputSchema: { type: 'object' },
});
const nothing = new ToolBook(() => Promise.resolve(result(1, { tools: [] })));

test('asks for no more pages once the tools on them are more than it keeps', async () => {
  let pages = 0;
  const book = new ToolBook(() => {
    pages++;
    return Promise.resolve(result(1, { tools: [tool(`tool-${pages}`, megabyte / 4)], nextCursor: String(pages) }));
  });
  assert.equal(await book.find('tool-100'), undefined);
  assert.ok(pages <= 8, `${pages} pages`);
  assert.equal((await book.find('tool-1'))?.name, 'tool-1');
});

test('all pages together have one deadline', async () => {
  const signals = new Set<AbortSignal>();
  const book = new ToolBook((cursor, signal) => {
    signals.add(signal);
    return Promise.resolve(
      result(1, { tools: [], ...(cursor !== '3' && { nextCursor: String(Number(cursor ?? 0) + 1) }) }),
    );
  });
  await book.find('tool');
  assert.equal(signals.size, 1);
});

test('forgets a definition that was replaced by one for which there is no room', () => {
  nothing.learn({ tools: [tool('a'), tool('b')] });
  nothing.learn({ tools: [tool('a', 3 * megabyte)] });
  return Promise.all([nothing.find('a'), nothing.find('b')]).then(([a, b]) =>
    assert.deepEqual([a, b?.name], [undefined, 'b']),
  );
});

test('keeps one copy of what many conversations know, and only while one of them knows it', async () => {
  const listed = (round: number): object => ({ tools: [tool(`shared-${round}`, megabyte)] });
  const learned = (round: number): ToolBook => {
    const book = new ToolBook(() => Promise.resolve(result(1, { tools: [] })));
    book.learn(JSON.parse(JSON.stringify(listed(round))) as Record<string, unknown>);
    return book;
  };
  const books = [learned(0), learned(0)];
  const [one, other] = await Promise.all(books.map((book) => book.find('shared-0')));
  assert.equal(one, other);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let round = 1; round <= 40; round++) learned(round);
  // What was held weakly is let go of in a later turn.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  const growth = process.memoryUsage().heapUsed - before;
  assert.ok(growth < 16 * megabyte, `${Math.round(growth / megabyte)} MiB`);
});

test('asks again for what has lived as long as the server said, and not at once for what is stale at once', async (context) => {
  let nowMs = 0;
  context.mock.method(performance, 'now', () => nowMs);
  for (const [ttlMs, staysMs] of [
    [60_000, 60_000],
    [0, 2000],
    [-1, 2000],
  ] as const) {
    let lists = 0;
    const annotated = (): object => ({ ...tool('a'), annotations: { readOnlyHint: lists++ === 0 } });
    const book = new ToolBook(() => Promise.resolve(result(1, { tools: [annotated()], ttlMs })));
    const isReadOnly = async (): Promise<unknown> => (await book.find('a'))?.annotations?.readOnlyHint;
    assert.equal(await isReadOnly(), true);
    nowMs += staysMs - 1;
    assert.deepEqual([await isReadOnly(), lists], [true, 1]);
    nowMs += 1;
    assert.deepEqual([await isReadOnly(), lists], [false, 2]);
  }
});

test('keeps the list of an older server, which says nothing of its life, until it is told of a change', async (context) => {
  let nowMs = 0;
  context.mock.method(performance, 'now', () => nowMs);
  let lists = 0;
  const book = new ToolBook(() => Promise.resolve(result(++lists, { tools: [tool('a')] })));
  await book.find('a');
  nowMs += 86_400_000;
  await book.find('a');
  assert.equal(lists, 1);
  book.forget();
  await book.find('a');
  assert.equal(lists, 2);
});
