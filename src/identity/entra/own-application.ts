// Genkan as an application of its tenant, for administrators: what it proves itself with, a token as itself, and Graph with that token.
import type { Clock } from '../../base/clock.ts';
import type { ResolveSecret } from '../../base/secret.ts';
import { createGraphClient } from '../conditional-access/graph-client.ts';
import type { Graph } from '../conditional-access/directory.ts';
import { createApplicationToken } from './application-token.ts';
import { createApplications } from './applications.ts';
import { createCredential } from './credential.ts';
import type { Credential, Proof } from './credential.ts';
import { createEntraFetch } from './entra-fetch.ts';
import type { EntraFetch } from './entra-fetch.ts';
import type { EntraSettings } from './settings.ts';

export interface OwnApplication {
  readonly settings: EntraSettings;
  readonly proof: Credential;
  /** A new sign-in each time, with the credential of this moment. @throws GenkanError */
  signIn(): Promise<{ readonly proof: Proof; readonly token: string }>;
  /** The same with another credential. @throws GenkanError */
  signInWith(proof: Proof): Promise<string>;
  /** Absent where it is not said in which tenant the application is at home. */
  readonly graph: Graph | undefined;
  readonly send: EntraFetch;
}

export interface OwnNeighbours {
  readonly secret: ResolveSecret;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

export function createOwnApplication(
  settings: EntraSettings,
  { secret, clock, fetch: given }: OwnNeighbours,
): OwnApplication {
  const { authorityHost, graphUrl, tenant } = settings;
  const send = createEntraFetch(given, [authorityHost]);
  const proof = createCredential(settings, { secret, clock, sendToMachine: createEntraFetch(given) });
  const tokenWith = (credential: Credential): (() => Promise<string>) =>
    createApplicationToken(settings, { applications: createApplications(settings, { credential, send }), clock });
  return {
    settings,
    proof,
    async signIn() {
      const shown = await proof();
      return { proof: shown, token: await tokenWith(() => Promise.resolve(shown))() };
    },
    signInWith: (shown) => tokenWith(() => Promise.resolve(shown))(),
    graph:
      tenant === 'organizations' ? undefined : createGraphClient({ graphUrl, token: tokenWith(proof), fetch: given }),
    send,
  };
}
