// Revocation of access tokens (RFC 7009 §2.1). The library knows only what it has stored; ours are signed and not stored.
import type { Provider } from 'oidc-provider';

interface RevocationNeighbours {
  /** The grant behind an access token of ours that this client holds. */
  readonly grantOf: (token: string, clientId: string) => Promise<string | undefined>;
  /** Resolves to whether there was such a grant. */
  readonly endGrant: (grantId: string) => Promise<boolean>;
}

/** Lets an access token that its client hands back end the grant that it rests on, with all other tokens of the grant. */
export function revokeAccessTokens(provider: Provider, { grantOf, endGrant }: RevocationNeighbours): void {
  provider.use(async (context, next) => {
    await next();
    // By the time the library refuses to look into a signed token it has read the request and identified the client.
    if (context.oidc?.route !== 'revocation') return;
    if ((context.body as { error?: unknown } | undefined)?.error !== 'unsupported_token_type') return;
    const { client, params } = context.oidc;
    const grantId = await grantOf(String(params?.token), client!.clientId);
    if (grantId !== undefined && (await endGrant(grantId))) provider.emit('grant.revoked', context, grantId);
    context.status = 200; // for a token that is no good, too (RFC 7009 §2.2)
    context.body = '';
  });
}
