// What can be set about identity: the provider that people sign in with, lifetimes, and which OAuth clients may introduce themselves.
import { z } from 'zod';
import { hostPattern } from './publishers.ts';
import { secretReference } from '../base/secret.ts';
import { conditionalAccessSettings } from './conditional-access/settings.ts';
import { entraProvider } from './entra/settings.ts';
import { scimSettings } from './scim/settings.ts';
import { dpop, enterpriseAssertions, tokenExchange, workloadIssuers } from './agents/settings.ts';

const seconds = (byDefault: number, max: number) => z.int().min(1).max(max).default(byDefault);
const day = 86_400;

export const oidcProvider = z
  .strictObject({
    issuer: z
      .url({ protocol: /^https?$/ })
      .describe('Issuer URL of the OpenID Connect provider, exactly as it names itself.'),
    clientId: z.string().min(1).describe('Client id under which Genkan is registered there.'),
    clientSecret: secretReference.optional().describe('Client secret by reference; absent for a public client.'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))
      .default(['openid', 'profile', 'email'])
      .transform((scopes) => [...new Set(['openid', ...scopes])])
      .describe('Scopes that Genkan asks the provider for. `openid` is always among them.'),
    groupsClaim: z
      .string()
      .min(1)
      .default('groups')
      .describe('Claim of the ID token that lists the groups of a person.'),
    allowInsecureIssuer: z
      .boolean()
      .default(false)
      .describe('Accept an http issuer. Only on loopback, for trials and tests.'),
  })
  .superRefine((provider, context) => {
    const { protocol, hostname } = new URL(provider.issuer);
    const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
    if (protocol === 'https:' || (provider.allowInsecureIssuer && loopback)) return;
    context.addIssue({
      code: 'custom',
      path: ['issuer'],
      message: 'must be https (http only on loopback, with allowInsecureIssuer)',
    });
  })
  .describe('Any OpenID Connect provider.');

export const identitySettings = z
  .strictObject({
    provider: z
      .union([oidcProvider, entraProvider])
      .describe(
        'The identity provider that people sign in with: Microsoft Entra ID (`tenant`) or any other (`issuer`).',
      ),
    accessTokenSeconds: seconds(600, day).describe('Lifetime of an access token.'),
    refreshTokenSeconds: seconds(14 * day, 365 * day).describe(
      'A client that stays away longer than this must sign in again.',
    ),
    grantSeconds: seconds(90 * day, 365 * day).describe(
      'However often a client comes back, after this long the person must sign in again.',
    ),
    sessionSeconds: seconds(8 * 3600, 30 * day).describe('How long the browser of a person stays signed in at Genkan.'),
    refreshGraceSeconds: z
      .int()
      .min(0)
      .max(60)
      .default(10)
      .describe(
        'Parallel refreshes with one token within this time are refused without revoking the whole family. Only ever one succeeds.',
      ),
    verdictSeconds: seconds(2, 60).describe(
      'How long a verified token is believed before revocation and groups are looked up again.',
    ),
    clientIdMetadata: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe('Accept clients that are named by an https URL (Client ID Metadata Document).'),
        trusted: z
          .array(z.string().regex(hostPattern))
          .max(200)
          .default([])
          .describe(
            'Hosts whose clients people may rely on, e.g. claude.ai or *.example.com; the consent page says so.',
          ),
        others: z
          .enum(['ask', 'refuse'])
          .default('ask')
          .describe('Clients of all other hosts: warn on the consent page, or refuse them.'),
        allowPrivateAddresses: z
          .boolean()
          .default(false)
          .describe(
            'Also fetch such documents from loopback and private addresses. For tests only: it opens the way to internal servers.',
          ),
      })
      .prefault({})
      .describe('Client ID Metadata Documents.'),
    scopes: z
      .enum(['all', 'least'])
      .default('all')
      .describe(
        'What clients get that do not say what they need: all that the roles of their person allow, or reading alone. With `least` a client asks its person again before the first call that changes or deletes something.',
      ),
    conditionalAccess: conditionalAccessSettings,
    dpop,
    workloadIssuers,
    tokenExchange,
    enterpriseAssertions,
    registration: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Accept Dynamic Client Registration (RFC 7591).'),
        perMinute: z.int().min(1).max(10_000).default(20).describe('Registrations a minute that one address may make.'),
      })
      .prefault({})
      .describe('Dynamic Client Registration.'),
    scim: scimSettings.optional(),
  })
  .describe('Who is asking: sign-in and the OAuth face.');

export type IdentitySettings = z.infer<typeof identitySettings>;
export type OidcProviderSettings = z.infer<typeof oidcProvider>;
