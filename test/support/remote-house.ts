// A Genkan elsewhere, and the machines of people who work with it by the command line: each with a browser, and nothing of others.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deleter, devGroups, jitFile } from './elevation-house.ts';
import { genkan } from './genkan-process.ts';
import type { Ended } from './genkan-process.ts';
import { openTestHouse } from './house.ts';
import type { TestHouse } from './house.ts';
import { startOidcStandIn } from './oidc-stand-in.ts';
import type { OidcStandIn } from './oidc-stand-in.ts';
import { inShell, quickNode } from './quick-node.ts';

export interface PersonMachine extends Disposable {
  /** Data directory of the person. */
  readonly root: string;
  /** Runs a command as a process of the person. */
  run(...words: string[]): Promise<Ended>;
  /** The answer of a command, as JSON. */
  // The shape is the operation's own, and what tests look at.
  json(...words: string[]): Promise<any>; // eslint-disable-line @typescript-eslint/no-explicit-any
  /** Addresses that the browser was started with. */
  opened(): string[];
}

/** @param browser TypeScript program that plays it; gets a file to note the address in, and the address */
export function personMachine(browser = path.join(import.meta.dirname, 'agreeing-browser.ts')): PersonMachine {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-person-'));
  const [program, seen, root] = ['browser', 'browser.log', 'own'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(program, `#!/bin/sh\nexec ${inShell(...quickNode, browser, seen)} "$@"\n`);
  chmodSync(program, 0o700);
  const run = (...words: string[]): Promise<Ended> =>
    genkan([...words, '--data', root], { HOME: folder, XDG_DATA_HOME: '', BROWSER: program }, folder);
  return {
    root,
    run,
    async json(...words) {
      const { code, out, error } = await run(...words, '--json');
      if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${error}`);
      return JSON.parse(out);
    },
    opened: () => (existsSync(seen) ? readFileSync(seen, 'utf8').trim().split('\n') : []),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const persons = {
  dana: { sub: 'dana', name: 'Dana', preferred_username: 'dana@example.com', groups: ['makers'] },
  omar: { sub: 'omar', name: 'Omar', preferred_username: 'omar@example.com', groups: [] },
  sena: { sub: 'sena', name: 'Sena', preferred_username: 'sena@example.com', groups: ['security-team-group-id'] },
} as const;

export interface RemoteHouse extends AsyncDisposable {
  readonly house: TestHouse;
  readonly url: string;
  readonly provider: OidcStandIn;
  /** Who sits at browsers from now on. */
  signsIn(person: keyof typeof persons): void;
}

/** dana may ask for a role, and sena approve it with a second factor, which the provider proves where it is asked for. */
export async function openRemoteHouse(identity: object = {}): Promise<RemoteHouse> {
  const provider = await startOidcStandIn();
  provider.tamper = (claims) => {
    const asked = provider.requests.at(-1)!.get('acr_values');
    return asked === null ? claims : { ...claims, acrs: asked.split(' ') };
  };
  const house = await openTestHouse(
    {
      identity: {
        provider: { issuer: provider.issuer, allowInsecureIssuer: true, clientId: 'genkan' },
        conditionalAccess: { contexts: { mfa: 'c1' } },
        ...identity,
      },
      access: {
        assignments: [{ principal: { group: 'makers' }, role: 'Reader', scope: devGroups }],
        elevation: {
          settings: jitFile,
          eligible: [{ principal: { group: 'makers' }, role: deleter, scope: devGroups }],
        },
      },
    },
    provider.issuer,
  );
  return {
    house,
    url: house.url,
    provider,
    signsIn: (person) => void (provider.person = persons[person]),
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await provider.close();
    },
  };
}
