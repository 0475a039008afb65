// The Genkan that the clients come to: its own process, a stand-in provider with sign-in pages, four servers behind it.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import type { StoredEntry } from '../../src/record/entry.ts';
import { openAuditDesk } from '../../src/operations/offline-desk.ts';
import { openOfflineKeys } from '../../src/wire/offline-keys.ts';
import { standInSecretFile, startStandInProvider } from '../../src/trial/stand-in-provider.ts';
import { startHttpFixture } from '../conformance/upstream/http.ts';
import { outputOf, spawnGenkan } from '../support/genkan-process.ts';
import { freePortPair } from '../support/free-port.ts';

/** Time that a client has before it must refresh. */
export const accessTokenSeconds = 4;
export const servers = ['legacy', 'modern', 'dual', 'stdio'] as const;

/** What the person may not: a tool, and a prompt for clients that call no tool that was not listed. */
export const forbidden = { tool: 'test_error_handling', prompt: 'test_simple_prompt' };

export interface FrontDoor extends AsyncDisposable {
  readonly url: string;
  readonly person: string;
  /** A new empty folder below the one that everything is kept in. */
  folder(name: string): string;
  /** What Genkan's own log says so far. */
  records(): Promise<StoredEntry[]>;
}

const note = { en: 'Tries clients', ja: 'クライアントを試す', ko: '클라이언트를 시험함', 'zh-Hant': '試用用戶端' };
const dana = { id: 'dana', name: 'Dana Sato', email: 'dana@example.com', groups: ['makers'], note };

export async function openFrontDoor(): Promise<FrontDoor> {
  await using opened = new AsyncDisposableStack();
  const root = mkdtempSync(path.join(os.tmpdir(), 'genkan-clients-'));
  opened.defer(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
  const http: Record<string, object> = {};
  for (const shape of ['legacy', 'modern', 'dual'] as const) {
    http[shape] = { url: opened.use(await startHttpFixture(shape)).url };
  }
  const port = await freePortPair();
  const url = `http://127.0.0.1:${port}`;
  const data = path.join(root, 'data');
  const provider = await startStandInProvider({
    port: port + 1,
    dataDirectory: data,
    redirectUris: [`${url}/auth/callback`],
    people: [dana],
  });
  opened.defer(() => provider.close());

  const config = path.join(root, 'genkan.yaml');
  writeFileSync(config, stringify(settings(port, data, provider.issuer, http), { aliasDuplicateObjects: false }));
  const genkan = spawnGenkan(['start', '--config', config], {}, root);
  const ended = once(genkan, 'exit');
  const abandon = (): boolean => genkan.kill('SIGKILL'); // it is not left behind when this process is cut short
  process.once('exit', abandon);
  opened.defer(async () => {
    genkan.kill('SIGTERM');
    await ended;
    process.off('exit', abandon);
  });
  await outputOf(genkan, /Genkan is open at/);
  const running = opened.move();
  return {
    url,
    person: dana.id,
    folder(name) {
      const folder = path.join(root, 'clients', name.replace(/[^\w.-]+/g, '-'));
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    records: async () =>
      (
        await openAuditDesk(
          () => data,
          (folder) => openOfflineKeys(folder),
        ).list({ limit: 10_000 })
      ).reverse(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function settings(port: number, data: string, issuer: string, http: Record<string, object>): object {
  const fixture = path.join(import.meta.dirname, '../conformance/upstream/stdio.ts');
  const role = {
    Name: 'Tries clients',
    Actions: ['mcp/servers/*'],
    NotActions: [`mcp/servers/*/tools/${forbidden.tool}/call`, `mcp/servers/*/prompts/${forbidden.prompt}/get`],
    AssignableScopes: ['/'],
  };
  return {
    listen: `127.0.0.1:${port}`,
    data,
    log: { level: 'warn' },
    identity: {
      provider: {
        issuer,
        allowInsecureIssuer: true,
        clientId: 'genkan',
        clientSecret: { source: 'file', path: standInSecretFile(data) },
      },
      accessTokenSeconds,
      registration: { perMinute: 1000 },
    },
    // Over HTTP+SSE the stream is the session, and it stands on the newest token that its client has shown. With tokens of seconds
    // it would be over before the client shows the next one.
    gateway: { recheckSeconds: 60 },
    access: {
      roles: [role],
      assignments: [{ principal: { group: 'makers' }, role: role.Name, scope: '/servers' }],
    },
    inspect: { pins: { alike: [[...servers]] } }, // one program, four times
    servers: { ...http, stdio: { command: [process.execPath, fixture] } },
  };
}
