// The one place where everything is connected: a configuration becomes a running house.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createHoldingGroups } from './access/analysis/holding-groups.ts';
import type { Log } from './base/log.ts';
import { applicationId } from './base/principal.ts';
import { createConfigurationDesk } from './config/configuration-desk.ts';
import type { Config } from './config/load.ts';
import { hostAndPort } from './config/settings.ts';
import { mcpPath, ssePath } from './gateway/arrival.ts';
import { createGateway } from './gateway/gateway.ts';
import { createTaskBook } from './gateway/task-book.ts';
import { createIdentity } from './identity/identity.ts';
import { createShield } from './inspect/shield/linear-shield.ts';
import type { House } from './operations/house.ts';
import { perform } from './operations/perform.ts';
import { operationOf } from './operations/registry.ts';
import { createPeopleDesk, createTrialDesk } from './operations/people.ts';
import type { TrialPeople } from './operations/people.ts';
import { createRestDoor } from './operations/rest-door.ts';
import { createMetrics } from './record/metrics.ts';
import type { Metrics } from './record/metrics.ts';
import { createListener } from './server.ts';
import { adoptConnections } from './upstream/authorization/connection-store.ts';
import { createConnections } from './upstream/authorization/connections.ts';
import { createCatalogue } from './upstream/catalogue.ts';
import type { UpstreamSettings } from './upstream/settings.ts';
import { openAccess } from './wire/access.ts';
import { openEntra } from './wire/entra.ts';
import { openExports } from './wire/exports.ts';
import { openFoundation } from './wire/foundation.ts';
import { openIdentityReader } from './wire/identity-reader.ts';
import { openInspect } from './wire/inspect.ts';
import { openLimits } from './wire/limits.ts';
import { openTelemetry } from './wire/otlp.ts';
import { openPins } from './wire/pins.ts';
import { createRecordedStart, openRecordDesk, recordStart } from './wire/record.ts';
import { openTaint } from './wire/taint.ts';
import {
  lastKnown,
  observeProcess,
  observeRequests,
  timedAccess,
  timedExamination,
  timedRecorder,
  traceRules,
} from './wire/telemetry.ts';
import { openWitnesses } from './wire/witnesses.ts';

export interface OpenHouse extends House {
  readonly metrics: Pick<Metrics, 'families'>;
  /**
   * Starts the HTTP listener; resolves with the port. When it cannot start, the house is closed.
   * @throws GenkanError `server_port_taken`, `server_address_unusable`
   */
  listen(): Promise<number>;
  /** Stops in order: streams end, requests under way are answered, children end, records are durable. Idempotent. */
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Environment for secret references and for what children inherit by allow-list. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Present in the trial alone, where tokens may be had without signing in. */
  readonly trial?: TrialPeople;
  readonly log?: Log;
}

/**
 * Opens the house of a data directory. Without `listen()` it serves the command line alone.
 * @throws GenkanError `record_unavailable` when another process has it open
 */
export async function openHouse(config: Config, { env, trial, log: given }: OpenOptions): Promise<OpenHouse> {
  const { settings, dataDirectory, publicUrl } = config;
  const configFolder = path.dirname(config.file);
  const metrics = createMetrics();

  // Whatever fails below, what was opened before it is closed again.
  await using opened = new AsyncDisposableStack();
  const ground = opened.use(await openFoundation(config, { env, log: given }));
  const { clock, log, keysDirectory, sourceAddress, database, revocations, record, secretFor } = ground;
  const { leases, keys, keyRotation, sealed } = ground;
  // Ended after the gateway, whose last calls it sends, and before what it keeps its secrets in.
  const otlp = openTelemetry(config, ground, metrics);
  opened.defer(() => otlp?.telemetry.close());
  await adoptConnections(database, path.join(keysDirectory, 'connections.key'), sealed, log);

  const { access, approvals, calls, elevation, reviews, rules, approverList } = await openAccess(config, ground, {
    person: (...asked) => identity.person(...asked),
    personNamed: (name) => identity.personNamed(name),
    everybody: () => identity.everybody(),
    endGrant: (grantId, cause) => identity.killSwitch.endGrant(grantId, cause),
    callers: { tokenFor: (...asked) => identity.callers.tokenFor(...asked) },
  });
  opened.defer(() => reviews.close());
  opened.defer(() => elevation.close());
  opened.defer(() => access.close());
  const { limits } = opened.use(await openLimits(config, ground, metrics));
  const shield = createShield();
  const { pins, desk: pinDesk } = await openPins(config, ground, metrics, { servers: () => catalogue.names(), shield });
  const inspect = await openInspect(settings.inspect, {
    isApproved: pins.approvedByPerson,
    shield,
    log,
    clock,
    metrics,
    approverList,
    sealed,
    secret: secretFor('inspect'),
    configFolder,
  });
  opened.defer(() => inspect.close());
  const flows = openTaint(settings.inspect.taint, { database, clock, metrics, approverList });
  const connections = createConnections({
    sealed,
    leases,
    keysDirectory,
    publicUrl,
    secret: secretFor('connections'),
    clock,
    log,
  });
  const catalogue = await createCatalogue(inFolder(settings.servers, configFolder), {
    database,
    secret: secretFor('servers'),
    connections,
    onChange: () => void revocations.catchUp().catch((error: unknown) => log.error({ err: error }, 'not told at once')),
    callers: { tokenFor: (...asked) => identity.callers.tokenFor(...asked) },
    ...('graphUrl' in settings.identity.provider && { graphUrl: settings.identity.provider.graphUrl }),
    environment: env,
    startProcess: createRecordedStart(ground),
    clock,
    log,
  });
  opened.defer(() => catalogue.close());
  const identity = await createIdentity(settings.identity, {
    ...ground,
    resources: () =>
      [...[undefined, ...catalogue.names()].flatMap((server) => [mcpPath(server), ssePath(server, 'sse')]), '/api'].map(
        (path) => publicUrl + path,
      ),
    secret: secretFor('identity'),
    act: (operation, input, caller) => perform(operationOf(operation), input, caller, house),
    record: (entry) => record.append(entry),
    connections,
    async forgetPerson(person) {
      const held = (await connections.list()).filter((connection) => connection.person === person);
      for (const { server } of held) await connections.remove(person, server);
      await sealed.remove(person);
    },
  });
  opened.defer(() => identity.close());

  const entra = await openEntra(config, ground, identity);
  opened.defer(() => entra?.close());

  const exports = openExports(config, ground, metrics);
  opened.defer(() => exports.close());
  const recordDesk = openRecordDesk(config, { ...ground, keptFrom: exports.keptFrom, metrics });
  opened.defer(() => recordDesk.close());
  const witnesses = opened.use(await openWitnesses(config, ground, { env, metrics }));

  const gateway = createGateway(settings.gateway, {
    verify: identity.verify,
    challenge: identity.challenge,
    access: timedAccess(access, metrics),
    limits,
    inspect: { ...inspect, examination: timedExamination(inspect.examination, metrics) },
    catalogue,
    pins,
    flows,
    tasks: createTaskBook(database, clock),
    approvals: calls,
    record: timedRecorder(record, metrics),
    holdingGroups: createHoldingGroups(access),
    traces: traceRules(settings.telemetry, otlp?.telemetry.collects === true),
    clock,
    log,
    publicUrl,
    sourceAddress,
    observe: observeRequests(metrics, otlp?.collect),
  });
  opened.defer(() => gateway.close());
  access.follow(gateway.recheck);
  const late = (error: unknown): void => log.error({ err: error }, 'something was not ended at a server');
  revocations.follow(({ kind, subject, act }) => {
    if (kind === 'server') catalogue.follow(subject).catch(late);
    if (act !== 'disable' && act !== 'end') return;
    gateway.endFor({ kind, subject }, endedBecause[kind][act]);
    const person = kind === 'client' ? applicationId(subject) : subject; // an agent is its own client
    if (kind === 'client') gateway.endFor({ kind: 'principal', subject: person }, endedBecause[kind][act]);
    if (kind === 'client' || kind === 'principal') catalogue.endPerson(person).catch(late);
  });
  metrics.gaugeOf('genkan_sessions', 'Open sessions of clients of the legacy era.', () => gateway.sessions());
  metrics.gaugeOf('genkan_streams', 'Event streams that are open without a request.', () => gateway.streams());
  metrics.gaugeOf('genkan_audit_queue', 'Audit records that wait to become durable.', () => record.status().waiting);
  metrics.gaugeOf('genkan_audit_unavailable', '1 while audit records cannot be written.', () =>
    record.status().failure === undefined ? 0 : 1,
  );
  metrics.gaugeOf(
    'genkan_approvals_waiting',
    'Requests that wait for somebody to decide on them, as of the reading of the metrics before this one.',
    lastKnown(approvals.waiting, (error) => log.warn({ err: error }, 'approvals could not be counted')),
  );
  opened.defer(observeProcess(metrics));

  const house: House = {
    access,
    identityReader: openIdentityReader(config, ground),
    limits,
    approvals,
    elevation,
    reviews,
    emergencyToken: (wish) => identity.mint({ ...wish, clientId: 'break-glass' }),
    notices: ground.notices,
    catalogue,
    pins: pinDesk,
    taint: flows?.taint.marks,
    // What administrators do is on record, whatever calls may do without.
    record: { append: record.insist },
    search: record.search,
    audit: witnesses.audit,
    witnesses: witnesses.witnesses,
    recorded: record,
    recordDesk,
    exports,
    telemetry: otlp && { test: otlp.telemetry.test, sampledShare: settings.telemetry.sampledShare },
    configuration: createConfigurationDesk(config.file, undefined, settings),
    people: createPeopleDesk(database, trial),
    connections,
    conditionalAccess: identity.conditionalAccess,
    entra,
    keys: keyRotation,
    killSwitch: identity.killSwitch,
    clients: { ...identity.agents, workloadIssuers: settings.identity.workloadIssuers.map(({ issuer }) => issuer) },
    trial: trial && createTrialDesk(identity, trial),
    clock,
    publicUrl,
  };
  const api = createRestDoor(house, {
    verify: (authorization, from, again) =>
      identity.verify(authorization, `${publicUrl}/api`, { ...from, url: `${publicUrl}${from.path}` }, again),
    challenge: (refusal) => identity.challenge(refusal, `${publicUrl}/api`),
    secondFactor: settings.identity.conditionalAccess.contexts.mfa,
    keysDirectory,
    sourceAddress,
  });
  const listener = createListener(
    {
      ...config.listen,
      publicUrl,
      allowedOrigins: settings.gateway.allowedOrigins,
      metrics: settings.metrics,
      drainSeconds: settings.gateway.drainSeconds,
      log,
      sourceAddress,
    },
    {
      mcp: gateway.handle,
      identity,
      api: api.handle,
      audit: witnesses.door((request, response, what) =>
        api.admit(request, response, { action: 'genkan/audit/list', as: 'audit.tiles', resource: `/audit/${what}` }),
      ),
      metrics: metrics.render,
      troubles: () => (record.status().failure === undefined ? [] : ['audit records cannot be written']),
      notes: () => [
        ...(limits.counting() === 'apart'
          ? ['limits: Redis is away or cannot count all, each process allows its share']
          : []),
        ...witnesses.notes(),
      ],
      drain: gateway.drain,
    },
  );

  const everything = opened.move();
  const runningFile = path.join(dataDirectory, 'running.json');
  let listening = false;
  let recordStop: (() => Promise<unknown>) | undefined;
  let resumed: Promise<unknown> | undefined;
  let closing: Promise<void> | undefined;
  async function stop(): Promise<void> {
    if (listening) {
      rmSync(runningFile, { force: true });
      await listener.close();
    }
    await resumed;
    await recordStop?.().catch((error: unknown) => log.error({ err: error }, 'the end was not recorded'));
    await everything.disposeAsync();
  }
  const close = (): Promise<void> => (closing ??= stop());
  return {
    ...house,
    metrics,
    async listen() {
      try {
        await keys.sealing(); // better no service than one that can keep nothing
        recordStop = await recordStart({ config, crashed: existsSync(runningFile) }, ground);
        const port = await listener.listen();
        resumed = keyRotation
          .resume()
          .catch((error: unknown) => log.error({ err: error }, 'a key rotation was not finished'));
        entra?.attend();
        await limits.attend();
        elevation.attend();
        void rules.lookUpApprovers();
        ground.notices.attend();
        reviews.attend();
        witnesses.attend();
        recordDesk.attend();
        exports.attend();
        otlp?.telemetry.attend();
        listening = true;
        const url = `http://${hostAndPort(config.listen.host, port)}`;
        writeFileSync(runningFile, JSON.stringify({ pid: process.pid, url }), { mode: 0o600 });
        return port;
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
  };
}

/** What whoever is in the middle of something is told when it ends. */
const endedBecause = {
  principal: { disable: 'identity_principal_disabled', end: 'identity_grant_revoked' },
  client: { disable: 'identity_client_revoked', end: 'identity_grant_revoked' },
  grant: { disable: 'identity_grant_revoked', end: 'identity_grant_revoked' },
  server: { disable: 'upstream_not_approved', end: 'upstream_not_approved' },
} as const;

/** Working directories are written relative to the configuration, as every path in it. */
function inFolder(servers: UpstreamSettings, folder: string): UpstreamSettings {
  const placed = Object.entries(servers).map(([name, server]) => [
    name,
    'command' in server ? { ...server, workingDirectory: path.resolve(folder, server.workingDirectory ?? '') } : server,
  ]);
  return Object.fromEntries(placed) as UpstreamSettings;
}
