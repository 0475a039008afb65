// Identity with Entra ID as its provider: a stand-in, an application registered there, two people, and ways to sign in and to look inside.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { ResolveSecret } from '../../src/base/secret.ts';
import type { Person } from '../../src/identity/accounts.ts';
import { createBrowser } from './browser.ts';
import type { Arrival, Browser } from './browser.ts';
import { startEntra } from './entra.ts';
import type { Entra, EntraOptions, Registration, User } from './entra.ts';
import type { AppWish } from './entra/directory.ts';
import { startIdentityHouse } from './identity-house.ts';
import type { HouseOptions, IdentityHouse } from './identity-house.ts';
import { authorizationRequest, register } from './oauth-client.ts';

export interface EntraHouse extends IdentityHouse {
  readonly entra: Entra;
  readonly app: Registration;
  /** A resource that is called on behalf of people. */
  readonly notes: Registration;
  readonly dana: User;
  readonly omar: User;
  /** Goes all the way to our callback and through it, as a person of the stand-in. */
  signIn(user: User, browser?: Browser): Promise<Arrival>;
  /** As far as being sent back to us, without following. */
  untilCallback(user: User, browser?: Browser): Promise<{ browser: Browser; callback: URL }>;
  personOf(user: User): Promise<Person | undefined>;
  tokenFor(user: User, renewed?: boolean): Promise<Record<string, unknown>>;
}

export interface EntraHouseOptions extends HouseOptions {
  /** More of the provider's settings. */
  readonly provider?: Record<string, unknown>;
  readonly app?: AppWish;
  readonly entra?: EntraOptions;
  readonly secret?: ResolveSecret;
}

export const clientSecret = 'a~secret-of-genkan-that-nobody-else-has';

export const idOf = ({ oid, tid }: User): string => `${oid}@${tid}`;

export async function startEntraHouse(options: EntraHouseOptions = {}): Promise<EntraHouse> {
  const entra = await startEntra(options.entra);
  entra.trust();
  const port = options.port ?? (await freePort());
  const app = entra.addApp({
    scopes: ['access'],
    secret: clientSecret,
    redirectUris: [`http://127.0.0.1:${port}/auth/callback`],
    optionalClaims: { idToken: ['acrs'], accessToken: ['acrs', 'xms_cc'] },
    ...options.app,
  });
  const notes = entra.addApp({ displayName: 'Notes', scopes: ['Notes.Read'] });
  const teams = [entra.addGroup('dev-team'), entra.addGroup('ops')];
  const dana = entra.addUser({ upn: 'dana@contoso.example', name: 'Dana Sato', groups: teams });
  const omar = entra.addUser({ upn: 'omar@contoso.example', name: 'Omar Haddad' });
  const house = await startIdentityHouse({
    secret: () => Promise.resolve(clientSecret),
    ...options,
    port,
    settings: {
      provider: {
        tenant: entra.tenant,
        clientId: app.clientId,
        credential: { secret: { source: 'env', name: 'GENKAN_SECRET' } },
        apiScope: app.scope('access'),
        authorityHost: entra.authorityHost,
        ...options.provider,
      },
      ...options.settings,
    },
  });

  async function untilCallback(user: User, browser = createBrowser()) {
    entra.signsIn = user.oid;
    const registered = await register(house.publicUrl);
    const asked = await authorizationRequest(registered, { resource: `${house.publicUrl}/mcp/files` });
    const { url, page } = await browser.follow(asked.url, (location) => location.pathname === '/auth/callback');
    if (page !== undefined) throw new Error(`not sent back: ${page}`);
    return { browser, callback: url };
  }

  return {
    ...house,
    advance: house.advance,
    entra,
    app,
    notes,
    dana,
    omar,
    untilCallback,
    async signIn(user, browser) {
      const back = await untilCallback(user, browser);
      return back.browser.follow(back.callback, () => false);
    },
    async personOf(user) {
      const row = await house.database
        .selectFrom('account')
        .selectAll()
        .where('id', '=', idOf(user))
        .executeTakeFirst();
      return row && { id: row.id, name: row.name, groups: JSON.parse(row.groups) as string[] };
    },
    async tokenFor(user, renewed) {
      const { token } = await house.identity.callers.tokenFor(idOf(user), [notes.scope('Notes.Read')], renewed);
      return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await entra[Symbol.asyncDispose]();
    },
  };
}

/** Somebody may take it in between, which a test then says; the redirect URI has to be registered before anybody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
