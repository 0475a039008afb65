// A token of Genkan itself for Microsoft Graph: nobody's rights but those that an administrator gave the application.
import type { Clock } from '../../base/clock.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Applications } from './applications.ts';
import { failureOf } from './failures.ts';

const earlyMs = 300_000;

/** Makes what gives the token, kept until shortly before it expires. @throws GenkanError `identity_provider_unavailable` and its like */
export function createApplicationToken(
  { tenant, graphUrl }: { readonly tenant: string; readonly graphUrl: string },
  { applications, clock }: { readonly applications: Applications; readonly clock: Clock },
): () => Promise<string> {
  let kept: { readonly token: string; readonly untilMs: number } | undefined;
  return async () => {
    if (kept !== undefined && clock.now() < kept.untilMs) return kept.token;
    try {
      const { client } = await applications(tenant);
      const result = await client.acquireTokenByClientCredential({ scopes: [`${graphUrl}/.default`] });
      if (result === null) throw new GenkanError('identity_provider_unavailable', {}, { detail: 'no token came back' });
      kept = { token: result.accessToken, untilMs: (result.expiresOn?.getTime() ?? 0) - earlyMs };
      return kept.token;
    } catch (cause) {
      throw failureOf(cause, 'identity_provider_unavailable').error;
    }
  };
}
