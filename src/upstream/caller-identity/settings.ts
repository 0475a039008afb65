// Settings of servers that act as the caller: for which resources tokens are fetched in a person's name.
import { z } from 'zod';

// RFC 6749 §3.3. A scope without a resource would be read as one of Microsoft Graph.
const qualifiedScope = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'it is no scope of OAuth')
  .refine((scope) => scope.includes('/'), 'write it with its resource, such as api://…/.default');

/** Over HTTP: the token itself is shown to the server. */
export const callerAuthorization = z.strictObject({
  as: z.literal('caller').describe('Genkan comes in the name of the person who calls (on-behalf-of).'),
  scopes: z
    .array(qualifiedScope)
    .min(1)
    .max(16)
    // A token is for one resource, and Entra ID refuses the mixture of `.default` with others.
    .refine((scopes) => new Set(scopes.map(resourceOf)).size === 1, 'they have to be scopes of one resource')
    .refine((scopes) => scopes.length === 1 || !scopes.some((scope) => scope.endsWith('/.default')), {
      message: '.default goes with no other scope',
    })
    .describe('Scopes of the server at the identity provider, such as `api://…/.default`; all of one resource.'),
});

const resource = z
  .string()
  .max(256)
  .regex(/^(https|api):\/\/[^\s?#]+$/, 'write it as Entra ID knows it, such as https://management.azure.com')
  .transform(plainResource);

/** Over stdio: the program fetches tokens by itself, from an endpoint that hands out this person's and no others. */
export const childAuthorization = z.strictObject({
  as: z.literal('caller').describe('One process for each person, which acts in that person’s name (on-behalf-of).'),
  resources: z
    .array(resource)
    .min(1)
    .max(32)
    .describe('Resources for which the program may have tokens, such as `https://management.azure.com`; no others.'),
});

export type CallerAuthorization = z.infer<typeof callerAuthorization>;
export type ChildAuthorization = z.infer<typeof childAuthorization>;

function resourceOf(scope: string): string {
  return scope.slice(0, scope.lastIndexOf('/'));
}

/** Clients write a resource with and without its final slash, and some as the scope for all of it. */
export function plainResource(text: string): string {
  return text.replace(/\/\.default$/, '').replace(/\/+$/, '');
}

// Each of them would lead the program to somebody else's identity, or past the endpoint.
const foreignIdentity =
  /^(AZURE_(CLIENT_.*|USERNAME|PASSWORD|FEDERATED_TOKEN_FILE|POD_IDENTITY_AUTHORITY_HOST)|IDENTITY_.*|MSI_.*|IMDS_.*|HOME|USERPROFILE)$/i;

/** What is wrong with a variable of a program that acts as the caller; undefined when nothing is. */
export const variableProblem = (name: string): string | undefined =>
  foreignIdentity.test(name) ? 'with `authorization`, the program has no identity but that of the person' : undefined;

/** Graph's own data of the caller. */
const graphField = z.enum([
  'id',
  'displayName',
  'givenName',
  'surname',
  'mail',
  'userPrincipalName',
  'jobTitle',
  'department',
  'companyName',
  'officeLocation',
  'preferredLanguage',
  'city',
  'country',
  'usageLocation',
  'employeeId',
  'mobilePhone',
  'businessPhones',
]);

export const graphFields = z
  .array(graphField)
  .min(1)
  .max(graphField.options.length)
  .default(['id', 'displayName', 'mail', 'userPrincipalName', 'jobTitle', 'department', 'officeLocation'])
  .describe('What `getUserDetails` tells of the caller; nothing else is asked of Microsoft Graph.');
