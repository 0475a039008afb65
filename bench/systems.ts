// The systems that are compared: the upstream itself, the barest proxies, Genkan with everything on, and an SDK relay.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Era } from '../src/protocol/message.ts';
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
  const run = async (...args: Parameters<typeof start>): Promise<Running> => {
    const process = await start(...args);
    running.push(process);
    return process;
  };
  if (process.platform === 'linux') spawnSync('taskset', ['-cp', String(cores.load), String(process.pid)]);

  // `direct` is the upstream on the measured core; what stands behind the proxies is its twin on the other.
  const direct = await run([node, file('raw-upstream.ts')], { core: cores.measured });
  const upstream = await run([node, file('raw-upstream.ts')], { core: cores.load });
  const upstreamUrl = `http://127.0.0.1:${upstream.said}`;
  const bare = await run([node, file('bare-dispatch.ts'), upstreamUrl], { core: cores.measured });
  const local = (port: string): string => `http://127.0.0.1:${port}/mcp`;
  const systems: System[] = [
    { name: 'direct', url: local(direct.said), pid: direct.pid, headers: {} },
    { name: 'bare dispatch', url: local(bare.said), pid: bare.pid, headers: {} },
  ];

  const genkan = await run([node, file('genkan.ts'), folder, `${upstreamUrl}/mcp`], {
    core: cores.measured,
    ready: /^\{/,
  });
  const { url, token } = JSON.parse(genkan.said) as { url: string; token: string };
  systems.push({ name: 'genkan', url, pid: genkan.pid, headers: { authorization: `Bearer ${token}` } });

  if (spawnSync('nginx', ['-v']).status === 0) systems.push(await startNginx(folder, upstreamUrl, run));
  else say('nginx is not installed, so it is left out');

  const port = await freePort();
  const relay = path.join(import.meta.dirname, '../node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs');
  const stdio = [node, file('raw-stdio-upstream.ts')];
  const proxy = await run([node, relay, '--host', '127.0.0.1', '--port', String(port), '--', ...stdio], {
    core: cores.measured,
    ready: /./,
  });
  const session = await openSession(local(String(port)));
  systems.push({
    name: 'mcp-proxy',
    url: local(String(port)),
    pid: proxy.pid,
    headers: session,
    era: 'legacy',
    only: ['echo x16'],
  });

  return {
    systems,
    async stop() {
      await Promise.all(running.map((process) => process.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

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
  const url = `http://127.0.0.1:${port}/mcp`;
  for (let attempt = 0; attempt < 100; attempt++) {
    if (
      await fetch(url, { method: 'PUT' }).then(
        () => true,
        () => false,
      )
    )
      break;
  }
  return { name: 'nginx', url, pid: nginx.pid, headers: {} };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
