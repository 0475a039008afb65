// The systems that are compared: the upstream itself, the barest proxies, Genkan with everything on, and an SDK relay.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Era } from '../src/protocol/message.ts';
import { freePort } from '../test/support/free-port.ts';
import { openSession } from './load.ts';
import { start } from './processes.ts';
import type { Running } from './processes.ts';

export interface System {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly headers: Record<string, string>;
  /** Revisions in which it is called; modern when absent. */
  readonly era?: Era;
  /** Scenarios that it can take part in; all when absent. */
  readonly only?: readonly string[];
}

/** The system under test runs on one core; the upstream and the load share the other. */
const cores = { measured: 0, load: 1 };
const file = (name: string): string => path.join(import.meta.dirname, name);
const { execPath: node } = process;

export async function startSystems(
  say: (line: string) => void,
): Promise<{ systems: System[]; stop: () => Promise<void> }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-bench-'));
  const running: Running[] = [];
  const run: typeof start = async (...args) => {
    const started = await start(...args);
    running.push(started);
    return started;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((process) => process.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  if (process.platform === 'linux') spawnSync('taskset', ['-cp', String(cores.load), String(process.pid)]);
  try {
    return { systems: await startAll(folder, run, say), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(folder: string, run: typeof start, say: (line: string) => void): Promise<System[]> {
  // `direct` is the upstream on the measured core; what stands behind the proxies is its twin on the other.
  const direct = await run([node, file('raw-upstream.ts')], { core: cores.measured });
  const upstream = await run([node, file('raw-upstream.ts')], { core: cores.load });
  const upstreamUrl = `http://127.0.0.1:${upstream.said}`;
  const bare = await run([node, file('bare-dispatch.ts'), upstreamUrl], { core: cores.measured });
  const systems: System[] = [
    { name: 'direct', url: local(direct.said), pid: direct.pid, headers: {} },
    { name: 'bare dispatch', url: local(bare.said), pid: bare.pid, headers: {} },
  ];

  const port = String(await freePort());
  const command = [node, file('genkan.ts'), folder, `${upstreamUrl}/mcp`, port];
  const genkan = await run(command, { core: cores.measured, ready: /^\{/ });
  const { url, token } = JSON.parse(genkan.said) as { url: string; token: string };
  systems.push({ name: 'genkan', url, pid: genkan.pid, headers: { authorization: `Bearer ${token}` } });
  systems.push(await startUnscanned(folder, upstreamUrl, run));

  if (spawnSync('nginx', ['-v']).status === 0) systems.push(await startNginx(folder, upstreamUrl, run));
  else say('nginx is not installed, so it is left out');
  systems.push(await startSdkRelay(run));
  return systems;
}

/** Genkan that does not look at the texts of results: for what looking costs. */
async function startUnscanned(folder: string, upstreamUrl: string, run: typeof start): Promise<System> {
  const own = path.join(folder, 'unscanned');
  mkdirSync(own);
  const command = [node, file('genkan.ts'), own, `${upstreamUrl}/mcp`, String(await freePort()), 'unscanned'];
  const { said, pid } = await run(command, { core: cores.measured, ready: /^\{/ });
  const { url, token } = JSON.parse(said) as { url: string; token: string };
  return {
    name: 'genkan, unscanned',
    url,
    pid,
    headers: { authorization: `Bearer ${token}` },
    only: ['64 KiB x16'],
  };
}

/** A relay built on the official SDK, in front of a command, since that is what such relays are for. */
async function startSdkRelay(run: typeof start): Promise<System> {
  const port = await freePort();
  const script = path.join(import.meta.dirname, '../node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs');
  const command = [
    node,
    script,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--',
    node,
    file('raw-stdio-upstream.ts'),
  ];
  const proxy = await run(command, { core: cores.measured, ready: /./ });
  await untilListening(port);
  const url = local(String(port));
  return { name: 'mcp-proxy', url, pid: proxy.pid, headers: await openSession(url), era: 'legacy', only: ['echo x16'] };
}

const local = (port: string): string => `http://127.0.0.1:${port}/mcp`;

async function startNginx(folder: string, upstreamUrl: string, run: typeof start): Promise<System> {
  const port = await freePort();
  const config = path.join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `daemon off; worker_processes 1; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream raw { server ${new URL(upstreamUrl).host}; keepalive 64; }
  server { listen 127.0.0.1:${port}; keepalive_requests 10000000; location / { proxy_pass http://raw; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}`,
  );
  const nginx = await run(['sh', '-c', `echo starting; exec nginx -c ${config}`], { core: 0, ready: /starting/ });
  await untilListening(port);
  return { name: 'nginx', url: local(String(port)), pid: nginx.pid, headers: {} };
}

/** Waits until something accepts connections, for a few seconds at most. */
async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (accepted) return;
    await after(25);
  }
  throw new Error(`nothing listens on port ${port}`);
}
