// Who is signed in where: one row a client that holds tokens, one a browser that is signed in at Genkan itself.
import { sql } from 'kysely';
import type { Database } from '../../state/database.ts';

export interface SessionRow {
  /** A handle: whoever knows it can name the session, and nothing more. */
  readonly id: string;
  /** `client`: an MCP client that holds tokens. `browser`: signed in at Genkan's own pages. */
  readonly kind: 'client' | 'browser';
  readonly person: string;
  readonly personName?: string;
  readonly client?: string;
  readonly clientName?: string;
  readonly resource?: string;
  readonly sinceMs: number;
  /** When tokens were last fetched, or the browser was last seen. */
  readonly lastUsedMs: number;
  readonly endsMs?: number;
}

export interface SessionQuery {
  /** Id of one person; everybody without it. */
  readonly person?: string;
  readonly limit: number;
}

interface Payload {
  readonly accountId?: string;
  readonly clientId?: string;
  readonly iat?: number;
  readonly loginTs?: number;
  readonly uid?: string;
  readonly resources?: Readonly<Record<string, string>>;
}

/** Newest first. */
export async function listSessions(
  database: Database,
  nowMs: number,
  { person, limit }: SessionQuery,
): Promise<readonly SessionRow[]> {
  let query = database
    .selectFrom('oidc_record as record')
    .leftJoin('account', 'account.id', 'record.account_id')
    .select(['record.kind', 'record.id', 'record.payload', 'record.expires_at', 'account.name'])
    .select(
      sql<number | null>`(SELECT max(json_extract(token.payload, '$.iat')) FROM oidc_record AS token
        WHERE token.grant_id = record.id)`.as('last_token'),
    )
    .select(
      sql<string | null>`(SELECT json_extract(client.payload, '$.client_name') FROM oidc_record AS client
        WHERE client.kind = 'Client' AND client.id = record.client_id)`.as('client_name'),
    )
    .where('record.kind', 'in', ['Grant', 'Session'])
    .where('record.account_id', 'is not', null)
    .where((row) => row.or([row('record.expires_at', 'is', null), row('record.expires_at', '>', nowMs)]));
  if (person !== undefined) query = query.where('record.account_id', '=', person);
  const rows = await query
    .orderBy(sql`json_extract(record.payload, '$.iat')`, 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ kind, id, payload, expires_at, name, last_token, client_name }) => {
    const { accountId = '', clientId, iat = 0, loginTs, uid = '', resources = {} } = JSON.parse(payload) as Payload;
    const common = { person: accountId, personName: name ?? undefined, endsMs: expires_at ?? undefined };
    // The id of a browser's session is what its cookie holds.
    if (kind === 'Session')
      return { ...common, id: uid, kind: 'browser', sinceMs: (loginTs ?? iat) * 1000, lastUsedMs: iat * 1000 };
    return {
      ...common,
      id,
      kind: 'client',
      client: clientId,
      clientName: client_name ?? undefined,
      resource: Object.keys(resources).join(' '),
      sinceMs: iat * 1000,
      lastUsedMs: Math.max(iat, last_token ?? 0) * 1000,
    };
  });
}
