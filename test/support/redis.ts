// A Redis of a test's own, on a socket in a folder of its own. Without redis-server on this machine there is none.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createLog } from '../../src/base/log.ts';
import { openRedis } from '../../src/state/redis.ts';
import type { Redis } from '../../src/state/redis.ts';
import { redisSettings } from '../../src/state/redis-settings.ts';
import { unless } from './skipping.ts';

export const withoutRedis = unless(
  spawnSync('redis-server', ['--version']).status === 0,
  'there is no redis-server on this machine',
);

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
  /** Another connection, which ends with the server. */
  connect(settings?: object): Promise<Redis>;
  /** Ends the process at once, with all that it knew. */
  kill(): Promise<void>;
  /** Starts it again, knowing nothing. */
  start(): Promise<void>;
  /** Lets the process stand still, or go on: connections stay and nothing is answered. */
  freeze(on: boolean): void;
}

export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-redis-'));
  const socket = path.join(folder, 'redis.sock');
  const connections: Redis[] = [];
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('redis-server has ended')));
    ended.catch(() => undefined);
    for await (const chunk of child.stdout!) if (/Ready to accept|accept connections/.test(String(chunk))) break;
    child.stdout!.resume();
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    rmSync(socket, { force: true });
  }

  await start();
  const url = `unix://${socket}`;
  return {
    url,
    async connect(settings = {}) {
      const redis = await openRedis(redisSettings.parse({ url, timeoutMs: 500, ...settings }), {
        secret: () => Promise.reject(new Error('no secrets here')),
        resolvePath: (file) => file,
        log: createLog('silent'),
      });
      connections.push(redis);
      await until(() => redis.ready());
      return redis;
    },
    kill,
    start,
    freeze: (on) => void child.kill(on ? 'SIGSTOP' : 'SIGCONT'),
    async [Symbol.asyncDispose]() {
      for (const redis of connections) await redis[Symbol.asyncDispose]();
      child.kill('SIGCONT');
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Looks again and again until something is so. */
export async function until(condition: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not so after ${seconds} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
