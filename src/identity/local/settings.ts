// The identity provider as a person's own machine may know it: an application that can keep no secret (RFC 6749 §2.1, "public").
import { z } from 'zod';
import { entraProvider } from '../entra/settings.ts';
import { oidcProvider } from '../settings.ts';

const { credential: _credential, ...entra } = entraProvider.shape;
const { clientSecret: _clientSecret, ...oidc } = oidcProvider.shape;

const publicEntra = z
  .strictObject({ ...entra, clientId: entra.clientId.describe('Application id of a public client registration.') })
  .refine(
    ({ tenant, allowedTenants }) => tenant !== 'organizations' || allowedTenants?.length === 1,
    'a person signs in at one tenant; write its id',
  )
  .describe('Microsoft Entra ID, as a public client.');

const publicOidc = z
  .strictObject(oidc)
  .refine(
    ({ issuer, allowInsecureIssuer }) =>
      issuer.startsWith('https:') ||
      (allowInsecureIssuer && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(issuer).hostname)),
    'issuer must be https (http only on loopback, with allowInsecureIssuer)',
  )
  .describe('Any OpenID Connect provider, as a public client.');

export const publicProvider = z.union([publicOidc, publicEntra]);
export type PublicEntraSettings = z.output<typeof publicEntra>;
export type PublicOidcSettings = z.output<typeof publicOidc>;
export type PublicProviderSettings = z.output<typeof publicProvider>;

/** Whether the settings of a provider hold what only a server can keep. */
export const isConfidential = (provider: unknown): boolean =>
  typeof provider === 'object' && provider !== null && ('credential' in provider || 'clientSecret' in provider);
