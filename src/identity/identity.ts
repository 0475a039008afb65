// Identity as the rest of Genkan sees it: the OAuth and sign-in pages it owns, and the verification of access tokens.
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import type { CallerTokens } from '../base/caller-tokens.ts';
import type { Clock } from '../base/clock.ts';
import { GenkanError } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ResolveSecret } from '../base/secret.ts';
import type { Database } from '../state/database.ts';
import type { Leases } from '../state/leases.ts';
import type { SealedStore } from '../state/sealed-store.ts';
import { createAccounts } from './accounts.ts';
import type { Person } from './accounts.ts';
import { createConnectPages } from './connect-pages.ts';
import type { ConnectDesk } from './connect-pages.ts';
import { createConsents } from './consents.ts';
import { createFederation } from './federation.ts';
import { createIdentityRecord, originOf } from './identity-record.ts';
import type { IdentityEntry, Origin } from './identity-record.ts';
import { createIdentityPages, ownsPath, renderProviderError } from './identity-pages.ts';
import { createOAuthProvider } from './oauth-provider.ts';
import { createAdapterFactory, endGrant, sweep } from './oidc-adapter.ts';
import { createMint } from './mint.ts';
import type { Mint } from './mint.ts';
import { recordProviderEvents } from './provider-events.ts';
import { challenge } from './resource-metadata.ts';
import { revokeAccessTokens } from './revocation.ts';
import type { IdentitySettings } from './settings.ts';
import { createSignIn } from './sign-in.ts';
import { signInAt } from './sign-in-at.ts';
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
  readonly clock: Clock;
  readonly log: Log;
  /** Appends an audit record; resolves once it is durable. */
  readonly record: (entry: IdentityEntry) => Promise<unknown>;
  readonly sourceAddress: (request: IncomingMessage) => string;
  /** Where the tokens of people are kept; Entra ID alone gives any that are. */
  readonly sealed?: SealedStore;
  readonly leases?: Leases;
  /** Resolves a secret reference of the settings. */
  readonly secret: ResolveSecret;
  /** People's own connections to servers that ask for sign-in. Absent where there are none. */
  readonly connections?: ConnectDesk;
  /** Replaces the global `fetch` towards the identity provider and client metadata documents. */
  readonly fetch?: typeof fetch;
}

export interface Identity {
  /** Whether requests to this path are for `handle`. */
  owns(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Checks the `Authorization` header of a request to `resource`; refused tokens are recorded.
   * @param from where the request came from, for the record
   */
  verify(
    authorization: string | undefined,
    resource: string,
    from?: Origin,
  ): Verified | Refusal | Promise<Verified | Refusal>;
  /** The `WWW-Authenticate` value that belongs to a refusal. */
  challenge(refusal: Refusal, resource: string): string;
  /**
   * Issues an access token without a browser, for an account that exists.
   * @throws GenkanError `identity_request_invalid` for an unknown account or resource
   */
  mintAccessToken(mint: Mint): Promise<string>;
  /** Tokens in the name of people who have signed in. */
  readonly callers: CallerTokens;
  /** Creates or updates a person; returns the stable account id. */
  upsertAccount(person: Person): Promise<string>;
  close(): Promise<void>;
}

const sweepMs = 300_000;

/** Creates identity. Needs no network: the identity provider is looked for at the first sign-in. */
export async function createIdentity(settings: IdentitySettings, neighbours: IdentityNeighbours): Promise<Identity> {
  const { database, clock, log, resources, sourceAddress } = neighbours;
  const issuer = new URL(neighbours.publicUrl).origin;
  const keys = loadKeys(path.resolve(neighbours.keysDirectory));
  const [accounts, consents] = [createAccounts(database, clock), createConsents(database, clock)];
  const record = createIdentityRecord(neighbours.record, clock, log);
  const from = (request: IncomingMessage): Origin => originOf(request, sourceAddress);
  const verifier = createVerifier({
    database,
    accounts,
    clock,
    issuer,
    publicKeys: keys.publicKeys,
    verdictSeconds: settings.verdictSeconds,
  });
  const provider = createOAuthProvider(settings, {
    adapter: createAdapterFactory({
      database,
      clock,
      refreshGraceSeconds: settings.refreshGraceSeconds,
      onGrantEnded: verifier.forget,
    }),
    accounts,
    consents,
    keys,
    clock,
    issuer,
    resources,
    sourceAddress,
    log,
    renderError: renderProviderError,
    fetch: neighbours.fetch,
  });
  recordProviderEvents(provider, record, from, log);
  revokeAccessTokens(provider, {
    grantOf: verifier.grantOf,
    async endGrant(grantId) {
      const ended = await endGrant(database, grantId);
      verifier.forget(grantId);
      return ended;
    },
  });
  const redirectUri = `${issuer}/auth/callback`;
  const { leg, callers, wishFor } = signInAt(settings.provider, { ...neighbours, record, redirectUri });
  const federation = createFederation({ leg, database, clock });
  const desk = neighbours.connections ?? noConnections;
  const connect = createConnectPages({ desk, provider, federation, issuer, record, originOf: from, wishFor });
  const signIn = createSignIn(settings, {
    provider,
    federation,
    accounts,
    consents,
    database,
    issuer,
    secrets: keys.secrets,
    record,
    originOf: from,
    resume: connect.resume,
    wishFor,
  });
  const pages = createIdentityPages(settings, {
    provider,
    signIn,
    connect,
    clientDocument: desk.clientDocument,
    issuer,
    resources,
    sourceAddress,
    clock,
    log,
  });
  const sweeper = setInterval(() => {
    sweep(database, clock.now()).catch((error: unknown) => log.error({ err: error }, 'sweep failed'));
  }, sweepMs).unref();
  await sweep(database, clock.now());

  return {
    owns: ownsPath,
    handle: pages,
    verify(authorization, resource, origin = { sourceIP: '', userAgent: '' }) {
      const verdict = verifier.verify(authorization, resource);
      if (!(verdict instanceof Promise)) return noted(verdict, resource, origin);
      return verdict.then((settled) => noted(settled, resource, origin));
    },
    challenge,
    mintAccessToken: createMint({ provider, database, accounts, record, keys, issuer, clock, resources }),
    callers,
    upsertAccount: accounts.upsert,
    close: () => {
      clearInterval(sweeper);
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
    return verdict;
  }
}

/** Refusals worth a record: somebody holds a token that is not for here, or no longer. A missing or expired one is daily life. */
const notable: ReadonlySet<string> = new Set([
  'identity_token_invalid',
  'identity_token_audience',
  'identity_scope_missing',
  'identity_grant_revoked',
]);

const noConnections: ConnectDesk = {
  begin: ({ server }) => Promise.reject(new GenkanError('upstream_unknown', { server })),
  end: () => Promise.reject(new GenkanError('upstream_sign_in_expired')),
  clientDocument: () => ({}),
};
