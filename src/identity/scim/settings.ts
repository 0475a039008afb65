// What can be set about provisioning by a directory.
import { z } from 'zod';
import { secretReference } from '../../base/secret.ts';

export const scimSettings = z
  .strictObject({
    token: secretReference.describe('Bearer token that the directory shows, by reference; at least 32 characters.'),
    nextToken: secretReference
      .optional()
      .describe('A second token that is accepted too, for the time in which one takes the place of the other.'),
    personFrom: z
      .enum(['externalId', 'userName'])
      .default('externalId')
      .describe(
        'Attribute of a user that says who it is: at Entra ID the object id (map objectId to externalId there), elsewhere the `sub` of the ID token.',
      ),
    tenant: z
      .guid()
      .optional()
      .describe('Tenant of the people, where Genkan admits more than one. Each tenant provisions for itself.'),
    addsGroups: z
      .boolean()
      .default(false)
      .describe(
        'Whether a membership that the directory provisions also gives a group that the sign-in did not state. Taken away they are in any case.',
      ),
  })
  .describe('Provisioning by a directory (SCIM 2.0) at /scim/v2. Off unless it is set.');

export type ScimSettings = z.infer<typeof scimSettings>;
