// Settings of one server that asks for sign-in itself: as which OAuth client Genkan comes, and what it asks for.
import { z } from 'zod';
import { secretReference } from '../../base/secret.ts';

// RFC 6749 §3.3
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'it is no scope of OAuth');

const loopbackOrHttps = z.url({ protocol: /^https?$/ });

export const authorizationSettings = z
  .strictObject({
    as: z.literal('person').describe('Who signs in: each person for themselves.'),
    clientId: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .describe(
        'Client id, where Genkan was registered at the authorization server by hand: with the redirect URI ' +
          '`{publicUrl}/connect/callback/{server}`. Needs `issuer`.',
      ),
    clientSecret: secretReference.optional().describe('Client secret that belongs to `clientId`, by reference.'),
    issuer: loopbackOrHttps
      .optional()
      .describe(
        'The only authorization server that is accepted, exactly as it names itself. Client id and secret go nowhere else.',
      ),
    scopes: z
      .array(scope)
      .max(64)
      .optional()
      .describe('Scopes to ask for, instead of those that the server names. It may still ask for more with a call.'),
    clientMetadataUrl: z
      .url({ protocol: /^https$/ })
      .refine((url) => new URL(url).pathname !== '/', 'it needs a path')
      .optional()
      .describe(
        'Address of the document that describes Genkan as an OAuth client, where it is published elsewhere than by Genkan itself.',
      ),
  })
  .superRefine(({ clientId, clientSecret, issuer }, context) => {
    const complain = (path: string, message: string): void =>
      void context.addIssue({ code: 'custom', path: [path], message });
    // MCP 2026-07-28, client registration, "Authorization Server Binding"
    if (clientId !== undefined && issuer === undefined)
      complain('clientId', 'name the `issuer` as well, so that the credentials are shown to nobody else');
    if (clientSecret !== undefined && clientId === undefined) complain('clientSecret', 'it needs a `clientId`');
  });

export type AuthorizationSettings = z.infer<typeof authorizationSettings>;
