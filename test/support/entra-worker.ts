// A second process on the data of an Entra house: fetches tokens in people's names when told to. Started by `fork`.
import { systemClock } from '../../src/base/clock.ts';
import { GenkanError } from '../../src/base/errors.ts';
import { createLog } from '../../src/base/log.ts';
import { createEntra } from '../../src/identity/entra/entra.ts';
import { entraProvider } from '../../src/identity/entra/settings.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createDocumentSource, keyRingFile } from '../../src/state/key-ring-document.ts';
import { createKeyRing } from '../../src/state/key-ring.ts';
import { createDisabled } from '../../src/identity/kill-switch/disabled.ts';
import { createLeases } from '../../src/state/leases.ts';
import { createSealedStore } from '../../src/state/sealed-store.ts';

export interface WorkerOrder {
  readonly person: string;
  readonly scopes: readonly string[];
}

const [databaseFile = '', keysFile = '', provider = '', secret = ''] = process.argv.slice(2);
const [clock, log] = [systemClock, createLog('silent')];
const database = await openDatabase(databaseFile);
const leases = createLeases({ database, clock });
const keys = createKeyRing({ database, source: createDocumentSource(keyRingFile(keysFile)), leases, clock, log });
const disabled = createDisabled(database);
const { callerTokens } = createEntra(entraProvider.parse(JSON.parse(provider)), {
  sealed: createSealedStore({ database, keys, clock, log }),
  leases,
  isDisabled: (person) => disabled.has('principal', person),
  secret: () => Promise.resolve(secret),
  record: { write: () => Promise.resolve(), refused: () => {} },
  clock,
  log,
  redirectUri: 'http://127.0.0.1/auth/callback',
});

process.on('message', ({ person, scopes }: WorkerOrder) => {
  callerTokens.tokenFor(person, scopes).then(
    ({ token }) => process.send!({ token }),
    (error: unknown) => process.send!({ code: error instanceof GenkanError ? error.code : String(error) }),
  );
});
process.send!('ready');
