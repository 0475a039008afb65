// A whole Genkan on a free loopback port with a fresh data directory: every room is the real one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { createLog } from '../../src/base/log.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openHouse } from '../../src/wire.ts';
import type { OpenHouse } from '../../src/wire.ts';
import { freePort } from './free-port.ts';

export interface TestHouse extends AsyncDisposable {
  readonly house: OpenHouse;
  readonly url: string;
  readonly dataDirectory: string;
  /** An access token of one of the people below for `/mcp/{server}`, or for `/mcp` without a server. */
  token(person: 'dana' | 'omar', server?: string): Promise<string>;
  /** One of them for the REST API, with the authentication contexts that the sign-in is said to have proved. */
  apiToken(person: 'dana' | 'omar' | 'sena', ...contexts: string[]): Promise<string>;
}

/** dana is in the group `makers`, omar in none, sena in the one whose people approve. */
const people = [
  { id: 'dana', name: 'Dana', email: 'dana@example.com', groups: ['makers'] },
  { id: 'omar', name: 'Omar', email: 'omar@example.com', groups: [] },
  { id: 'sena', name: 'Sena', email: 'sena@example.com', groups: ['security-team-group-id'] },
];
/** Nobody can sign in there through a browser. */
const nowhere = 'http://127.0.0.1:9';

/**
 * @param settings parts of genkan.yaml that differ from the least one
 * @param issuer OpenID provider of the people, where they are to sign in through a browser
 * @param prepare puts into the data directory what is to lie there already
 */
export async function openTestHouse(
  settings: Record<string, unknown>,
  issuer = nowhere,
  prepare: (dataDirectory: string) => void = () => undefined,
): Promise<TestHouse> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-test-'));
  prepare(path.join(folder, 'data'));
  const port = await freePort();
  const file = path.join(folder, 'genkan.yaml');
  const provider = { issuer, allowInsecureIssuer: true, clientId: 'test' };
  // Servers of a test are most often one server several times, with the same tools.
  const names = Object.keys((settings['servers'] as object | undefined) ?? {});
  const inspect = { pins: { alike: names.length > 1 ? [names] : [] } };
  writeFileSync(
    file,
    stringify(
      { listen: `127.0.0.1:${port}`, data: 'data', identity: { provider }, inspect, ...settings },
      { aliasDuplicateObjects: false },
    ),
  );
  const house = await openHouse(loadConfig(file), {
    env: process.env,
    trial: { issuer, people },
    log: createLog('silent'),
  });
  await house.listen();
  const url = `http://127.0.0.1:${port}`;
  return {
    house,
    url,
    dataDirectory: path.join(folder, 'data'),
    async token(person, server) {
      const principal = (await house.people.find(person))!;
      const resource = server === undefined ? `${url}/mcp` : `${url}/mcp/${server}`;
      return (await house.trial!.token(principal, resource)).token;
    },
    async apiToken(person, ...contexts) {
      const principal = (await house.people.find(person))!;
      return (await house.trial!.token({ ...principal, contexts }, `${url}/api`)).token;
    },
    async [Symbol.asyncDispose]() {
      await house.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The right of the group `makers` to use all of these servers. */
export const makersUse = (...servers: string[]): object => ({
  assignments: servers.map((server) => ({
    principal: { group: 'makers' },
    role: 'MCP User',
    scope: `/servers/${server}`,
  })),
});
