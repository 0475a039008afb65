// What can be set about signing in with Microsoft Entra ID: tenant, application, and how Genkan proves to be that application.
import path from 'node:path';
import { z } from 'zod';
import { secretReference } from '../../base/secret.ts';

const guidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const guid = (what: string) =>
  z
    .string()
    .regex(guidPattern, `it is no ${what}, which is a GUID such as 11111111-2222-4333-8444-555555555555`)
    .toLowerCase();

/** The one tenant in which all personal Microsoft accounts live. */
export const personalAccountsTenant = '9188040d-6c67-4c5b-b112-36a304b66dad';

const openTenants = new Set(['common', 'consumers']);
const tenant = z
  .string()
  .superRefine((value, context) => {
    if (value === 'organizations' || guidPattern.test(value)) return;
    const message = openTenants.has(value.toLowerCase())
      ? `${value.toLowerCase()} lets personal Microsoft accounts in; write the id of your tenant, or organizations with allowedTenants`
      : 'it is no tenant id; write the GUID that `az account show --query tenantId` prints, or organizations with allowedTenants';
    context.addIssue({ code: 'custom', message });
  })
  .toLowerCase()
  .describe('Id of the tenant (GUID) whose people sign in, or `organizations` for those of `allowedTenants`.');

const httpsOrigin = (byDefault: string) =>
  z
    .string()
    .refine((text) => URL.parse(text)?.protocol === 'https:', 'it is no https address')
    .refine(
      (text) => ['', '/'].includes(text.slice(URL.parse(text)?.origin.length)),
      'write the address without a path',
    )
    .transform((text) => new URL(text).origin)
    .default(byDefault);

const absoluteFile = z.string().refine((file) => path.isAbsolute(file), 'write an absolute path');

const certificate = z
  .union([
    z.strictObject({
      certificate: secretReference.describe('The certificate as PEM, as it was uploaded to the application.'),
      privateKey: secretReference.describe(
        'Its private key (RSA) as PEM. It may stand in one text with the certificate.',
      ),
      passphrase: secretReference.optional().describe('Passphrase of an encrypted private key.'),
    }),
    z.strictObject({
      pkcs12: secretReference.describe(
        'Certificate and key as PKCS#12 (.pfx, .p12) in base64, as Key Vault keeps them.',
      ),
      password: secretReference.optional().describe('Password of the PKCS#12; absent where there is none.'),
    }),
  ])
  .describe('A certificate: signs with PS256 and is named by its SHA-256 thumbprint (x5t#S256).');

const credential = z
  .union([
    z.strictObject({ secret: secretReference.describe('Client secret, by reference only.') }),
    z.strictObject({ certificate }),
    z.strictObject({
      federatedToken: z
        .strictObject({
          file: absoluteFile.describe(
            'File with the token, read anew each time, such as the one that AZURE_FEDERATED_TOKEN_FILE names in Kubernetes.',
          ),
        })
        .describe('Workload identity federation: a token that another issuer keeps fresh.'),
    }),
    z.strictObject({
      managedIdentity: z
        .strictObject({
          clientId: guid('client id').optional().describe('Client id of a user-assigned identity.'),
        })
        .describe('The managed identity of the machine, through a federated credential of the application.'),
    }),
  ])
  .describe('How Genkan proves to be the application: without a secret where it can be had.');

export const entraProvider = z
  .strictObject({
    tenant,
    allowedTenants: z
      .array(guid('tenant id'))
      .min(1)
      .optional()
      .describe('Whose people may sign in. Needed with `organizations`; otherwise it is the tenant itself.'),
    clientId: guid('client id').describe('Application (client) id of the app registration.'),
    credential,
    apiScope: z
      .string()
      .regex(
        /^(api|https):\/\/[\x21\x23-\x2e\x30-\x5b\x5d-\x7e]+(\/[\x21\x23-\x5b\x5d-\x7e]+)+$/,
        'write the full name of a scope that the application exposes, such as api://CLIENT-ID/access',
      )
      .refine((scope) => !scope.endsWith('/.default'), 'name one scope; .default mixes with no other')
      .optional()
      .describe(
        'A scope that the application itself exposes, `api://…/access`. With it servers can be called in the name of the person.',
      ),
    authorityHost: httpsOrigin('https://login.microsoftonline.com').describe(
      'Where Entra ID is. Others are https://login.microsoftonline.us and https://login.partner.microsoftonline.cn.',
    ),
    graphUrl: httpsOrigin('https://graph.microsoft.com').describe(
      'Where Microsoft Graph is. Asked for the groups of people who have more than a token holds.',
    ),
  })
  .superRefine(({ tenant: home, allowedTenants }, context) => {
    const complain = (message: string): void => context.addIssue({ code: 'custom', path: ['allowedTenants'], message });
    if (home === personalAccountsTenant || allowedTenants?.includes(personalAccountsTenant) === true)
      complain('in this tenant live all personal Microsoft accounts, so anybody at all could sign in');
    if (home === 'organizations' && allowedTenants === undefined)
      complain('with organizations, people of any company could sign in; list the tenants that may');
    if (home !== 'organizations' && allowedTenants?.some((each) => each !== home))
      complain('people of one tenant alone come from `tenant`; write organizations there to let others in');
  })
  .describe('Microsoft Entra ID.');

export type EntraSettings = z.infer<typeof entraProvider>;
export type EntraCredential = EntraSettings['credential'];
