// The gateway with its real neighbours, except that a test says who is asking, what time it is and when recording fails.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createHoldingGroups } from '../../src/access/analysis/holding-groups.ts';
import { createAccess } from '../../src/access/access.ts';
import type { Limits } from '../../src/access/limits/limits.ts';
import { createLimits } from '../../src/access/limits/limits.ts';
import { accessSettings } from '../../src/access/settings.ts';
import { GenkanError, refuse } from '../../src/base/errors.ts';
import { createLog } from '../../src/base/log.ts';
import type { Principal } from '../../src/base/principal.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { plainTraces } from '../../src/gateway/tracing.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import { createTaskBook } from '../../src/gateway/task-book.ts';
import { gatewaySettings } from '../../src/gateway/settings.ts';
import { createInspect } from '../../src/inspect/inspect.ts';
import { inspectSettings } from '../../src/inspect/settings.ts';
import type { AuditEntry } from '../../src/record/entry.ts';
import { createRecord } from '../../src/record/record.ts';
import { recordSettings } from '../../src/record/settings.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createCatalogue } from '../../src/upstream/catalogue.ts';
import { upstreamSettings } from '../../src/upstream/settings.ts';
import { unwatched } from './plain-shield.ts';
import { policyGround } from './policy-ground.ts';

export interface GatewayRoom extends AsyncDisposable {
  readonly url: string;
  readonly gateway: Gateway;
  readonly limits: Limits;
  /** Every record, as soon as it is durable. */
  readonly records: readonly AuditEntry[];
  /** Resolves with the first record, past or to come, of which the condition is true. */
  recorded(condition: (entry: AuditEntry) => boolean): Promise<AuditEntry>;
  /** Called before each record is made; what it throws is a record that cannot be made durable. */
  onRecord: (entry: AuditEntry) => void | Promise<void>;
  /** Called while a token is checked, after it was found good and before anybody hears of it. */
  onVerified: () => void;
  /** Moves the clock on. */
  pass(seconds: number): void;
  /** From now on this token, or every token of this person, is refused. */
  revoke(personOrToken: string): void;
  /** Resolves when a client breaks off a request that has not been answered. */
  hangUp(): Promise<void>;
  /** How often a token was checked. */
  readonly verifications: () => number;
}

/** A token here is a person's name, with the name of another client after a dash, and a number after a dot where there are several; dana and erin are in the group `makers`, omar is not. */
const groups: Readonly<Record<string, readonly string[]>> = { dana: ['makers'], erin: ['makers'], omar: [] };

export const recordingFails = (): never => {
  throw new GenkanError('record_unavailable');
};

export async function openGatewayRoom(settings: {
  readonly access?: object;
  readonly servers: object;
  readonly gateway?: object;
  readonly inspect?: object;
}): Promise<GatewayRoom> {
  const dataDirectory = mkdtempSync(path.join(os.tmpdir(), 'genkan-room-'));
  const log = createLog('silent');
  let passedMs = 0;
  const clock = { now: () => Date.now() + passedMs };
  const database = await openDatabase(path.join(dataDirectory, 'genkan.db'));
  const origin = 'genkan.example';
  const record = await createRecord(recordSettings.parse({}), {
    dataDirectory,
    keysDirectory: dataDirectory,
    origin,
    clock,
    log,
  });
  const readFile = (): never => {
    throw new Error('no role files here');
  };
  const access = await createAccess(accessSettings.parse(settings.access ?? {}), {
    running: await policyGround(database, clock),
    variables: {},
    readFile,
    clock,
  });
  const servers = upstreamSettings.parse(settings.servers);
  const secret = (): never => readFile();
  const catalogue = await createCatalogue(servers, { database, secret, environment: process.env, clock, log });

  const limits = createLimits(accessSettings.parse(settings.access ?? {}).limits, {
    append: (entry) => appendEntry(entry),
    clock,
    nowMicros: () => clock.now() * 1000,
    log,
  });

  const records: AuditEntry[] = [];
  const awaited = new Set<(entry: AuditEntry) => void>();
  const revoked = new Set<string>();
  const hangUps: (() => void)[] = [];
  let verifications = 0;
  const server = createServer((request, response) => {
    response.once('close', () => {
      if (!response.writableFinished) for (const notice of hangUps.splice(0)) notice();
    });
    const [, name, entrance] = /^\/mcp\/([^/?]+)(?:\/(sse|message))?/.exec(request.url!) ?? [];
    void gateway.handle(request, response, name, entrance as 'sse' | 'message' | undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function appendEntry(entry: AuditEntry): Promise<number> {
    await room.onRecord(entry);
    const index = await record.append(entry);
    records.push(entry);
    for (const look of awaited) look(entry);
    return index;
  }

  const room: Pick<GatewayRoom, 'onRecord' | 'onVerified'> = { onRecord: () => {}, onVerified: () => {} };
  const gateway = createGateway(gatewaySettings.parse(settings.gateway ?? {}), {
    verify(authorization) {
      verifications++;
      const [, id = '', clientId = 'client'] = /^Bearer ([a-z]+)(?:-(\w+))?(?:\.\d)?$/.exec(authorization ?? '') ?? [];
      const known = groups[id];
      if (known === undefined || revoked.has(id) || revoked.has(authorization!.slice(7)))
        return refuse('identity_grant_revoked', {}, { outcome: 'challenge' });
      const principal: Principal = { id, kind: 'user', name: id, groups: known, clientId };
      room.onVerified();
      return { outcome: 'allow', principal };
    },
    challenge: () => 'Bearer',
    access,
    limits,
    inspect: createInspect(inspectSettings.parse(settings.inspect ?? {}), { ...unwatched, log }),
    catalogue,
    tasks: createTaskBook(database, clock),
    record: { append: appendEntry },
    clock,
    log,
    publicUrl: url,
    holdingGroups: createHoldingGroups(access),
    sourceAddress: () => '127.0.0.1',
    traces: plainTraces,
    observe: () => {},
  });

  return Object.assign(room, {
    url,
    gateway,
    limits,
    records,
    recorded(condition: (entry: AuditEntry) => boolean): Promise<AuditEntry> {
      return new Promise((resolve) => {
        const look = (entry: AuditEntry): void => {
          if (!condition(entry)) return;
          awaited.delete(look);
          resolve(entry);
        };
        awaited.add(look);
        records.forEach(look);
      });
    },
    pass: (seconds: number) => void (passedMs += seconds * 1000),
    revoke: (personOrToken: string) => void revoked.add(personOrToken),
    hangUp: () => new Promise<void>((resolve) => void hangUps.push(resolve)),
    verifications: () => verifications,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await gateway.close();
      await limits.close();
      await catalogue.close();
      await record.close();
      await database.destroy();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  });
}
