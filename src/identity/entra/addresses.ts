// Where a tenant of Entra ID is: its addresses are fixed, so nothing that metadata says can lead anywhere else.

interface TenantAddresses {
  readonly authority: string;
  readonly keys: string;
  /** Issuers of its tokens, by version. @see https://learn.microsoft.com/entra/identity-platform/access-tokens */
  readonly issuers: Readonly<Record<'1.0' | '2.0', string>>;
  /** For MSAL, which would fetch it before every request otherwise. */
  readonly metadata: string;
}

/** @param tenant id of a tenant, or `organizations` */
export function addressesOf(authorityHost: string, tenant: string): TenantAddresses {
  const authority = `${authorityHost}/${tenant}`;
  const keys = `${authority}/discovery/v2.0/keys`;
  const issuers = { '1.0': `${olderIssuer(authorityHost)}/${tenant}/`, '2.0': `${authority}/v2.0` };
  const metadata = JSON.stringify({
    issuer: issuers['2.0'],
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: `${authority}/oauth2/v2.0/token`,
    end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
    jwks_uri: keys,
  });
  return { authority, keys, issuers, metadata };
}

/** Tokens of version 1.0 name an issuer of their own in each cloud. */
const olderIssuer = (authorityHost: string): string =>
  authorityHost.endsWith('.partner.microsoftonline.cn') ? 'https://sts.chinacloudapi.cn' : 'https://sts.windows.net';

/** What a token has to be for, to be exchanged for one of an application (workload identity federation). */
export function exchangeAudience(authorityHost: string): string {
  if (authorityHost.endsWith('.microsoftonline.us')) return 'api://AzureADTokenExchangeUSGov';
  if (authorityHost.endsWith('.partner.microsoftonline.cn')) return 'api://AzureADTokenExchangeChina';
  return 'api://AzureADTokenExchange';
}
