// A real Redis in each of its forms: with a password, with TLS, as a cluster, behind sentinels.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { until, withoutRedis } from '../../test/support/redis.ts';
import { createLog } from '../base/log.ts';
import { openRedis, redisScript } from './redis.ts';
import { redisSettings } from './redis-settings.ts';
import { freePort } from '../../test/support/free-port.ts';

const script = redisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])");

/** Runs a redis-server of ours until the scope is left. */
async function serve(...args: readonly string[]) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-redis-'));
  const child = spawn('redis-server', args.length === 1 ? [...args, '--sentinel'] : [...args, '--save', ''], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of child.stdout!) if (/accept connections|Sentinel ID/.test(String(chunk))) break;
  child.stdout!.resume();
  return {
    folder,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const neighbours = {
  secret: ({ source }: { source: string }) => Promise.resolve(source === 'env' ? 'right' : 'wrong'),
  resolvePath: (file: string) => file,
  log: createLog('silent'),
};

async function counts(settings: object): Promise<void> {
  await using redis = await openRedis(redisSettings.parse({ timeoutMs: 1000, ...settings }), neighbours);
  await until(() => redis.ready());
  await until(async () => (await redis.run(script, ['{test}:count'], [1]).catch(() => 0)) !== 0); // elections take a moment
  assert.equal(await redis.run(script, ['{test}:count'], [2]), 3);
  assert.deepEqual(await redis.keys('{test}', 10), ['{test}:count']);
  assert.equal(await redis.deleteKeys('{test}', (key) => key.endsWith('count')), 1);
}

test('signs in with a password by reference, and is not ready with a wrong one', { skip: withoutRedis }, async () => {
  const port = await freePort();
  await using _server = await serve('--port', `${port}`, '--bind', '127.0.0.1', '--requirepass', 'right');
  const url = `redis://127.0.0.1:${port}`;
  await counts({ url, password: { source: 'env', name: 'PASSWORD' } });
  const wrong = redisSettings.parse({ url, password: { source: 'file', path: 'wrong' } });
  await using redis = await openRedis(wrong, neighbours);
  assert.ok(!redis.ready());
  await assert.rejects(redis.run(script, ['count'], [1]));
});

test('needs no more of an ACL than its own keys and what is not dangerous', { skip: withoutRedis }, async () => {
  const port = await freePort();
  const rights = ['~{test}*', '+@all', '-@dangerous', '+info', '+cluster|slots'];
  await using _server = await serve(
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--user',
    'genkan',
    'on',
    '>right',
    ...rights,
  );
  const password = { source: 'env', name: 'PASSWORD' };
  await counts({ url: `redis://127.0.0.1:${port}`, username: 'genkan', password });
});

test('speaks TLS, with an authority that it was told to trust and no other', { skip: withoutRedis }, async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-redis-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [key, ca] = [path.join(folder, 'key.pem'), path.join(folder, 'ca.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  assert.equal(spawnSync('openssl', [...made, '-keyout', key, '-out', ca, ...names]).status, 0);
  const port = await freePort();
  const tls = ['--tls-port', `${port}`, '--tls-cert-file', ca, '--tls-key-file', key, '--tls-ca-cert-file', ca];
  await using _server = await serve('--port', '0', '--bind', '127.0.0.1', '--tls-auth-clients', 'no', ...tls);
  const url = `rediss://localhost:${port}`;
  await counts({ url, tls: { ca } });
  await using stranger = await openRedis(redisSettings.parse({ url }), neighbours);
  assert.ok(!stranger.ready());
});

test('finds its way in a cluster', { skip: withoutRedis }, async () => {
  const port = await freePort();
  const [busPort, nodes] = [await freePort(), 'nodes.conf'];
  const cluster = [
    '--cluster-enabled',
    'yes',
    '--cluster-config-file',
    nodes,
    '--cluster-port',
    `${busPort}`,
    '--cluster-announce-ip',
    '127.0.0.1',
  ];
  await using _server = await serve('--port', `${port}`, '--bind', '127.0.0.1', ...cluster);
  const { Redis } = await import('ioredis');
  const node = new Redis({ port, host: '127.0.0.1' });
  await node.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  await until(async () => String(await node.call('CLUSTER', 'INFO')).includes('cluster_state:ok'));
  node.disconnect();
  await counts({ cluster: [{ host: '127.0.0.1', port }] });
});

test('asks sentinels for the master', { skip: withoutRedis }, async () => {
  const [port, sentinelPort] = [await freePort(), await freePort()];
  await using server = await serve('--port', `${port}`, '--bind', '127.0.0.1');
  const file = path.join(server.folder, 'sentinel.conf');
  writeFileSync(file, `port ${sentinelPort}\nbind 127.0.0.1\nsentinel monitor mine 127.0.0.1 ${port} 1\n`);
  await using _sentinel = await serve(file);
  await counts({ sentinels: { nodes: [{ host: '127.0.0.1', port: sentinelPort }], master: 'mine' } });
});

test('settings: one place, never a password in it, and TLS beyond this machine', () => {
  const fits = (settings: object): boolean => redisSettings.safeParse(settings).success;
  assert.ok(fits({ url: 'rediss://cache.example.com:6380' }) && fits({ url: 'unix:///run/redis.sock' }));
  assert.ok(!fits({ url: 'rediss://:secret@cache.example.com' }) && !fits({ url: 'redis://cache.example.com' }));
  assert.ok(fits({ url: 'redis://cache.example.com', allowInsecure: true }) && fits({ url: 'redis://[::1]:6379' }));
  const node = { host: '10.0.0.5', port: 6379 };
  assert.ok(!fits({ cluster: [node] }) && fits({ cluster: [node], tls: true }));
  assert.ok(!fits({}) && !fits({ url: 'redis://localhost', cluster: [node] }));
});
