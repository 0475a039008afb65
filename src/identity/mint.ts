// Access tokens without a browser, for the trial and its tests: a grant of their own, so that they can be revoked like any other.
import { SignJWT } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import type { Database } from '../state/database.ts';
import type { Accounts } from './accounts.ts';
import { audienceOf } from './audiences.ts';
import type { IdentityRecord } from './identity-record.ts';
import { keepClient } from './oidc-adapter.ts';
import { scopeOf } from './scopes.ts';
import type { IdentityKeys } from './signing-keys.ts';

export interface Mint {
  readonly accountId: string;
  readonly resource: string;
  readonly clientId: string;
  readonly ttlSeconds: number;
}

interface MintNeighbours {
  readonly provider: Provider;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly record: IdentityRecord;
  readonly keys: IdentityKeys;
  readonly issuer: string;
  readonly clock: Clock;
  readonly resources: () => readonly string[];
}

/** Makes what issues access tokens; an unknown account or resource is refused by GenkanError `identity_request_invalid`. */
export function createMint(neighbours: MintNeighbours): (mint: Mint) => Promise<string> {
  const { provider, database, accounts, record, resources } = neighbours;

  return async (mint) => {
    const { accountId, resource, clientId, ttlSeconds } = mint;
    if (!resources().includes(resource))
      throw new GenkanError('identity_request_invalid', { reason: `no resource ${resource}` });
    if ((await accounts.find(accountId)) === undefined)
      throw new GenkanError('identity_request_invalid', { reason: `no account ${accountId}` });
    const grant = new provider.Grant({ accountId, clientId, expiresIn: ttlSeconds } as ConstructorParameters<
      Provider['Grant']
    >[0]);
    grant.addResourceScope(resource, scopeOf(resource));
    const grantId = await grant.save();
    await keepClient(database, clientId);
    const details = { clientId, ttlSeconds, grantId };
    await record.write(
      { action: 'identity.tokenMinted', user: accountId, resource, result: 'allowed', details },
      { sourceIP: '', userAgent: '' },
    );
    return signAccessToken(mint, grantId, neighbours);
  };
}

/** RFC 9068 §2, with the claims that the authorization server gives its own. */
function signAccessToken(
  { accountId, resource, clientId, ttlSeconds }: Mint,
  grantId: string,
  { keys, issuer, clock }: MintNeighbours,
): Promise<string> {
  const issuedAt = Math.floor(clock.now() / 1000);
  return new SignJWT({ client_id: clientId, scope: scopeOf(resource), grant: grantId })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keys.signingKeyId })
    .setIssuer(issuer)
    .setSubject(accountId)
    .setAudience(audienceOf(resource))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ttlSeconds)
    .setJti(unguessableId())
    .sign(keys.signingKey);
}
