// People as operations name them: those who have signed in, and in the trial also those who could.
import type { Principal } from '../base/principal.ts';
import { accountId } from '../identity/accounts.ts';
import { principalIdIn } from '../identity/kill-switch/principal-id.ts';
import type { Identity } from '../identity/identity.ts';
import type { Database } from '../state/database.ts';
import type { PeopleDesk, TrialDesk } from './house.ts';

/** Somebody who may be chosen at the stand-in provider of the trial. */
export interface TrialPerson {
  /** Subject at the stand-in provider. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

export interface TrialPeople {
  readonly issuer: string;
  readonly people: readonly TrialPerson[];
  /** Authentication context that proves a second factor. */
  readonly secondFactor?: string | undefined;
}

/** Client id of tokens that the command line prints in the trial. */
const trialClient = 'genkan-cli';
const trialTokenSeconds = 3600;

export function createPeopleDesk(database: Database, trial?: TrialPeople): PeopleDesk {
  return {
    async find(sought) {
      const id = principalIdIn(sought);
      const rows = await database
        .selectFrom('account')
        .selectAll()
        .where((is) => (id === undefined ? is.or([is('id', '=', sought), is('name', '=', sought)]) : is('id', '=', id)))
        .execute();
      const row = rows.find((each) => each.id === sought) ?? rows[0];
      if (rows.length > 1 && row?.id !== sought) return undefined; // a name that two identity providers gave out names nobody
      if (row !== undefined)
        return { id: row.id, kind: 'user', name: row.name, groups: JSON.parse(row.groups) as string[] };
      return trial && inTrial(trial, sought);
    },
  };
}

function inTrial({ issuer, people }: TrialPeople, name: string): Principal | undefined {
  const person = people.find(({ id, email }) => id === name || email === name);
  return person && { id: accountId(issuer, person.id), kind: 'user', name: person.email, groups: person.groups };
}

export function createTrialDesk(
  identity: Pick<Identity, 'upsertAccount' | 'mintAccessToken'>,
  { issuer, people, secondFactor }: TrialPeople,
): TrialDesk {
  return {
    secondFactor,
    async token({ id, contexts }, resource) {
      const person = people.find((candidate) => accountId(issuer, candidate.id) === id);
      if (person !== undefined) {
        const { name: displayName, email: name, groups } = person;
        await identity.upsertAccount({ id, name, groups, displayName });
      }
      const mint = { accountId: id, resource, clientId: trialClient, ttlSeconds: trialTokenSeconds, contexts };
      return { token: await identity.mintAccessToken(mint), expiresInSeconds: trialTokenSeconds };
    },
  };
}
