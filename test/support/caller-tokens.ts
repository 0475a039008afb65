// Tokens in people's names, made by hand: who has signed in gets them, and what was asked and demanded is written down.
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/base/clock.ts';
import type { CallerTokens } from '../../src/base/caller-tokens.ts';
import { SignInAgain } from '../../src/base/caller-tokens.ts';
import { GenkanError } from '../../src/base/errors.ts';
import { createTickets } from '../../src/upstream/authorization/sign-in-required.ts';
import { createCallerDesks } from '../../src/upstream/caller-identity/caller-desk.ts';
import type { CallerDesks, Visits } from '../../src/upstream/caller-identity/caller-desk.ts';
import { plainNeighbours } from './upstream-neighbours.ts';
import type { UpstreamNeighbours } from '../../src/upstream/transport.ts';

export interface TestCallers extends CallerTokens {
  /** Who has signed in. */
  readonly people: Set<string>;
  readonly asked: { readonly person: string; readonly scopes: readonly string[]; readonly renewed: boolean }[];
  readonly demanded: { readonly person: string; readonly claims: string }[];
  /** Whose a token is, and for what. */
  read(token: string | undefined): { readonly person: string; readonly scopes: readonly string[] } | undefined;
  /** Gives up what was fetched: the next token is another. */
  renew(person: string): void;
  readonly desks: CallerDesks;
  readonly neighbours: UpstreamNeighbours;
}

export function createTestCallers(...people: string[]): TestCallers {
  const tokens = new Map<string, { person: string; scopes: readonly string[] }>();
  const kept = new Map<string, string>();
  const tickets = createTickets(randomBytes(32), 'http://127.0.0.1:9', systemClock);
  const desks = createCallerDesks(plainVisits(), tickets, systemClock);
  const callers: TestCallers = {
    people: new Set(people),
    asked: [],
    demanded: [],
    read: (token) => tokens.get(token?.replace(/^Bearer /, '') ?? ''),
    renew(person) {
      for (const key of kept.keys()) if (key.startsWith(`${person} `)) kept.delete(key);
    },
    async tokenFor(person, scopes, renewed = false, claims) {
      callers.asked.push({ person, scopes, renewed });
      if (claims !== undefined) callers.demanded.push({ person, claims });
      if (person.startsWith('application')) throw new GenkanError('identity_caller_not_person');
      if (!callers.people.has(person)) throw new SignInAgain();
      const key = `${person} ${scopes.join(' ')}`;
      if (renewed) kept.delete(key);
      const token = kept.get(key) ?? `token-${randomBytes(16).toString('base64url')}`;
      kept.set(key, token);
      tokens.set(token, { person, scopes });
      return { token, expiresAtMs: Date.now() + 3_600_000 };
    },
    desks,
    neighbours: {
      ...plainNeighbours,
      callers: { tokenFor: (...asked) => callers.tokenFor(...asked) },
      connections: {
        at: () => {
          throw new Error('nobody connects an account here');
        },
        forCallers: (server) => desks.at(server),
      },
    },
  };
  return callers;
}

/** As the sealed store keeps them. */
export function plainVisits(): Visits {
  const kept = new Map<string, string>();
  const key = (...place: string[]): string => JSON.stringify(place);
  return {
    get: (person, name) => Promise.resolve(kept.get(key(person, name))),
    put: (person, name, text) => Promise.resolve(void kept.set(key(person, name), text)),
    remove: (person, name = '') => Promise.resolve(kept.delete(key(person, name))),
    owners: () => Promise.resolve([...kept.keys()].map((each) => (JSON.parse(each) as [string])[0])),
  };
}
