// People who have signed in: how the claims of an identity provider become an account, and the account a principal.
import type { Selectable } from 'kysely';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { DisputedGroups } from '../base/principal.ts';
import type { Database } from '../state/database.ts';
import type { Tables } from '../state/schema.ts';
import { isDisabled } from './kill-switch/disabled.ts';
import type { GroupsOf } from './scim/provisioned-groups.ts';

/** A person as an identity provider describes them. */
export interface Person {
  /** Stable and unique over all identity providers, see `accountId`; at Entra ID `{oid}@{tid}`. */
  readonly id: string;
  /** Sign-in name for people who read logs. */
  readonly name: string;
  readonly groups: readonly string[];
  /** Name for greeting, e.g. on the consent page. */
  readonly displayName?: string;
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly groups: readonly string[];
  readonly disputedGroups?: DisputedGroups;
}

export interface Accounts {
  /**
   * Nobody who is disabled is found: whoever looks here for a person has to do without them.
   * @param reader the transaction in which that has to hold
   */
  find(id: string, reader?: Database): Promise<Account | undefined>;
  /** Everybody whom `find` would find. */
  all(): Promise<Account[]>;
  /**
   * Stores what the identity provider says now; returns the stable account id.
   * @throws GenkanError `identity_sign_in_disabled` for somebody who may not come in
   */
  upsert(person: Person): Promise<string>;
}

/** The id of a person: unique over all issuers, because an issuer has no fragment (OpenID Connect Core §2). */
export const accountId = (issuer: string, subject: string): string => `${issuer}#${subject}`;

/** @param groupsOf the groups that count, given those that the sign-in stated */
export function createAccounts(database: Database, clock: Clock, groupsOf?: GroupsOf): Accounts {
  const permitted = (reader = database) =>
    reader
      .selectFrom('account')
      .selectAll()
      .where(({ not, exists, selectFrom, ref }) =>
        not(
          exists(
            selectFrom('disabled')
              .select('subject')
              .where('kind', '=', 'principal')
              .where('subject', '=', ref('account.id')),
          ),
        ),
      );

  async function accountOf({ id, name, ...row }: Selectable<Tables['account']>, reader = database): Promise<Account> {
    const profile = JSON.parse(row.profile) as { displayName?: string };
    const stated = JSON.parse(row.groups) as string[];
    const counted = groupsOf === undefined ? { groups: stated } : await groupsOf(id, stated, reader);
    return { id, name, displayName: profile.displayName ?? name, ...counted };
  }

  return {
    async find(id, reader) {
      const row = await permitted(reader).where('id', '=', id).executeTakeFirst();
      return row && accountOf(row, reader);
    },
    async all() {
      const accounts: Account[] = [];
      for (const row of await permitted().orderBy('id').execute()) accounts.push(await accountOf(row));
      return accounts;
    },
    async upsert({ id, name, groups, displayName }) {
      if (await isDisabled(database, 'principal', id)) throw new GenkanError('identity_sign_in_disabled');
      const values = {
        name,
        groups: JSON.stringify(groups),
        profile: JSON.stringify({ displayName }),
        updated_at: clock.now(),
      };
      await database
        .insertInto('account')
        .values({ id, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute();
      return id;
    },
  };
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads a person out of the claims of an ID token. The token itself is dropped after this.
 * @param groupsClaim name of the claim that lists the groups; a single string counts as one group
 */
export function personOf(claims: Claims & { readonly iss: string; readonly sub: string }, groupsClaim: string): Person {
  const text = (claim: string): string | undefined => {
    const value = claims[claim];
    return typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined;
  };
  const listed = claims[groupsClaim];
  const groups = (Array.isArray(listed) ? listed : [listed]).filter((group) => typeof group === 'string');
  const name = text('preferred_username') ?? text('email') ?? text('name') ?? claims.sub.slice(0, 256);
  return {
    id: accountId(claims.iss, claims.sub),
    name,
    groups: [...new Set(groups)],
    displayName: text('name'),
  };
}
