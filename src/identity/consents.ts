// Consent of a person, kept per client, redirect URI, resource and scope: each of the four can be where an attacker differs.
import type { Clock } from '../base/clock.ts';
import type { Database } from '../state/database.ts';
import { effectScopes, permissionsIn } from './scopes.ts';

/** What a person is asked to agree to. */
export interface ConsentRequest {
  readonly accountId: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly resource: string;
  readonly scopes: readonly string[];
}

export interface Consents {
  /** Whether the person agreed to exactly this before, so that a code may be issued without asking. */
  covers(request: ConsentRequest): Promise<boolean>;
  remember(request: ConsentRequest): Promise<void>;
}

export function createConsents(database: Database, clock: Clock): Consents {
  return {
    async covers(request) {
      const scopes = permissionsIn(request.scopes);
      if (!identityAssured(request.redirectUri) || scopes.length === 0) return false;
      const rows = await database
        .selectFrom('consent')
        .select('scope')
        .where('account_id', '=', request.accountId)
        .where('client_id', '=', request.clientId)
        .where('redirect_uri', '=', request.redirectUri)
        .where('resource', '=', request.resource)
        .execute();
      const agreed = new Set<string>(rows.map((row) => row.scope));
      if (agreed.has('mcp')) for (const part of effectScopes) agreed.add(part);
      return scopes.every((scope) => agreed.has(scope));
    },
    async remember({ accountId, clientId, redirectUri, resource, scopes: asked }) {
      const scopes = permissionsIn(asked);
      if (scopes.length === 0) return;
      const one = { account_id: accountId, client_id: clientId, redirect_uri: redirectUri, resource };
      await database
        .insertInto('consent')
        .values(scopes.map((scope) => ({ ...one, scope, granted_at: clock.now() })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
}

/**
 * Only an https redirect proves which client gets the code. Any program on the machine can listen on loopback or claim a
 * private scheme, so such clients are asked about every time (RFC 8252 §8.6).
 */
export const identityAssured = (redirectUri: string): boolean => URL.parse(redirectUri)?.protocol === 'https:';
