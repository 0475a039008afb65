// Agents: confidential clients that administrators register. They act for themselves, and for people where policy allows it.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../state/database.ts';
import { announce } from '../../state/announce.ts';
import type { Revocations } from '../../state/revocations.ts';
import { endIn } from '../kill-switch/ending.ts';

/** How an agent proves who it is. */
export type AgentCredential =
  /** SHA-256 of a secret of 256 random bits: nothing that could be guessed, so nothing slower is needed. */
  | { readonly kind: 'secret'; readonly sha256: string }
  | { readonly kind: 'keys'; readonly jwks: { readonly keys: readonly object[] } }
  | { readonly kind: 'keys-at'; readonly url: string }
  /** A token that a configured issuer gave to a workload (RFC 7523). */
  | { readonly kind: 'federated'; readonly issuer: string; readonly subject: string };

export interface Agent {
  readonly clientId: string;
  readonly credential: AgentCredential;
  /** Paths of the resources that it may have tokens for, e.g. `/mcp/files`. */
  readonly resources: readonly string[];
  /** Whether it may ask what a token for one of its resources is worth (RFC 7662). */
  readonly introspects: boolean;
  /** Whether its tokens must be bound to a key (RFC 9449). */
  readonly dpop: boolean;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

export interface Agents {
  find(clientId: string): Promise<Agent | undefined>;
  list(): Promise<Agent[]>;
  /** @returns false when the name is taken */
  add(agent: Omit<Agent, 'createdAtMs'>): Promise<boolean>;
  /** Ends everything it holds as well. @returns whether there was such an agent */
  remove(clientId: string, by: string): Promise<boolean>;
}

/** A client id that neither a registration nor a metadata document can bring: those are random, or URLs. */
export const agentName = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

export function createAgents(database: Database, revocations: Revocations, clock: Clock): Agents {
  return {
    async find(clientId) {
      if (!agentName.test(clientId)) return undefined;
      const row = await database.selectFrom('agent').selectAll().where('client_id', '=', clientId).executeTakeFirst();
      return row && agentOf(row);
    },
    async list() {
      return (await database.selectFrom('agent').selectAll().orderBy('client_id').execute()).map(agentOf);
    },
    async add({ clientId, credential, resources, introspects, dpop, createdBy }) {
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('agent')
        .values({
          client_id: clientId,
          credential: JSON.stringify(credential),
          resources: JSON.stringify(resources),
          introspects: Number(introspects),
          dpop: Number(dpop),
          created_by: createdBy,
          created_at: clock.now(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    remove: (clientId, by) =>
      revocations.commit(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('agent')
          .where('client_id', '=', clientId)
          .executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return false;
        await endIn(transaction, 'client', clientId, clock);
        await announce(transaction, { kind: 'client', subject: clientId, act: 'end', by, reason: 'removed' }, clock);
        return true;
      }),
  };
}

interface Row {
  client_id: string;
  credential: string;
  resources: string;
  introspects: number;
  dpop: number;
  created_by: string;
  created_at: number;
}

const agentOf = (row: Row): Agent => ({
  clientId: row.client_id,
  credential: JSON.parse(row.credential) as AgentCredential,
  resources: JSON.parse(row.resources) as string[],
  introspects: row.introspects === 1,
  dpop: row.dpop === 1,
  createdBy: row.created_by,
  createdAtMs: row.created_at,
});

/** A new secret, which is shown once, and what is kept of it. */
export function newSecret(): { readonly secret: string; readonly credential: AgentCredential } {
  const secret = randomBytes(32).toString('base64url');
  return { secret, credential: { kind: 'secret', sha256: digest(secret) } };
}

export const secretMatches = (sha256: string, given: string): boolean =>
  timingSafeEqual(Buffer.from(sha256), Buffer.from(digest(given)));

const digest = (secret: string): string => hash('sha256', secret, 'base64url');
