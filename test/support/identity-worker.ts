// A second process on the data of a running identity house: `identity-worker.ts DIRECTORY PUBLIC_URL`, tells its port by message.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createLog } from '../../src/base/log.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { identitySettings } from '../../src/identity/settings.ts';
import { openDatabase } from '../../src/state/database.ts';
import { createRevocations } from '../../src/state/revocations.ts';
import { resourcePaths } from './identity-house.ts';

const [directory, publicUrl] = process.argv.slice(2) as [string, string];
const database = await openDatabase(path.join(directory, 'genkan.db'));
const log = createLog('silent');
const identity = await createIdentity(
  identitySettings.parse({ provider: { issuer: 'https://unused.example', clientId: 'genkan' } }),
  {
    database,
    revocations: await createRevocations({ database, log }),
    keysDirectory: path.join(directory, 'keys'),
    publicUrl,
    resources: () => resourcePaths.map((each) => publicUrl + each),
    clock: { now: Date.now },
    log,
    record: () => Promise.resolve(),
    sourceAddress: () => '',
    readFile: () => '',
    secret: () => Promise.reject(new Error('no secrets here')),
  },
);
const { host } = new URL(publicUrl);
const server = createServer((request, response) => {
  request.headers.host = host; // as a load balancer in front of both processes would leave it
  void identity.handle(request, response);
});
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
