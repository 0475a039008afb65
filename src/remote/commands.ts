// The commands `genkan login`, `logout` and `whoami`: signing in at a Genkan elsewhere, for commands with --at.
import path from 'node:path';
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import { isRefusal } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { createLog } from '../base/log.ts';
import type { Language } from '../base/text.ts';
import { openPersonStore, pageOpener } from '../local/person-store.ts';
import { localRoot } from '../local/places.ts';
import type { Machine } from '../local/places.ts';
import type { Command } from '../operations/cli-arguments.ts';
import { createGuardedFetch } from '../upstream/authorization/guarded-fetch.ts';
import { remoteAddress } from './address.ts';
import { createAuthorization } from './authorization.ts';
import { createLogins } from './logins.ts';
import type { Logins } from './logins.ts';
import { createRemote } from './remote.ts';
import type { Remote } from './remote.ts';

const meanings = {
  data: 'Where the sign-in is kept, sealed; by default the data directory of this account.',
} as const;
const address = z.string().min(1).max(2048);

export type RemoteCommand = 'login' | 'logout' | 'whoami';

export const remoteCommands: Readonly<Record<RemoteCommand, Command>> = {
  login: {
    id: 'login',
    summary: 'Sign in at a Genkan elsewhere in your own name, for commands with --at: genkan login URL',
    about: 'Your browser is opened for it. All of it: docs/remote.md',
    input: z.strictObject({ url: address.describe('Address of the Genkan, e.g. https://genkan.example.com') }),
    positional: ['url'],
    meanings,
  },
  logout: {
    id: 'logout',
    summary: 'End the sign-in at a Genkan elsewhere, there and here: genkan logout [URL]',
    input: z.strictObject({ url: address.optional().describe('Address of the Genkan; without it, all of them.') }),
    positional: ['url'],
    meanings,
  },
  whoami: {
    id: 'whoami',
    summary: 'Show where you are signed in, and as whom; with --at URL, what that Genkan says of you',
    input: z.strictObject({}),
    meanings,
  },
};

export interface RemoteSurroundings {
  readonly machine: Machine;
  readonly data?: string | undefined;
  readonly language: Language;
  /** Tells the person at the terminal; not on standard output, which is for answers. */
  readonly tell: (text: string) => void;
}

export interface Remotes extends AsyncDisposable {
  readonly logins: Logins;
  at(url: string): Remote;
}

export async function openRemotes({ machine, data, tell }: RemoteSurroundings): Promise<Remotes> {
  await using opened = new AsyncDisposableStack();
  const clock = systemClock;
  const root = data === undefined ? localRoot(machine) : path.resolve(data);
  const store = await openPersonStore(root, { machine, clock, log: createLog('error') });
  opened.defer(() => store.close());
  const logins = createLogins(store.sealed, store.leases);
  const everything = opened.move();
  return {
    logins,
    at(url) {
      const guardFor = (limits: { maxBytes?: number; timeoutMs?: number }) => {
        const guard = createGuardedFetch({ home: url, insecureHttp: false, ...limits });
        everything.defer(() => guard.close());
        return guard;
      };
      const authorization = createAuthorization(url, { guard: guardFor({}), clock, open: pageOpener(machine), tell });
      const guard = guardFor({ maxBytes: 67_108_864, timeoutMs: 300_000 });
      return createRemote(url, { logins, authorization, guard, clock, tell });
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}

export async function runRemoteCommand(
  command: RemoteCommand,
  { url: written }: { readonly url?: unknown },
  around: RemoteSurroundings,
  out: (answer: unknown, text: string) => void,
): Promise<Refusal | undefined> {
  const url = typeof written === 'string' ? remoteAddress(written) : undefined;
  if (isRefusal(url)) return url;
  await using remotes = await openRemotes(around);
  return await acts[command](remotes, url, around, out);
}

type Act = (
  remotes: Remotes,
  url: string | undefined,
  around: RemoteSurroundings,
  out: (answer: unknown, text: string) => void,
) => Promise<Refusal | undefined>;

const acts: Readonly<Record<RemoteCommand, Act>> = {
  async login(remotes, url, { language }, out) {
    const person = await remotes.at(url!).signIn(language);
    out({ url, ...person }, `signed in at ${url} as ${person.name}`);
    return undefined;
  },

  async logout(remotes, url, _around, out) {
    const urls = url === undefined ? await remotes.logins.list() : [url];
    const ended: { url: string; id: string; name: string }[] = [];
    const failures: unknown[] = [];
    for (const each of urls)
      await remotes
        .at(each)
        .signOut()
        .then(
          (person) => void (person && ended.push({ url: each, ...person })),
          (error: unknown) => void failures.push(error),
        );
    const told = ended.map((each) => `signed out at ${each.url}: ${each.name}`);
    out({ ended }, told.length === 0 && failures.length === 0 ? 'nobody was signed in' : told.join('\n'));
    if (failures.length === 0) return undefined;
    throw failures[0];
  },

  async whoami({ logins }, _url, _around, out) {
    const known: { url: string; id: string; name: string }[] = [];
    for (const url of await logins.list()) {
      const login = await logins.read(url);
      if (login !== undefined) known.push({ url, ...login.person });
    }
    const told = known.map(({ url, name, id }) => `${url}: ${name} (${id})`);
    out({ logins: known }, told.length === 0 ? 'you are signed in nowhere' : told.join('\n'));
    return undefined;
  },
};
