// A Microsoft Entra ID stand-in for tests: https on `localhost` under a test authority, with the paths, tokens, refusals and habits of Entra ID.
import { randomInt, randomUUID } from 'node:crypto';
import { AadstsError } from './entra/aadsts.ts';
import type { AadstsExtras } from './entra/aadsts.ts';
import { createDirectory } from './entra/directory.ts';
import type { AppWish, Registration, User, UserWish } from './entra/directory.ts';
import { createEndpoints } from './entra/endpoints.ts';
import { createTestAuthority, startHttpsServer } from './entra/https-server.ts';
import type { TestAuthority } from './entra/https-server.ts';
import { startManagedIdentity } from './entra/managed-identity.ts';
import type { ManagedIdentity } from './entra/managed-identity.ts';
import { pairOf } from './entra/sign-in-policy.ts';
import { createSigningKeys } from './entra/signing-keys.ts';
import type { SigningKey } from './entra/signing-keys.ts';
import type { EntraState, Orders, ReceivedRequest, SignIn, Signer } from './entra/state.ts';

export { createCertificate } from './entra/certificates.ts';
export type { Registration, User } from './entra/directory.ts';

export interface EntraOptions {
  /** Home tenant; a new GUID by default. */
  readonly tenant?: string;
  readonly port?: number;
  /** Shares the test authority of another stand-in. */
  readonly authority?: TestAuthority;
}

/** Everything under `Orders` can be set at any time and holds from the next request on. */
export interface Entra extends Orders, AsyncDisposable {
  /** `https://localhost:PORT` */
  readonly origin: string;
  /** What `authorityHost` of the settings takes: the same as `origin`. */
  readonly authorityHost: string;
  readonly tenant: string;
  /** `{origin}/{tenant}`, as MSAL's `authority`; `knownAuthorities` takes `host`. */
  readonly authority: string;
  readonly host: string;
  /** The certificate of the test authority in a file, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string;
  readonly ca: string;
  readonly testAuthority: TestAuthority;
  /** For stand-ins that stand beside this one, such as Microsoft Graph. */
  readonly state: EntraState;
  /** Everything received, in order. */
  readonly requests: ReceivedRequest[];
  /** How often each endpoint was asked. */
  readonly counts: { discovery: number; keys: number; authorize: number; token: number };

  addTenant(id?: string): string;
  addApp(wish?: AppWish): Registration;
  addUser(wish: UserWish): User;
  addGroup(displayName: string, id?: string): string;

  /** TLS clients of this process trust it from now on; disposing the stand-in ends that too. */
  trust(): Disposable;
  /** Moves the clock of the stand-in ahead. */
  advance(ms: number): void;
  /** A new signing key; `withdraw` takes the old ones out of the key set at once. */
  rotateKeys(options?: { withdraw?: boolean }): SigningKey;
  /** Signs with another private key under the current name, or with a published key of its own. `undefined` ends a forgery. */
  signWith(key: Signer): void;
  /** The published key that may sign for personal accounts alone. */
  readonly personalKey: SigningKey;
  /** Ends all sessions of a person: refresh tokens at once, and with continuous access evaluation access tokens too. */
  revokeSessions(oid: string): void;
  disable(oid: string): void;
  /** A sign-in to this application, and a token for it, has to prove a context (`c1`) or policy. */
  requireContext(clientId: string, context: string): void;
  /** Takes the consent for a resource away from a client. */
  withdrawConsent(client: Registration, resource: Registration): void;
  /** The next `times` token requests fail like this. */
  failTokens(code: number, text: string, extras?: AadstsExtras, times?: number): void;
  /** A person signs in for a device that shows this code. */
  approveDevice(userCode: string, oid?: string): void;
  declineDevice(userCode: string): void;
  /** The App Service endpoint of a managed identity, whose service principal is made for it. */
  managedIdentity(wish?: AppWish): Promise<ManagedIdentity>;
}

export async function startEntra(options: EntraOptions = {}): Promise<Entra> {
  const testAuthority = options.authority ?? createTestAuthority();
  const tenant = options.tenant ?? randomUUID();
  const directory = createDirectory(tenant);
  const orders: Orders = {
    signsIn: undefined,
    satisfied: [],
    mfa: 'passes',
    overageThreshold: 200,
    tamper: (claims) => claims,
    tamperAccessToken: (claims) => claims,
    refreshInSeconds: undefined,
    accessTokenSeconds: 3600 + randomInt(1800), // Entra ID draws it, too
    refreshTokenSeconds: 90 * 86_400,
    refuseReplayedAssertions: false,
    down: false,
  };
  let offsetMs = 0;
  const trusts: Disposable[] = [];
  const identities: ManagedIdentity[] = [];
  let endpoints: ReturnType<typeof createEndpoints>;
  const server = await startHttpsServer(testAuthority, (...received) => endpoints.answer(...received), options.port);
  const state: EntraState = {
    origin: server.origin,
    directory,
    keys: createSigningKeys(),
    orders,
    now: () => Date.now() + offsetMs,
    codes: new Map(),
    deviceCodes: new Map(),
    refreshTokens: new Map(),
    sessions: new Map(),
    issued: new Map(),
    demands: new Map(),
    withoutConsent: new Set(),
    assertions: new Set(),
    uses: new Map(),
    failures: [],
    requests: [],
    counts: { discovery: 0, keys: 0, authorize: 0, token: 0 },
  };
  endpoints = createEndpoints(state);

  function userOf(oid: string): User {
    const user = directory.users.get(oid);
    if (user === undefined) throw new Error(`nobody is called ${oid} in the directory`);
    return user;
  }

  function device(userCode: string) {
    const found = [...state.deviceCodes.values()].find((each) => each.userCode === userCode);
    if (found === undefined) throw new Error(`no device shows ${userCode}`);
    return found;
  }

  const entra = {
    origin: server.origin,
    authorityHost: server.origin,
    authority: `${server.origin}/${tenant}`,
    host: new URL(server.origin).host,
    tenant,
    caFile: testAuthority.file,
    ca: testAuthority.certificate.pem,
    testAuthority,
    state,
    requests: state.requests,
    counts: state.counts,
    addTenant: directory.addTenant,
    addApp: directory.addApp,
    addUser: directory.addUser,
    addGroup: directory.addGroup,
    trust() {
      const trust = testAuthority.trust();
      trusts.push(trust);
      return trust;
    },
    advance: (ms: number) => void (offsetMs += ms),
    rotateKeys: ({ withdraw = false } = {}) => state.keys.rotate(withdraw),
    signWith: (key: Signer) => state.keys.signWith(key),
    personalKey: state.keys.personal,
    revokeSessions: (oid: string) => void userOf(oid).epoch++,
    disable: (oid: string) => void (userOf(oid).accountEnabled = false),
    requireContext(clientId: string, context: string) {
      state.demands.set(clientId, (state.demands.get(clientId) ?? new Set()).add(context));
    },
    withdrawConsent: (client: Registration, resource: Registration) =>
      void state.withoutConsent.add(pairOf(client, resource)),
    failTokens(code: number, text: string, extras: AadstsExtras = {}, times = 1) {
      for (let count = 0; count < times; count++) state.failures.push(new AadstsError(code, text, extras));
    },
    approveDevice(userCode: string, oid = orders.signsIn) {
      const user = userOf(oid ?? '');
      const authTimeSeconds = Math.floor(state.now() / 1000);
      const proven = orders.satisfied;
      device(userCode).signIn = { user, epoch: user.epoch, authTimeSeconds, amr: ['pwd'], proven } satisfies SignIn;
    },
    declineDevice: (userCode: string) => void (device(userCode).signIn = 'declined'),
    async managedIdentity(wish: AppWish = {}) {
      const identity = await startManagedIdentity(
        state,
        directory.addApp({ displayName: 'managed identity', ...wish }),
      );
      identities.push(identity);
      return identity;
    },
    async [Symbol.asyncDispose]() {
      for (const trust of trusts) trust[Symbol.dispose]();
      for (const identity of identities) await identity[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      state.keys.giveBack();
      if (options.authority === undefined) testAuthority[Symbol.dispose]();
    },
  };
  // Orders are read where they matter; setting them here is the same as setting them there.
  for (const name of Object.keys(orders) as (keyof Orders)[])
    Object.defineProperty(entra, name, {
      enumerable: true,
      get: () => orders[name],
      set: (value) => Object.assign(orders, { [name]: value }),
    });
  return entra as typeof entra & Orders;
}
