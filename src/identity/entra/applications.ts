// Genkan as an application of Entra ID: one MSAL client for each request, with the credential of that moment and the tokens of one person.
import { ConfidentialClientApplication } from '@azure/msal-node';
import type { ICachePlugin } from '@azure/msal-node';
import { addressesOf } from './addresses.ts';
import type { Credential, Proof } from './credential.ts';
import { msalNetwork } from './entra-fetch.ts';
import type { EntraFetch } from './entra-fetch.ts';
import type { EntraSettings } from './settings.ts';
import { silent } from './silent.ts';

interface Application {
  readonly client: ConfidentialClientApplication;
  /** Which credential it proves itself with. */
  readonly proof: Proof;
}

/**
 * @param tenant where the request goes
 * @param tokens those of one person; without them nothing is kept
 */
export type Applications = (tenant: string, tokens?: ICachePlugin) => Promise<Application>;

export function createApplications(
  { clientId, authorityHost }: Pick<EntraSettings, 'clientId' | 'authorityHost'>,
  { credential, send }: { readonly credential: Credential; readonly send: EntraFetch },
): Applications {
  const networkClient = msalNetwork(send);
  return async (tenant, cachePlugin) => {
    const proof = await credential();
    const { authority, metadata } = addressesOf(authorityHost, tenant);
    const client = new ConfidentialClientApplication({
      auth: {
        clientId,
        authority,
        authorityMetadata: metadata,
        knownAuthorities: [new URL(authorityHost).host],
        clientCapabilities: ['CP1'], // we understand claims challenges
        ...proof.auth,
      },
      ...(cachePlugin && { cache: { cachePlugin } }),
      system: { networkClient, loggerOptions: silent },
    });
    return { client, proof };
  };
}
