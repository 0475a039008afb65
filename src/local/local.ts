// Local mode connected: one client over standard input and output, the same path as at the door, one record for each process.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createAccess } from '../access/access.ts';
import { createLimits } from '../access/limits/limits.ts';
import { monotonicMicros, systemClock } from '../base/clock.ts';
import { SignInAgain } from '../base/caller-tokens.ts';
import { GenkanError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Language } from '../base/text.ts';
import { createSecrets } from '../config/secrets.ts';
import { createGateway } from '../gateway/gateway.ts';
import { plainTraces } from '../gateway/tracing.ts';
import type { Shown } from '../identity/local/remembered.ts';
import { createInspect } from '../inspect/inspect.ts';
import { suspectsIn } from '../inspect/pins/suspects.ts';
import { createShield } from '../inspect/shield/linear-shield.ts';
import { createCatalogue } from '../upstream/catalogue.ts';
import type { UpstreamNeighbours } from '../upstream/transport.ts';
import { nobodysIdentity } from './nobodys-identity.ts';
import type { Ground } from './ground.ts';
import type { LocalPlan } from './local-settings.ts';
import type { Machine } from './places.ts';
import { openPinsLater } from './local-pins.ts';
import { openTaintLater } from './local-taint.ts';
import { openTaskBook } from './task-book-later.ts';

export interface LocalHouse extends AsyncDisposable {
  /** Serves the client until it has no more to say, or is gone. */
  converse(input: Readable, output: Writable): Promise<void>;
  /** Ends the conversation: what is under way is given up. */
  end(): void;
}

export interface LocalOptions {
  /** Data directory of the person. */
  readonly root: string;
  readonly ground: Ground;
  readonly log: Log;
  readonly startProcess?: UpstreamNeighbours['startProcess'];
  readonly account: string;
  readonly machine: Machine;
  readonly language: Language;
  /** Shows the person at the terminal where to sign in, if there is one. */
  readonly tell: (shown: Shown) => void;
}

/** Whoever is turned away as themselves has to sign in anew, which the next message asks of them. */
const callerDesks: NonNullable<UpstreamNeighbours['connections']> = {
  at(server) {
    throw new GenkanError('local_server_by_browser', { server });
  },
  forCallers: () => ({
    signInRequired: (_person, detail) => Promise.resolve(new SignInAgain(detail)),
    close: () => undefined,
  }),
};

/** @throws GenkanError what a wrong setting throws */
export async function openLocal({ settings, folder, server }: LocalPlan, options: LocalOptions): Promise<LocalHouse> {
  const { ground, account, language, machine, log, startProcess } = options;
  const { record } = ground;
  const { env } = machine;
  const clock = systemClock;
  // Nobody is at home at this address; it is where the resource of a token would be, if there were tokens.
  const publicUrl = 'http://localhost';

  await using opened = new AsyncDisposableStack();
  const access = await createAccess(settings.access, {
    variables: settings.variables,
    readFile: (file) => readFileSync(path.resolve(folder, file), 'utf8'),
    clock,
  });
  const secret = createSecrets({ env, folder });
  const provider = settings.identity?.provider;
  const identity =
    provider === undefined
      ? nobodysIdentity(account)
      : await (await import('./local-identity.ts')).openLocalIdentity(provider, { ...options, record, clock, log });
  opened.defer(() => identity.close());
  const catalogue = await createCatalogue(settings.servers, {
    secret,
    callers: identity.callers,
    connections: callerDesks,
    ...(provider !== undefined && 'graphUrl' in provider && { graphUrl: provider.graphUrl }),
    environment: env,
    ...(startProcess && { startProcess }),
    clock,
    log,
  });
  opened.defer(() => catalogue.close());
  const limits = createLimits(settings.access.limits, {
    append: (entry) => record.append(entry),
    clock,
    nowMicros: monotonicMicros,
    log,
  });
  opened.defer(() => limits.close());
  const tasks = opened.use(openTaskBook(path.join(ground.folder, 'genkan.db'), clock));
  const shield = createShield();
  const pins = opened.use(
    openPinsLater(settings.inspect.pins, {
      root: options.root,
      servers: () => catalogue.names(),
      suspects: suspectsIn(settings.inspect, shield),
      record,
      clock,
      log,
    }),
  );
  const { taint } = settings.inspect;
  const flows = taint && opened.use(openTaintLater(taint, { root: options.root, clock }));
  const gateway = createGateway(
    // One client, for as long as it likes.
    { ...settings.gateway, sessionSeconds: Number.MAX_SAFE_INTEGER },
    {
      verify: (_authorization, _resource, _from, again) => identity.verify(again),
      challenge: () => '',
      access,
      limits,
      inspect: createInspect(settings.inspect, {
        log,
        shield,
        isApproved: pins.approvedByPerson,
        count: () => undefined,
      }),
      catalogue,
      pins,
      flows,
      tasks,
      record,
      clock,
      log,
      publicUrl,
      traces: plainTraces,
      sourceAddress: () => '',
      observe: () => undefined,
    },
  );
  opened.defer(() => gateway.close());

  const everything = opened.move();
  return {
    converse: (input, output) => gateway.converse({ input, output, server, language }),
    end: () => gateway.drain(),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
