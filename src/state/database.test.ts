// The control database where several open it at once: replicas on one data directory, or a command beside a server that starts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

const opening = `
  const { parentPort, workerData } = require('node:worker_threads');
  void import(workerData.module).then(({ openDatabase }) => {
    parentPort.once('message', async () => {
      const database = await openDatabase(workerData.file);
      await database.destroy();
      parentPort.postMessage('opened');
    });
    parentPort.postMessage('ready');
  });`;

test('of those that open a new database at once, one makes its tables and the others find them made', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-database-'));
  try {
    const file = path.join(folder, 'genkan.db');
    const workerData = { file, module: new URL('./database.ts', import.meta.url).href };
    const threads = [1, 2].map(() => new Worker(opening, { eval: true, workerData }));
    await Promise.all(threads.map((thread) => once(thread, 'message')));
    const opened = threads.map((thread) => once(thread, 'message'));
    for (const thread of threads) thread.postMessage('open');
    assert.deepEqual(await Promise.all(opened), [['opened'], ['opened']]);
    await Promise.all(threads.map((thread) => thread.terminate()));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
