// Identity with Entra ID as its provider: a stand-in, an application registered there, two people, and ways to sign in and to look inside.
import { randomUUID } from 'node:crypto';
import type { ResolveSecret } from '../../src/base/secret.ts';
import { createLog } from '../../src/base/log.ts';
import type { Person } from '../../src/identity/accounts.ts';
import { createApplications } from '../../src/identity/entra/applications.ts';
import { createCredential } from '../../src/identity/entra/credential.ts';
import { createEntraFetch } from '../../src/identity/entra/entra-fetch.ts';
import { createEntraLeg } from '../../src/identity/entra/entra-leg.ts';
import { createEntra } from '../../src/identity/entra/entra.ts';
import { createHoldings } from '../../src/identity/entra/holdings.ts';
import { entraProvider } from '../../src/identity/entra/settings.ts';
import type { EntraSettings } from '../../src/identity/entra/settings.ts';
import type { TokenJudge } from '../../src/identity/entra/tokens.ts';
import type { SignedIn, SignInLeg, SignInWish } from '../../src/identity/sign-in-leg.ts';
import { createDisabled } from '../../src/identity/kill-switch/disabled.ts';
import { createLeases } from '../../src/state/leases.ts';
import type { Leases } from '../../src/state/leases.ts';
import { createBrowser } from './browser.ts';
import type { Arrival, Browser } from './browser.ts';
import { startEntra } from './entra.ts';
import type { Entra, EntraOptions, Registration, User } from './entra.ts';
import type { AppWish } from './entra/directory.ts';
import { startIdentityHouse } from './identity-house.ts';
import type { HouseOptions, IdentityHouse } from './identity-house.ts';
import { authorizationRequest, register } from './oauth-client.ts';
import { freePort } from './free-port.ts';

export interface EntraHouse extends IdentityHouse {
  readonly entra: Entra;
  readonly app: Registration;
  /** A resource that is called on behalf of people. */
  readonly notes: Registration;
  readonly dana: User;
  readonly omar: User;
  readonly settings: EntraSettings;
  /** Goes all the way to our callback and through it, as a person of the stand-in; ends before the client's own address. */
  signIn(user: User, browser?: Browser): Promise<Arrival>;
  /** As far as being sent back to us, without following. */
  untilCallback(user: User, browser?: Browser): Promise<{ browser: Browser; callback: URL }>;
  /** The provider as another process on the same data has it, or with another judge of tokens. */
  beside(judge?: TokenJudge, leases?: Leases, send?: typeof fetch): ReturnType<typeof createEntra>;
  /** A sign-in by a leg alone. */
  signInBy(leg: SignInLeg, user: User, wish?: SignInWish): Promise<SignedIn>;
  personOf(user: User): Promise<Person | undefined>;
  /** @param renewed with what the last one was turned away, where that is known */
  tokenFor(user: User, renewed?: boolean | string): Promise<Record<string, unknown>>;
}

export interface EntraHouseOptions extends HouseOptions {
  /** More of the provider's settings. */
  readonly provider?: Record<string, unknown> | ((entra: Entra, app: Registration) => Promise<Record<string, unknown>>);
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
  const provider = {
    tenant: entra.tenant,
    clientId: app.clientId,
    credential: { secret: { source: 'env', name: 'GENKAN_SECRET' } },
    apiScope: app.scope('access'),
    authorityHost: entra.authorityHost,
    ...(typeof options.provider === 'function' ? await options.provider(entra, app) : options.provider),
  };
  const settings = entraProvider.parse(provider);
  const secret: ResolveSecret = options.secret ?? (() => Promise.resolve(clientSecret));
  const house = await startIdentityHouse({
    ...options,
    secret,
    port,
    settings: { provider, ...options.settings },
  });

  function beside(judge?: TokenJudge, given?: Leases, asks = options.fetch): ReturnType<typeof createEntra> {
    const [clock, log] = [{ now: house.now }, createLog('silent')];
    const leases = given ?? createLeases({ database: house.database, clock });
    const isDisabled = (person: string): Promise<boolean> => createDisabled(house.database).has('principal', person);
    const record = { write: () => Promise.resolve(), refused: () => {} };
    const redirectUri = `${house.publicUrl}/auth/callback`;
    const own = {
      sealed: house.sealed,
      leases,
      secret,
      record,
      clock,
      log,
      redirectUri,
      fetch: asks,
      isDisabled,
    };
    const whole = createEntra(settings, own);
    if (judge === undefined) return whole;
    const send = createEntraFetch(asks ?? fetch);
    const credential = createCredential(settings, { secret, clock, sendToMachine: send });
    const applications = createApplications(settings, { credential, send });
    const holdings = createHoldings(house.sealed, leases, isDisabled);
    return {
      ...whole,
      leg: createEntraLeg(settings, { applications, judge, holdings, send, clock, log, redirectUri }),
    };
  }

  async function signInBy(leg: SignInLeg, user: User, wish: SignInWish = {}): Promise<SignedIn> {
    entra.signsIn = user.oid;
    const [state, nonce, verifier] = [randomUUID(), randomUUID(), randomUUID() + randomUUID()];
    const target = await leg.authorizationUrl({ state, nonce, verifier }, wish);
    const { url } = await createBrowser().follow(target, (location) => location.pathname === '/auth/callback');
    return leg.redeem(url, { state, nonce, verifier });
  }

  const follow = async (user: User, browser: Browser): Promise<Arrival> => {
    entra.signsIn = user.oid;
    const asked = await authorizationRequest(await register(house.publicUrl), {
      resource: `${house.publicUrl}/mcp/files`,
    });
    return browser.follow(asked.url, (location) => location.pathname === '/auth/callback');
  };

  async function untilCallback(user: User, browser = createBrowser()) {
    const { url, page } = await follow(user, browser);
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
    settings,
    beside,
    signInBy,
    untilCallback,
    async signIn(user, browser = createBrowser()) {
      const arrival = await follow(user, browser);
      return arrival.page === undefined
        ? browser.follow(arrival.url, ({ host }) => host === 'client.example')
        : arrival;
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
      const claims = typeof renewed === 'string' ? renewed : undefined;
      const { callers } = house.identity;
      const scopes = [notes.scope('Notes.Read')];
      const { token } = await callers.tokenFor(idOf(user), scopes, renewed !== undefined, claims);
      return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
    },
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await entra[Symbol.asyncDispose]();
    },
  };
}
