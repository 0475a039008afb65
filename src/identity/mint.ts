// Access tokens without a browser, for the trial and for emergencies: a grant of their own, so that they can be revoked like any other.
import { GenkanError } from '../base/errors.ts';
import type { Database } from '../state/database.ts';
import type { Accounts } from './accounts.ts';
import type { IssueAccessToken } from './grants/access-tokens.ts';
import type { IdentityRecord } from './identity-record.ts';
import { keepClient } from './oidc-adapter.ts';
import { scopeOf } from './scopes.ts';

export interface Mint {
  readonly accountId: string;
  readonly resource: string;
  readonly clientId: string;
  readonly ttlSeconds: number;
  /** Authentication contexts that it says were proven. Only the trial may say so of somebody who has proved nothing. */
  readonly contexts?: readonly string[];
}

export interface Minted {
  readonly token: string;
  /** Ending it ends the token. */
  readonly grantId: string;
}

interface MintNeighbours {
  readonly issue: IssueAccessToken;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly record: IdentityRecord;
  readonly resources: () => readonly string[];
}

/** Makes what issues access tokens; an unknown account or resource is refused by GenkanError `identity_request_invalid`. */
export function createMint(neighbours: MintNeighbours): (mint: Mint) => Promise<Minted> {
  const { issue, database, accounts, record, resources } = neighbours;

  return async (mint) => {
    const { accountId, resource, clientId, ttlSeconds, contexts } = mint;
    if (!resources().includes(resource))
      throw new GenkanError('identity_request_invalid', { reason: `no resource ${resource}` });
    if ((await accounts.find(accountId)) === undefined)
      throw new GenkanError('identity_request_invalid', { reason: `no account ${accountId}` });
    const wish = {
      subject: accountId,
      accountId,
      clientId,
      resource,
      scope: scopeOf(resource),
      seconds: ttlSeconds,
      ...(contexts && { contexts }),
    };
    const { token, grantId } = await issue(wish);
    await keepClient(database, clientId);
    const details = { clientId, ttlSeconds, grantId };
    await record.write(
      { action: 'identity.tokenMinted', user: accountId, resource, result: 'allowed', details },
      { sourceIP: '', userAgent: '' },
    );
    return { token, grantId };
  };
}
