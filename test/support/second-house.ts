// A second whole Genkan, in a process of its own, on the database and keys of a first one; it writes an audit log of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { createLog } from '../../src/base/log.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openHouse } from '../../src/wire.ts';
import type { TestHouse } from './house.ts';
import { freePort } from './free-port.ts';

export interface SecondHouse extends AsyncDisposable {
  /** Where it listens; it goes by the public address of the first. */
  readonly url: string;
  readonly pid: number;
}

/** @param settings as the first house has them */
export async function openSecondHouse(first: TestHouse, settings: Record<string, unknown>): Promise<SecondHouse> {
  const folder = path.join(path.dirname(first.dataDirectory), 'second');
  const data = path.join(folder, 'data');
  const keys = path.join(first.dataDirectory, 'keys');
  mkdirSync(path.join(data, 'keys'), { recursive: true, mode: 0o700 });
  symlinkSync(path.join(first.dataDirectory, 'genkan.db'), path.join(data, 'genkan.db'));
  for (const name of readdirSync(keys))
    if (!/^(audit|operator)/.test(name)) symlinkSync(path.join(keys, name), path.join(data, 'keys', name));
  const port = await freePort();
  const provider = { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' };
  const file = path.join(folder, 'genkan.yaml');
  writeFileSync(
    file,
    stringify(
      {
        listen: `127.0.0.1:${port}`,
        publicUrl: first.url,
        data: 'data',
        ...settings,
        identity: { provider, ...(settings['identity'] as object | undefined) },
      },
      { aliasDuplicateObjects: false },
    ),
  );
  const child = fork(import.meta.filename, [file], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  await Promise.race([once(child, 'message'), exited.then(() => Promise.reject(new Error('the second house ended')))]);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const house = await openHouse(loadConfig(process.argv[2]!), { env: process.env, log: createLog('silent') });
  await house.listen();
  process.once('SIGTERM', () => void house.close().then(() => process.exit(0)));
  process.send!('open');
}
