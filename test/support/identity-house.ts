// Identity alone behind a real socket, with a stand-in provider, a movable clock and the records it made: what its tests start.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLog } from '../../src/base/log.ts';
import type { ResolveSecret } from '../../src/base/secret.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import type { Identity, IdentityEntry } from '../../src/identity/identity.ts';
import { identitySettings } from '../../src/identity/settings.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createDocumentSource, keyRingFile } from '../../src/state/key-ring-document.ts';
import { createKeyRing } from '../../src/state/key-ring.ts';
import { createLeases } from '../../src/state/leases.ts';
import { createSealedStore } from '../../src/state/sealed-store.ts';
import type { SealedStore } from '../../src/state/sealed-store.ts';
import type { Database } from '../../src/state/database.ts';
import { createRevocations } from '../../src/state/revocations.ts';
import type { Revocations } from '../../src/state/revocations.ts';
import { startOidcStandIn } from './oidc-stand-in.ts';
import type { OidcStandIn } from './oidc-stand-in.ts';

export interface IdentityHouse {
  readonly identity: Identity;
  readonly publicUrl: string;
  /** Address that the house really listens on. */
  readonly listening: string;
  readonly provider: OidcStandIn;
  readonly database: Database;
  readonly revocations: Revocations;
  readonly records: IdentityEntry[];
  readonly directory: string;
  /** Where the tokens of people are. */
  readonly sealed: SealedStore;
  now(): number;
  /** Moves the clock of identity ahead; the provider library keeps real time. */
  advance(ms: number): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface HouseOptions {
  readonly settings?: Record<string, unknown>;
  /** Public URL, when it is not the address that the house listens on. */
  readonly publicUrl?: string;
  /** Keep an existing data directory: another process on the same data, or a restart. */
  readonly directory?: string;
  readonly port?: number;
  readonly issuer?: string;
  readonly fetch?: typeof fetch;
  /** What secret references resolve to. */
  readonly secret?: ResolveSecret;
  /** Called before a record is kept; throwing means that it could not be made durable. */
  readonly onRecord?: (entry: IdentityEntry) => void;
}

export const resourcePaths = ['/mcp', '/sse', '/mcp/files', '/mcp/files/sse', '/mcp/azure', '/api'];

export async function startIdentityHouse(options: HouseOptions = {}): Promise<IdentityHouse> {
  const directory = options.directory ?? mkdtempSync(path.join(tmpdir(), 'genkan-identity-'));
  const provider = await startOidcStandIn();
  let identity: Identity | undefined;
  const server = createServer((request, response) => {
    if (identity!.owns(request.url!.split('?')[0]!)) return void identity!.handle(request, response);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', () => resolve()));
  const listening = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const publicUrl = options.publicUrl ?? listening;
  const database = await openDatabase(path.join(directory, 'genkan.db'));
  let offsetMs = 0;
  const [clock, log] = [{ now: () => Date.now() + offsetMs }, createLog('silent')];
  const revocations = await createRevocations({ database, log });
  const records: IdentityEntry[] = [];
  const leases = createLeases({ database, clock });
  const source = createDocumentSource(keyRingFile(path.join(directory, 'keys', 'ring.json')));
  const keys = createKeyRing({ database, source, leases, clock, log });
  const sealed = createSealedStore({ database, keys, clock, log });
  identity = await createIdentity(
    identitySettings.parse({
      provider: { issuer: options.issuer ?? provider.issuer, clientId: 'genkan', allowInsecureIssuer: true },
      ...options.settings,
    }),
    {
      database,
      revocations,
      keysDirectory: path.join(directory, 'keys'),
      publicUrl,
      resources: () => resourcePaths.map((each) => publicUrl + each),
      clock,
      log,
      sealed,
      leases,
      record: async (entry) => {
        options.onRecord?.(entry);
        records.push(entry);
      },
      sourceAddress: (request) => request.socket.remoteAddress ?? '',
      readFile: (file) => readFileSync(file, 'utf8'),
      secret: options.secret ?? (() => Promise.resolve('secret')),
      fetch: options.fetch,
    },
  );
  return {
    identity,
    publicUrl,
    listening,
    provider,
    database,
    revocations,
    records,
    directory,
    sealed,
    now: clock.now,
    advance: (ms) => (offsetMs += ms),
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections()));
      await identity.close();
      await revocations.close();
      await database.destroy();
      await provider.close();
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}
