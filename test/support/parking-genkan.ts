// A whole Genkan in a process of its own, which tells its parent what it holds: memory, sockets, timers, conversations.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { stringify } from 'yaml';
import { createLog } from '../../src/base/log.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openHouse } from '../../src/wire.ts';
import { makersUse } from './house.ts';
import { freePort } from './free-port.ts';

/** What is held at one moment. */
export interface Held {
  readonly heapBytes: number;
  readonly sockets: number;
  readonly timers: number;
  readonly children: number;
  readonly conversations: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const [upstream = '', count = '1'] = process.argv.slice(2);
const issuer = 'http://127.0.0.1:9';
const people = Array.from({ length: Number(count) }, (_, index) => {
  const id = `person${index}`;
  return { id, name: id, email: `${id}@example.com`, groups: ['makers'] };
});
const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-parking-'));
const file = path.join(folder, 'genkan.yaml');
const port = await freePort();
const settings = {
  listen: `127.0.0.1:${port}`,
  data: 'data',
  identity: { provider: { issuer, allowInsecureIssuer: true, clientId: 'test' } },
  access: makersUse('asking'),
  servers: { asking: { url: upstream } },
  gateway: { parkedSeconds: 12, sessionIdleSeconds: 10 },
};
writeFileSync(file, stringify(settings, { aliasDuplicateObjects: false }));
const log = createLog('silent');
const house = await openHouse(loadConfig(file), { env: process.env, trial: { issuer, people }, log });
await house.listen();

const resource = `http://127.0.0.1:${port}/mcp/asking`;
const tokens: string[] = [];
for (const { id } of people) {
  const principal = (await house.people.find(id))!;
  tokens.push((await house.trial!.token(principal, resource)).token);
}

async function held(): Promise<Held> {
  let heapBytes = Infinity;
  for (let reading = 0; reading < 10; reading++) {
    collectGarbage(); // what a collection frees is given back some turns of the event loop later
    heapBytes = Math.min(heapBytes, process.memoryUsage().heapUsed);
    await new Promise(setImmediate);
  }
  const active = process.getActiveResourcesInfo();
  const number = (kind: string): number => active.filter((name) => name === kind).length;
  const [status] = house.catalogue.list();
  return {
    heapBytes,
    sockets: number('TCPSocketWrap'),
    timers: number('Timeout'),
    children: number('ProcessWrap'),
    conversations: status!.open,
  };
}

process.on('message', (asked) => {
  if (asked === 'held') void held().then((now) => process.send!(now));
  if (asked === 'end') {
    void house.close().then(() => {
      rmSync(folder, { recursive: true, force: true });
      process.disconnect();
    });
  }
});
process.send!({ resource, tokens });
