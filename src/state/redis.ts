// What several processes count together, in Redis: scripts that run there as a whole, and the news whether it can be had.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as passed } from 'node:timers/promises';
import type { Cluster, Redis as Client, RedisOptions } from 'ioredis';
import { hash } from 'node:crypto';
import type { Log } from '../base/log.ts';
import type { ResolveSecret } from '../base/secret.ts';
import { placeIn } from './redis-settings.ts';
import type { RedisSettings } from './redis-settings.ts';

/** A script and the hash by which a server that has seen it knows it. */
export interface RedisScript {
  readonly lua: string;
  readonly sha: string;
}

export const redisScript = (lua: string): RedisScript => ({ lua, sha: hash('sha1', lua) });

/** What a server said that could not do what it was asked, e.g. `WRONGTYPE`; undefined where none said anything. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
}

export type RedisArgument = string | number;

export interface Redis extends AsyncDisposable {
  /** Whether a connection stands; what is asked without one fails at once. */
  ready(): boolean;
  /**
   * Runs a script as one act.
   * @throws Error when nothing is heard in time. It may have run all the same.
   */
  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>;
  /** Removes a member of a sorted set. */
  dropMember(key: string, member: string): Promise<void>;
  /** Keys that begin so, of which the condition is true, are deleted. Slow: it looks at every key. @returns how many there were */
  deleteKeys(prefix: string, condition: (key: string) => boolean): Promise<number>;
  /** Keys that begin so, at most as many. */
  keys(prefix: string, limit: number): Promise<string[]>;
}

export interface RedisNeighbours {
  readonly secret: ResolveSecret;
  /** Makes a path that the configuration names a whole one. */
  readonly resolvePath: (file: string) => string;
  readonly log: Log;
}

/** Loads the client and connects, or goes on trying to; whether that has succeeded, `ready` tells. */
export async function openRedis(
  settings: RedisSettings,
  { secret, resolvePath, log }: RedisNeighbours,
): Promise<Redis> {
  const { Redis: Standalone, Cluster: Clustered } = await import('ioredis');
  const { url, sentinels, cluster, username, timeoutMs } = settings;
  const given = settings.password;
  const password = given && (await secret(given));
  const place = url === undefined ? undefined : placeIn(url)!;
  const tls = tlsOf(settings, resolvePath);
  const options: RedisOptions = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    connectTimeout: 2000,
    retryStrategy: pauseMs,
    // What could not be said is decided otherwise, at once: nothing waits here, and nothing is said twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    keepAlive: 10_000,
  };
  let client: Client | Cluster;
  if (cluster !== undefined) {
    // The client asks a node for its slots before it is ready: there something has to wait.
    const { retryStrategy: _, enableOfflineQueue: __, ...each } = options;
    const inCluster = { ...each, ...(tls && { tls }) };
    client = new Clustered([...cluster], {
      redisOptions: inCluster,
      enableOfflineQueue: false,
      clusterRetryStrategy: pauseMs,
      slotsRefreshTimeout: 2000,
    });
  } else if (sentinels !== undefined) {
    const sentinelPassword = sentinels.password && (await secret(sentinels.password));
    client = new Standalone({
      ...options,
      sentinels: [...sentinels.nodes],
      name: sentinels.master,
      sentinelRetryStrategy: pauseMs,
      ...(sentinelPassword !== undefined && { sentinelPassword }),
      ...(tls && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    });
  } else client = new Standalone({ ...options, ...place, tls: tls! });

  let troubled = '';
  client.on('error', (error: Error) => {
    if (error.message === troubled) return;
    troubled = error.message;
    log.warn({ reason: error.message }, 'Redis cannot be reached');
  });
  client.on('ready', () => (troubled = ''));
  // A password that was exchanged meanwhile is fetched before the next attempt.
  client.on('close', () => {
    if (given === undefined || client instanceof Clustered) return;
    secret(given).then(
      (renewed) => ((client.options as RedisOptions).password = renewed),
      () => undefined,
    );
  });

  let heardMs = 0;
  /**
   * One that is busy still answers somebody: only silence counts. A process that stood still finds answers and expired timers
   * at once, and what has arrived counts, however late the process reads it.
   */
  function inTime<Value>(asked: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const askedMs = performance.now();
      const look = (): void => {
        const nowMs = performance.now();
        const leftMs = timeoutMs - (nowMs - Math.max(heardMs, askedMs));
        if (leftMs > 0 && nowMs - askedMs < timeoutMs * longestWait) later(leftMs);
        else reject(new Error(`Redis has not answered in ${timeoutMs} ms`));
      };
      let timer: NodeJS.Timeout;
      const later = (ms: number): void => void (timer = setTimeout(() => setImmediate(look), ms));
      later(timeoutMs);
      asked
        .then((value) => {
          heardMs = performance.now();
          resolve(value);
        }, reject)
        .finally(() => clearTimeout(timer));
    });
  }

  async function run(
    { lua, sha }: RedisScript,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    try {
      return await client.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return client.eval(lua, keys.length, ...keys, ...args);
    }
  }

  if (client.status !== 'ready')
    await Promise.race([
      once(client, 'ready').catch(() => undefined),
      passed(firstPatienceMs, undefined, { ref: false }),
    ]);

  const masters = (): Client[] => (client instanceof Clustered ? client.nodes('master') : [client]);

  async function* matching(prefix: string): AsyncGenerator<string[]> {
    const pattern = `${prefix.replaceAll(/[\\*?[\]]/g, '\\$&')}*`;
    for (const node of masters()) {
      let cursor = '0';
      do {
        const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
        cursor = next;
        yield keys;
      } while (cursor !== '0');
    }
  }

  return {
    ready: () => client.status === 'ready',
    run: (script, keys, args) => inTime(run(script, keys, args)),
    async dropMember(key, member) {
      await inTime(client.zrem(key, member));
    },
    async deleteKeys(prefix, condition) {
      let deleted = 0;
      for await (const keys of matching(prefix))
        for (const key of keys.filter(condition)) deleted += await client.unlink(key);
      return deleted;
    },
    async keys(prefix, limit) {
      const found = new Set<string>();
      for await (const keys of matching(prefix)) {
        for (const key of keys) if (found.size < limit) found.add(key);
        if (found.size >= limit) break;
      }
      return [...found];
    },
    [Symbol.asyncDispose]() {
      client.disconnect();
      return Promise.resolve();
    },
  };
}

/** So many times the wait for a sign of life is the most that anybody waits for an answer. */
const longestWait = 20;

/** Nobody starts the later for a Redis that is away. */
const firstPatienceMs = 1000;

/** Longer and longer, and uneven, so that not all processes come back in the same moment. */
const pauseMs = (attempt: number): number =>
  Math.min(100 * 2 ** Math.min(attempt, 5), 2000) * (0.5 + Math.random() / 2);

function tlsOf({ url, tls }: RedisSettings, resolvePath: (file: string) => string): RedisOptions['tls'] {
  const place = url === undefined ? undefined : placeIn(url)!;
  const wanted = place === undefined ? tls !== undefined && tls !== false : 'tls' in place && place.tls;
  if (!wanted) return undefined;
  const { ca, serverName } = typeof tls === 'object' ? tls : {};
  return {
    ...(ca !== undefined && { ca: readFileSync(resolvePath(ca)) }),
    ...(serverName !== undefined && { servername: serverName }),
    minVersion: 'TLSv1.2',
  };
}
