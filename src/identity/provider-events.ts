// Turns what the authorization server reports into audit records, and holds its answers back until they are durable.
import type { IncomingMessage } from 'node:http';
import type { KoaContextWithOIDC, Provider, errors } from 'oidc-provider';
import type { Log } from '../base/log.ts';
import { fingerprint } from './identity-record.ts';
import type { Event, IdentityRecord, Origin } from './identity-record.ts';

/** Connects the events of the provider with the record. An answer whose record fails is not sent. */
export function recordProviderEvents(
  provider: Provider,
  record: IdentityRecord,
  originOf: (request: IncomingMessage) => Origin,
  log: Log,
): void {
  const owed = new WeakMap<object, Promise<void>[]>();
  const note = (context: KoaContextWithOIDC, event: Event): void => {
    const written = record.write(event, originOf(context.req));
    written.catch(() => undefined); // awaited below; until then it must not count as unhandled
    owed.set(context, [...(owed.get(context) ?? []), written]);
  };

  const refused = (context: KoaContextWithOIDC, action: string, error: Error): void => {
    const {
      error: code,
      error_description: said,
      error_detail: reason = said,
    } = error as Partial<errors.OIDCProviderError>;
    const details = {
      code: code ?? error.name,
      reason: reason?.slice(0, 300),
      clientId: context.oidc.client?.clientId,
    };
    record.refused({ action, result: 'denied', details }, originOf(context.req));
  };

  provider.use(async (context, next) => {
    await next();
    try {
      await Promise.all(owed.get(context) ?? []);
    } catch (error) {
      log.error({ err: error }, 'answer held back: it could not be recorded');
      context.response.remove('location');
      context.status = 503;
      context.body = { error: 'temporarily_unavailable' };
    }
  });

  provider.on('authorization.success', (context) => {
    const { session, params, client } = context.oidc;
    note(context, {
      action: 'identity.authorize',
      user: session?.accountId,
      resource: String(params?.resource),
      result: 'allowed',
      details: { clientId: client?.clientId, redirectUri: params?.redirect_uri, scope: params?.scope },
    });
  });

  provider.on('grant.success', (context) => {
    const { AccessToken, RefreshToken } = context.oidc.entities;
    if (AccessToken === undefined) return; // grants of agents write their own records
    const refreshed = context.oidc.params?.grant_type === 'refresh_token';
    note(context, {
      action: refreshed ? 'identity.tokenRefreshed' : 'identity.tokenIssued',
      user: AccessToken.accountId,
      resource: String(AccessToken.aud),
      result: 'allowed',
      details: {
        clientId: AccessToken.clientId,
        grantId: AccessToken.grantId,
        scope: AccessToken.scope,
        accessToken: fingerprint(AccessToken.jti),
        refreshToken: fingerprint(RefreshToken?.jti),
      },
    });
  });

  provider.on('grant.error', (context, error) => {
    const { RefreshToken } = context.oidc.entities;
    // A rotated refresh token that comes back was copied: by whom, the client or a thief, cannot be told (OAuth 2.1 §4.3.1).
    if (RefreshToken?.consumed !== undefined)
      note(context, {
        action: 'identity.refreshReused',
        user: RefreshToken.accountId,
        result: 'denied',
        details: {
          clientId: RefreshToken.clientId,
          grantId: RefreshToken.grantId,
          refreshToken: fingerprint(RefreshToken.jti),
        },
      });
    else refused(context, 'identity.tokenNotIssued', error);
  });

  provider.on('registration_create.error', (context, error) => refused(context, 'identity.clientRefused', error));

  provider.on('grant.revoked', (context, grantId) => {
    note(context, {
      action: 'identity.grantRevoked',
      user: context.oidc.entities.RefreshToken?.accountId,
      result: 'allowed',
      details: { clientId: context.oidc.client?.clientId, grantId },
    });
  });

  provider.on('registration_create.success', (context, client) => {
    note(context, {
      action: 'identity.clientRegistered',
      result: 'allowed',
      details: { clientId: client.clientId, clientName: client.clientName, redirectUris: client.redirectUris },
    });
  });
}
