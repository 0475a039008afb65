// Local mode connected: one client over standard input and output, the same path as at the door, one record for each process.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { createAccess } from '../access/access.ts';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import type { Language } from '../base/text.ts';
import { createSecrets } from '../config/secrets.ts';
import { createGateway } from '../gateway/gateway.ts';
import { createTaskBook } from '../gateway/task-book.ts';
import { createInspect } from '../inspect/inspect.ts';
import { createRecord } from '../record/record.ts';
import { openDatabase } from '../state/database.ts';
import { createCatalogue } from '../upstream/catalogue.ts';
import { createLocalIdentity } from './local-identity.ts';
import type { LocalPlan } from './local-settings.ts';
import { takePlace } from './places.ts';

export interface LocalHouse extends AsyncDisposable {
  /** Serves the client until it has no more to say, or is gone. */
  converse(input: Readable, output: Writable): Promise<void>;
  /** Ends the conversation: what is under way is given up. */
  end(): void;
}

export interface LocalOptions {
  /** Data directory of the person. */
  readonly root: string;
  readonly account: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
}

/** @throws GenkanError `local_places_full`, `record_unavailable`, and what a wrong setting throws */
export async function openLocal({ settings, folder, server }: LocalPlan, options: LocalOptions): Promise<LocalHouse> {
  const { root, account, env, language } = options;
  const log = createLog(settings.log.level);
  const clock = systemClock;
  // Nobody is at home at this address; it is where the resource of a token would be, if there were tokens.
  const publicUrl = 'http://localhost';

  await using opened = new AsyncDisposableStack();
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const place = takePlace(root, server ?? 'everything');
  opened.defer(() => place.release());
  const [database, record] = await Promise.all([
    openDatabase(path.join(place.folder, 'genkan.db')).then((database) => {
      opened.defer(() => database.destroy());
      return database;
    }),
    createRecord(settings.record, {
      dataDirectory: place.folder,
      keysDirectory: path.join(place.folder, 'keys'),
      origin: `local/${server ?? 'everything'}/${path.basename(place.folder)}`,
      clock,
      log,
    }).then((record) => {
      opened.defer(() => record.close());
      return record;
    }),
  ]);
  const access = await createAccess(settings.access, {
    database,
    variables: settings.variables,
    readFile: (file) => readFileSync(path.resolve(folder, file), 'utf8'),
    clock,
  });
  const secret = createSecrets({ env, folder });
  const catalogue = await createCatalogue(settings.servers, { database, secret, environment: env, clock, log });
  opened.defer(() => catalogue.close());
  const identity = createLocalIdentity(account);
  const gateway = createGateway(
    // One client, for as long as it likes.
    { ...settings.gateway, sessionSeconds: Number.MAX_SAFE_INTEGER },
    {
      verify: identity.verify,
      challenge: () => '',
      access,
      inspect: createInspect(settings.inspect, { log }),
      catalogue,
      tasks: createTaskBook(database, clock),
      record,
      clock,
      log,
      publicUrl,
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
