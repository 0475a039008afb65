// Access tokens that do not come from a sign-in here: signed like all others (RFC 9068), each resting on a grant that can be ended.
import { SignJWT } from 'jose';
import type { Adapter } from 'oidc-provider';
import type { Clock } from '../../base/clock.ts';
import { unguessableId } from '../../base/ids.ts';
import { audienceOf } from '../audiences.ts';
import type { IdentityKeys } from '../signing-keys.ts';

/** Who acts for the subject, nearest first (RFC 8693 §4.1). */
export interface Actor {
  readonly sub: string;
  readonly act?: Actor;
}

export interface TokenWish {
  readonly subject: string;
  /** Whose grant it is: the person, or the agent itself. */
  readonly accountId: string;
  readonly clientId: string;
  readonly resource: string;
  readonly scope: string;
  readonly seconds: number;
  /** A grant that this one ends with. */
  readonly parentGrant?: string;
  readonly act?: Actor;
  /** Thumbprint of the key that the token is bound to. */
  readonly thumbprint?: string;
  readonly authTime?: number;
  readonly acr?: string;
  /** Authentication contexts that a sign-in here proved. */
  readonly contexts?: readonly string[];
}

interface Issued {
  readonly token: string;
  readonly id: string;
  readonly grantId: string;
}

export type IssueAccessToken = (wish: TokenWish) => Promise<Issued>;

interface TokenNeighbours {
  /** Where grants are kept. */
  readonly grants: Pick<Adapter, 'upsert'>;
  readonly keys: IdentityKeys;
  readonly issuer: string;
  readonly clock: Clock;
}

export function createAccessTokens({ grants, keys, issuer, clock }: TokenNeighbours): IssueAccessToken {
  return async (wish) => {
    const { accountId, clientId, seconds, parentGrant, act, thumbprint, authTime, acr } = wish;
    const grantId = unguessableId();
    const id = unguessableId();
    const issuedAt = Math.floor(clock.now() / 1000);
    const token = await new SignJWT({
      client_id: clientId,
      scope: wish.scope,
      grant: grantId,
      ...(act && { act }),
      ...(thumbprint !== undefined && { cnf: { jkt: thumbprint } }), // RFC 9449 §6.1
      ...(authTime !== undefined && { auth_time: authTime }),
      ...(acr !== undefined && { acr }),
      ...(wish.contexts !== undefined && wish.contexts.length > 0 && { acrs: wish.contexts }),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keys.signingKeyId })
      .setIssuer(issuer)
      .setSubject(wish.subject)
      .setAudience(audienceOf(wish.resource))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + seconds)
      .setJti(id)
      .sign(keys.signingKey);
    const resources = { [wish.resource]: wish.scope }; // as the library writes it, for lists of sessions
    const grant = {
      kind: 'Grant',
      jti: grantId,
      accountId,
      clientId,
      resources,
      iat: issuedAt,
      exp: issuedAt + seconds,
    };
    await grants.upsert(grantId, { ...grant, ...(parentGrant !== undefined && { grantId: parentGrant }) }, seconds);
    return { token, id, grantId };
  };
}
