// Storage of `oidc-provider` on the control database: clients, grants, codes, refresh tokens, sessions, interactions.
import { hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import { errors } from 'oidc-provider';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import type { Clock } from '../base/clock.ts';
import type { Database } from '../state/database.ts';

interface AdapterOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly refreshGraceSeconds: number;
  /** Ends a grant with everything that was issued under it, on every process. */
  readonly endGrant: (grantId: string, reason: string) => Promise<unknown>;
}

// A client that nobody has ever consented to is forgotten after this time, so that registrations cannot pile up.
const unusedClientSeconds = 30 * 86_400;

/** Makes the adapters, one a kind of record. */
export function createAdapterFactory(options: AdapterOptions): AdapterFactory {
  return (kind) => (bearerKinds.has(kind) ? hashed(createAdapter(kind, options)) : createAdapter(kind, options));
}

/** What is believed of whoever holds it, without a signature of ours. */
const bearerKinds: ReadonlySet<string> = new Set(['RefreshToken', 'AuthorizationCode']);

/** RFC 6819 §5.1.4.1.3: a copy of the database has none of them, and its hashes open nothing. */
function hashed(adapter: Adapter): Adapter {
  const key = (id: string): string => hash('sha256', id, 'base64url');
  return {
    ...adapter,
    async find(id) {
      const payload = await adapter.find(key(id));
      return payload && { ...payload, jti: id };
    },
    upsert: (id, { jti: _, ...payload }, expiresIn) => adapter.upsert(key(id), payload, expiresIn),
    consume: (id) => adapter.consume(key(id)),
    destroy: (id) => adapter.destroy(key(id)),
  };
}

function createAdapter(kind: string, { database, clock, refreshGraceSeconds, endGrant }: AdapterOptions): Adapter {
  const findBy = async (column: 'id' | 'uid' | 'user_code', value: string): Promise<AdapterPayload | undefined> => {
    const row = await database
      .selectFrom('oidc_record')
      .select(['payload', 'consumed_at', 'expires_at'])
      .where('kind', '=', kind)
      .where(column, '=', value)
      .executeTakeFirst();
    if (row === undefined || (row.expires_at !== null && row.expires_at <= clock.now())) return undefined;
    if (kind === 'Session' && row.consumed_at !== null) return undefined; // ended by the kill switch
    const payload = JSON.parse(row.payload) as AdapterPayload;
    // Within the grace a used refresh token is not yet reported as used: the provider would revoke the whole family for
    // what is most often one client refreshing twice at once. It still cannot be used again, see consume().
    const graceMs = kind === 'RefreshToken' ? refreshGraceSeconds * 1000 : 0;
    if (row.consumed_at !== null && clock.now() - row.consumed_at >= graceMs)
      payload.consumed = seconds(row.consumed_at);
    return payload;
  };

  return {
    find: (id) => findBy('id', id),
    findByUid: (uid) => findBy('uid', uid),
    findByUserCode: (userCode) => findBy('user_code', userCode),

    async upsert(id, payload, expiresIn) {
      const lifetimeSeconds = expiresIn ?? (kind === 'Client' ? unusedClientSeconds : undefined);
      const values = {
        payload: JSON.stringify(payload),
        grant_id: payload.grantId ?? null,
        uid: payload.uid ?? null,
        user_code: payload.userCode ?? null,
        account_id: payload.accountId ?? null,
        client_id: payload.clientId ?? null,
        expires_at: lifetimeSeconds === undefined ? null : clock.now() + lifetimeSeconds * 1000,
      };
      await database
        .insertInto('oidc_record')
        .values({ kind, id, consumed_at: null, ...values })
        .onConflict((conflict) => {
          const update = conflict.columns(['kind', 'id']).doUpdateSet(values);
          // A session that was ended while a request had it in hand is not brought back by that request.
          return kind === 'Session' ? update.where('oidc_record.consumed_at', 'is', null) : update;
        })
        .execute();
    },

    // One conditional UPDATE decides among all processes which of several parallel uses wins.
    async consume(id) {
      const { numUpdatedRows } = await database
        .updateTable('oidc_record')
        .set({ consumed_at: clock.now() })
        .where('kind', '=', kind)
        .where('id', '=', id)
        .where('consumed_at', 'is', null)
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return;
      if (kind === 'AuthorizationCode') await endGrantOf(id); // RFC 6749 §4.1.2: a code used twice revokes what it gave
      throw new errors.InvalidGrant('already used');
    },

    async destroy(id) {
      if (kind === 'Grant') return void (await endGrant(id, 'revoked by its client, or used twice'));
      await database.deleteFrom('oidc_record').where('kind', '=', kind).where('id', '=', id).execute();
    },

    async revokeByGrantId(grantId) {
      await database.deleteFrom('oidc_record').where('kind', '=', kind).where('grant_id', '=', grantId).execute();
    },
  };

  async function endGrantOf(id: string): Promise<void> {
    const row = await database
      .selectFrom('oidc_record')
      .select('grant_id')
      .where('kind', '=', kind)
      .where('id', '=', id)
      .executeTakeFirst();
    if (row?.grant_id == null) return;
    await endGrant(row.grant_id, 'its authorization code was used twice');
  }
}

/** Keeps a registered client for good, once a person has consented to it. */
export async function keepClient(database: Database, clientId: string): Promise<void> {
  await database
    .updateTable('oidc_record')
    .set({ expires_at: null })
    .where('kind', '=', 'Client')
    .where('id', '=', clientId)
    .execute();
}

/**
 * Removes what has expired, and the oldest of the clients nobody has used beyond `maxUnusedClients`.
 * @returns number of removed records
 */
export async function sweep(database: Database, nowMs: number, maxUnusedClients = 10_000): Promise<number> {
  let removed = 0n;
  for (let portion = 1n; portion > 0n; removed += portion) {
    const { numAffectedRows = 0n } = await sql`DELETE FROM oidc_record WHERE rowid IN
      (SELECT rowid FROM oidc_record WHERE expires_at <= ${nowMs} LIMIT 1000)`.execute(database);
    portion = numAffectedRows;
    await turn(); // a busy hour leaves hundreds of thousands of used proofs
  }
  const surplus = await database
    .deleteFrom('oidc_record')
    .where('kind', '=', 'Client')
    .where('id', 'in', (query) =>
      query
        .selectFrom('oidc_record')
        .select('id')
        .where('kind', '=', 'Client')
        .where('expires_at', 'is not', null)
        .orderBy('expires_at', 'desc')
        .limit(-1)
        .offset(maxUnusedClients),
    )
    .executeTakeFirst();
  return Number(removed + surplus.numDeletedRows);
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
