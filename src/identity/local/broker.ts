// Signing in through the operating system's own broker (WAM), where the package that knows it is installed: it is none of ours.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { AccountInfo, AuthenticationResult, INativeBrokerPlugin } from '@azure/msal-node';
import type { IDToken } from 'openid-client';
import type { CallerToken } from '../../base/caller-tokens.ts';
import { GenkanError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { oneLine } from '../../base/one-line.ts';
import type { PublicProvider } from './provider.ts';
import type { Kept } from './remembered.ts';

/** What a broker has to be told about the application, and where the keys are that sign its ID tokens. */
export interface BrokeredApplication {
  readonly clientId: string;
  readonly authority: string;
  readonly issuer: string;
  readonly keys: string;
}

export interface Broker {
  /** With the account of the operating system, or in the broker's window. Undefined when the person goes another way. */
  signIn(claims?: string): Promise<Kept | undefined>;
  /** Without the person. Undefined when the broker wants to see them. */
  silently(account: string): Promise<Kept | undefined>;
  tokenFor(account: string, scope: string): Promise<CallerToken>;
}

const extensions = '@azure/msal-node-extensions';

/** @returns undefined where there is no broker; the browser is as good */
export async function findBroker(
  { identify }: Pick<PublicProvider, 'identify'>,
  { clientId, authority, issuer, keys }: BrokeredApplication,
  log: Log,
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<Broker | undefined> {
  const plugin = await load(extensions).then(
    (module) => new (module as { NativeBrokerPlugin: new () => INativeBrokerPlugin }).NativeBrokerPlugin(),
    (error: Error) =>
      void log.debug({ reason: oneLine(error.message) }, `there is no broker: ${extensions} cannot be loaded`),
  );
  if (plugin?.isBrokerAvailable !== true) return undefined;
  const { PublicClientApplication } = await import('@azure/msal-node');
  const client = new PublicClientApplication({
    auth: { clientId, authority, knownAuthorities: [new URL(authority).host] },
    broker: { nativeBrokerPlugin: plugin },
  });
  const keySet = createRemoteJWKSet(new URL(keys));
  const scopes = ['openid', 'profile'];

  const find = async (account: string): Promise<AccountInfo | undefined> =>
    (await client.getAllAccounts()).find(({ homeAccountId }) => homeAccountId === account);

  async function silent(account: AccountInfo, wanted: string[]): Promise<AuthenticationResult | undefined> {
    return client.acquireTokenSilent({ account, scopes: wanted }).catch(() => undefined);
  }

  async function tokenFor(account: AccountInfo | undefined, scope: string): Promise<CallerToken> {
    const result = account && (await silent(account, [scope]));
    if (result === undefined) throw new GenkanError('identity_sign_in_again');
    return { token: result.accessToken, expiresAtMs: result.expiresOn?.getTime() ?? Date.now() };
  }

  /** The broker is part of the machine, and yet its word is taken only with the signature of the tenant. */
  async function keptOf({ idToken, account }: AuthenticationResult): Promise<Kept> {
    const { payload } = await jwtVerify(idToken, keySet, { algorithms: ['RS256'], issuer, audience: clientId });
    const claims = payload as IDToken;
    const { person, contexts } = await identify(claims, async (scope) => (await tokenFor(account!, scope)).token);
    return {
      person: { ...person, groups: [...person.groups] },
      contexts: [...contexts],
      subject: claims.sub,
      expiresAtMs: claims.exp * 1000,
      account: account!.homeAccountId,
    };
  }

  return {
    async signIn(claims) {
      const [known] = claims === undefined ? await client.getAllAccounts() : [];
      const result =
        (known && (await silent(known, scopes))) ??
        (await client
          .acquireTokenInteractive({
            scopes,
            ...(claims !== undefined && { claims }),
            openBrowser: () => Promise.reject(new Error('the broker was to ask')),
          })
          .catch((error: Error) => void log.warn({ reason: oneLine(error.message) }, 'the broker let nobody in')));
      return result === undefined ? undefined : keptOf(result);
    },
    async silently(account) {
      const info = await find(account);
      const result = info && (await silent(info, scopes));
      return result === undefined ? undefined : keptOf(result);
    },
    tokenFor: async (account, scope) => tokenFor(await find(account), scope),
  };
}
