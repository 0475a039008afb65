// As whom a setup is carried out: with a token that an administrator has, with one that they sign in for now, or as Genkan itself.
import { PublicClientApplication } from '@azure/msal-node';
import { GenkanError } from '../../../base/errors.ts';
import { addressesOf } from '../addresses.ts';
import type { EntraFetch } from '../entra-fetch.ts';
import { msalNetwork } from '../entra-fetch.ts';
import { failureOf } from '../failures.ts';
import { silent } from '../silent.ts';

interface Place {
  readonly tenant: string;
  readonly authorityHost: string;
  readonly graphUrl: string;
}

const signInMs = 15 * 60_000;

/**
 * A person signs in on another device, for the rights that this takes and no more.
 * @param clientId of a public client of the tenant that may ask for these rights
 * @throws GenkanError
 */
export async function administratorToken(
  { tenant, authorityHost, graphUrl }: Place,
  clientId: string,
  rights: readonly string[],
  { send, tell }: { readonly send: EntraFetch; readonly tell: (text: string) => void },
): Promise<string> {
  const { authority, metadata } = addressesOf(authorityHost, tenant);
  const client = new PublicClientApplication({
    auth: { clientId, authority, authorityMetadata: metadata, knownAuthorities: [new URL(authorityHost).host] },
    system: { networkClient: msalNetwork(send), loggerOptions: silent },
  });
  try {
    const result = await client.acquireTokenByDeviceCode({
      scopes: rights.map((right) => `${graphUrl}/${right}`),
      deviceCodeCallback: ({ verificationUri, userCode }) =>
        tell(`Open ${verificationUri} and enter the code ${userCode}`),
      timeout: signInMs / 1000,
    });
    if (result === null) throw new GenkanError('identity_sign_in_failed', {}, { detail: 'no token came back' });
    return result.accessToken;
  } catch (cause) {
    throw failureOf(cause, 'identity_sign_in_failed').error;
  }
}
