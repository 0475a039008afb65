// Identity as the rest of Genkan sees it: the OAuth and sign-in pages it owns, and the verification of access tokens.
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { CallerTokens } from '../base/caller-tokens.ts';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import { guid } from '../base/guid.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Principal } from '../base/principal.ts';
import type { ResolveSecret } from '../base/secret.ts';
import type { Database } from '../state/database.ts';
import type { Leases } from '../state/leases.ts';
import type { SealedStore } from '../state/sealed-store.ts';
import { forgetOldRevocations } from '../state/revocations.ts';
import type { Revocations } from '../state/revocations.ts';
import { createActionPages, noActs } from './action-pages/action-pages.ts';
import type { Act } from './action-pages/acts.ts';
import { createAccounts } from './accounts.ts';
import type { Account, Person } from './accounts.ts';
import { createConditionalAccess } from './conditional-access/conditional-access.ts';
import { createConditionalAccessDesk } from './conditional-access/desk.ts';
import type { ConditionalAccessDesk } from './conditional-access/desk.ts';
import { connectPages, createConnectPages } from './connect-pages.ts';
import type { ConnectDesk } from './connect-pages.ts';
import { createConsents } from './consents.ts';
import type { Agents } from './agents/agents.ts';
import { createFederation } from './federation.ts';
import { createGrants } from './grants/grants.ts';
import type { Presented } from './grants/proofs.ts';
import { createIdentityRecord, originOf } from './identity-record.ts';
import type { IdentityEntry, Origin } from './identity-record.ts';
import { createIdentityPages, ownsPath, renderProviderError } from './identity-pages.ts';
import { createOAuthProvider, endpoints } from './oauth-provider.ts';
import { createDisabled } from './kill-switch/disabled.ts';
import { endedAtMs } from './kill-switch/ending.ts';
import { createKillSwitch } from './kill-switch/kill-switch.ts';
import type { KillSwitch } from './kill-switch/kill-switch.ts';
import { refuseRevokedClients } from './kill-switch/revoked-clients.ts';
import { createScimDoor } from './scim/door.ts';
import { createProvisionedGroups } from './scim/provisioned-groups.ts';
import { createAdapterFactory, sweep } from './oidc-adapter.ts';
import { createMint } from './mint.ts';
import type { Mint, Minted } from './mint.ts';
import { createPersonNamed } from './person-named.ts';
import { recordProviderEvents } from './provider-events.ts';
import { challenge } from './resource-metadata.ts';
import { revokeAccessTokens } from './revocation.ts';
import type { IdentitySettings } from './settings.ts';
import { createSignIn } from './sign-in.ts';
import { signInAt } from './sign-in-at.ts';
import { createStepUp } from './step-up.ts';
import { loadKeys } from './signing-keys.ts';
import { createVerifier } from './verify.ts';
import type { Verified } from './verify.ts';

export type { Person, Verified, IdentityEntry, Origin, Mint, ConnectDesk };

export interface IdentityNeighbours {
  readonly database: Database;
  /** Folder of the key files; made if missing. */
  readonly keysDirectory: string;
  /** Origin under which clients reach Genkan, e.g. `https://mcp.example.com`. */
  readonly publicUrl: string;
  /** Absolute URLs of the protected resources that exist now. */
  readonly resources: () => readonly string[];
  /** What was ended, here or by another process: identity forgets before anybody hears of it who follows later. */
  readonly revocations: Revocations;
  /** Forgets what is kept in a person's name outside of identity, e.g. tokens for servers. */
  readonly forgetPerson?: (person: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Appends an audit record; resolves once it is durable. */
  readonly record: (entry: IdentityEntry) => Promise<unknown>;
  readonly sourceAddress: (request: IncomingMessage) => string;
  /** Whether that is the address of a proxy that nobody has named as one. */
  readonly placesHidden?: boolean;
  /** Where the tokens of people are kept; Entra ID alone gives any that are. */
  readonly sealed?: SealedStore;
  readonly leases?: Leases;
  /** Resolves a secret reference of the settings. */
  readonly secret: ResolveSecret;
  /** People's own connections to servers that ask for sign-in. Absent where there are none. */
  readonly connections?: ConnectDesk;
  /** Carries out an operation for somebody at a page of ours. Absent where there are no such pages. */
  readonly act?: Act;
  /** Reads a conditional access policy file that the configuration names. */
  readonly readFile: (file: string) => string;
  /** Replaces the global `fetch` towards the identity provider and client metadata documents. */
  readonly fetch?: typeof fetch;
}

export interface Identity {
  /** Whether requests to this path are for `handle`. */
  owns(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Checks the `Authorization` header of a request to `resource`; refused tokens are recorded.
   * @param from where the request came from, for the record, and what a proof of possession must speak of
   * @param again the request is one that was let in before, and is still open
   */
  verify(
    authorization: string | undefined,
    resource: string,
    from?: Origin & Partial<Presented>,
    again?: true,
  ): Verified | Refusal | Promise<Verified | Refusal>;
  /**
   * The `WWW-Authenticate` value that belongs to a refusal.
   * @param principal whose request it was, where the refusal came after `verify`
   */
  challenge(refusal: Refusal, resource: string, principal?: Principal): string;
  /** Absent where no policies are configured. */
  readonly conditionalAccess: ConditionalAccessDesk | undefined;
  /**
   * Issues an access token without a browser, for an account that exists.
   * @throws GenkanError `identity_request_invalid` for an unknown account or resource
   */
  mintAccessToken(mint: Mint): Promise<string>;
  /** The same, with the grant that it rests on. */
  mint(mint: Mint): Promise<Minted>;
  /** Creates or updates a person; returns the stable account id. */
  upsertAccount(person: Person): Promise<string>;
  /** A person who may come in, with the groups that count; undefined for everybody else. */
  person(id: string, reader?: Database): Promise<Account | undefined>;
  /** Everybody who has signed in and may still come in; `external` for people of another directory than ours. */
  everybody(): Promise<readonly (Account & { readonly external: boolean })[]>;
  /** The principal id of the one person with a sign-in name. */
  personNamed(name: string): Promise<string | undefined>;
  /** Tokens in the name of people who have signed in. */
  readonly callers: CallerTokens;
  readonly killSwitch: KillSwitch;
  /** Confidential clients that administrators register. */
  readonly agents: Agents;
  close(): Promise<void>;
}

const sweepMs = 300_000;
/** How often names in conditional access policies are looked up again. */
const directoryMs = 3_600_000;

/** Creates identity. Needs no network: the identity provider is looked for at the first sign-in. */
export async function createIdentity(settings: IdentitySettings, neighbours: IdentityNeighbours): Promise<Identity> {
  const { database, revocations, clock, log, resources, sourceAddress } = neighbours;
  const issuer = new URL(neighbours.publicUrl).origin;
  const keys = loadKeys(path.resolve(neighbours.keysDirectory));
  const groupsOf = settings.scim && createProvisionedGroups(database, settings.scim.addsGroups);
  const [accounts, consents] = [createAccounts(database, clock, groupsOf), createConsents(database, clock)];
  const record = createIdentityRecord(neighbours.record, clock, log);
  const from = (request: IncomingMessage): Origin => originOf(request, sourceAddress);
  const disabled = createDisabled(database);
  const killSwitch = createKillSwitch({
    database,
    revocations,
    clock,
    forget: neighbours.forgetPerson ?? (() => Promise.resolve()),
  });
  const endGrant = (grantId: string, reason: string): Promise<boolean> =>
    killSwitch.endGrant(grantId, { by: 'oauth', reason });
  const adapter = createAdapterFactory({
    database,
    clock,
    refreshGraceSeconds: settings.refreshGraceSeconds,
    endGrant,
  });
  const tokenEndpoint = `${issuer}${endpoints.token}`;
  const own = { adapter, accounts, disabled, keys, issuer, tokenEndpoint, record, originOf: from };
  const grants = createGrants(settings, { ...neighbours, ...own });
  const verifier = createVerifier({
    database,
    accounts,
    disabled,
    agents: grants.agents,
    proofs: grants.proofs,
    clock,
    issuer,
    publicKeys: keys.publicKeys,
    verdictSeconds: settings.verdictSeconds,
  });
  const isDisabled = (person: string): Promise<boolean> => disabled.has('principal', person);
  const redirectUri = `${issuer}/auth/callback`;
  const place = await signInAt(settings.provider, { ...neighbours, record, redirectUri, isDisabled });
  revocations.follow(({ kind, subject }) => {
    if (kind === 'policy' || kind === 'approval' || kind === 'pin' || kind === 'pages') return;
    if (kind !== 'server') verifier.forget(kind, subject);
    if (kind === 'principal') place.forget(subject);
  });
  const { leg, callers, needsSignIn } = place;
  const { clientId } = settings.provider;
  const entra = 'tenant' in settings.provider;
  const conditionalAccess = await createConditionalAccess(settings.conditionalAccess, {
    entra,
    clientId,
    database,
    graph: place.graph,
    placesHidden: neighbours.placesHidden,
    readFile: neighbours.readFile,
    clock,
    log,
  });
  const offer = {
    least: settings.scopes === 'least',
    contexts: [...new Set(Object.values(settings.conditionalAccess.contexts))],
  };
  const stepUp = createStepUp({ access: conditionalAccess, offer, accounts, record, clock, log });
  const provider = createOAuthProvider(settings, {
    adapter: grants.adapter,
    once: grants.once,
    accounts,
    consents,
    stepUp,
    keys,
    clock,
    issuer,
    resources,
    sourceAddress,
    log,
    renderError: renderProviderError,
    fetch: neighbours.fetch,
  });
  grants.attach(provider, verifier.inspect, stepUp.admit);
  refuseRevokedClients(provider, disabled);
  recordProviderEvents(provider, record, from, log);
  revokeAccessTokens(provider, {
    grantOf: verifier.grantOf,
    endGrant: (grantId) => endGrant(grantId, 'given back by its client'),
  });
  const federation = createFederation({ leg, database, clock });
  const desk = neighbours.connections ?? noConnections;
  const connect = createConnectPages({ desk, provider, federation, issuer, record, originOf: from, needsSignIn });
  const actions = createActionPages({
    federation,
    accounts,
    endedAtMs: (person) => endedAtMs(database, person),
    admit: stepUp.admit,
    act: neighbours.act ?? noActs,
    issuer,
    secrets: keys.secrets,
    mfa: settings.conditionalAccess.contexts['mfa'],
    originOf: from,
    clock,
  });
  const signIn = createSignIn(settings, {
    provider,
    federation,
    accounts,
    consents,
    stepUp,
    database,
    clock,
    issuer,
    secrets: keys.secrets,
    record,
    originOf: from,
    resume: (request, response, page, arrival) =>
      page.startsWith(connectPages)
        ? connect.resume(request, response, page, arrival.person)
        : actions.resume(response, page, arrival),
  });
  const pages = createIdentityPages(settings, {
    provider,
    signIn,
    connect,
    actions,
    clientDocument: desk.clientDocument,
    translateSignIn: grants.translateSignIn,
    issuer,
    resources,
    offer,
    sourceAddress,
    clock,
    log,
  });
  const scim =
    settings.scim &&
    createScimDoor(settings.scim, {
      ...neighbours,
      provider: settings.provider,
      killSwitch,
      issuer,
      record,
      originOf: from,
    });
  const mint = createMint({ issue: grants.issue, database, accounts, record, resources });
  const sweeper = setInterval(() => {
    Promise.all([sweep(database, clock.now()), forgetOldRevocations(database, clock.now())]).catch((error: unknown) =>
      log.error({ err: error }, 'sweep failed'),
    );
  }, sweepMs).unref();
  // Nothing waits for the directory: until it has answered, a name concerns everybody whom it could.
  const readDirectory = (): void => {
    conditionalAccess?.refresh().catch((error: unknown) => log.error({ err: error }, 'names were not looked up'));
  };
  const directoryReader = setInterval(readDirectory, directoryMs).unref();
  readDirectory();
  await sweep(database, clock.now());

  return {
    owns: (at) => ownsPath(at) || scim?.owns(at) === true,
    handle: (request, response) =>
      scim?.owns(request.url?.split('?', 1)[0] ?? '') ? scim.handle(request, response) : pages(request, response),
    verify(authorization, resource, origin = { sourceIP: '', userAgent: '' }, again) {
      const { method = '', url = '', proof } = origin;
      const verdict = verifier.verify(authorization, resource, again ? 'shown before' : { method, url, proof });
      if (!(verdict instanceof Promise)) return noted(verdict, resource, origin);
      return verdict.then((settled) => noted(settled, resource, origin));
    },
    challenge(refusal, resource, principal) {
      const wider = refusal.code === 'identity_scope_missing' ? refusal.data?.['scope'] : undefined;
      if (principal !== undefined && typeof wider === 'string') stepUp.demanded(principal, wider);
      return challenge(refusal, resource, offer, settings.dpop);
    },
    conditionalAccess:
      conditionalAccess &&
      createConditionalAccessDesk({
        access: conditionalAccess,
        settings: settings.conditionalAccess,
        entra,
        clientId,
        graphUrl: 'graphUrl' in settings.provider ? settings.provider.graphUrl : 'https://graph.microsoft.com',
        graph: place.graph,
      }),
    mint,
    mintAccessToken: async (wish) => (await mint(wish)).token,
    upsertAccount: accounts.upsert,
    person: accounts.find,
    everybody: async () =>
      (await accounts.all()).map((account) => ({ ...account, external: isExternal(account, settings.provider) })),
    personNamed: createPersonNamed(settings.provider, { database, graph: place.graph, log }),
    callers,
    killSwitch,
    agents: grants.agents,
    close: () => {
      clearInterval(sweeper);
      clearInterval(directoryReader);
      return Promise.resolve();
    },
  };

  function noted(verdict: Verified | Refusal, resource: string, origin: Origin): Verified | Refusal {
    if (verdict.outcome !== 'allow' && notable.has(verdict.code))
      record.refused(
        {
          action: 'identity.tokenRefused',
          resource,
          result: 'challenged',
          details: { code: verdict.code, detail: verdict.detail },
        },
        origin,
      );
    return verdict.outcome === 'allow' ? stepUp.admit(verdict, resource, origin) : verdict;
  }
}

/** Guests keep the sign-in name of their own company, marked; people of another tenant have its id in theirs. */
function isExternal({ id, name }: Account, provider: IdentitySettings['provider']): boolean {
  if (!('tenant' in provider)) return false;
  const { tenant } = provider;
  return /#ext#@/i.test(name) || (guid.test(tenant) && !id.endsWith(`@${tenant.toLowerCase()}`));
}

/** Refusals worth a record: somebody holds a token that is not for here, or no longer. A missing or expired one is daily life. */
const notable: ReadonlySet<string> = new Set([
  'identity_token_invalid',
  'identity_token_audience',
  'identity_scope_missing',
  'identity_token_bound',
  'identity_proof_invalid',
  'identity_grant_revoked',
  'identity_principal_disabled',
  'identity_client_revoked',
]);

const noConnections: ConnectDesk = {
  isCurrent: () => false,
  begin: ({ server }) => Promise.reject(new GenkanError('upstream_unknown', { server })),
  end: () => Promise.reject(new GenkanError('upstream_sign_in_expired')),
  clientDocument: () => ({}),
};
