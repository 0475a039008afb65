// A conditional access policy as Microsoft Graph writes it (conditionalAccessPolicy), read from a file or from genkan.yaml.
import { z } from 'zod';

const texts = z.array(z.string().min(1).max(256)).max(2000).nullish();

/** `state` of a policy. */
export const policyStates = ['enabled', 'disabled', 'enabledForReportingButNotEnforced'] as const;
export type PolicyState = (typeof policyStates)[number];

const users = z.looseObject({
  includeUsers: texts.describe('User object ids, or All, None, GuestsOrExternalUsers.'),
  excludeUsers: texts,
  includeGroups: texts.describe('Group object ids or names.'),
  excludeGroups: texts,
  includeRoles: texts.describe('Directory roles, by template id or name.'),
  excludeRoles: texts,
});

const applications = z.looseObject({
  includeApplications: texts.describe(
    'All, None, the client id of Genkan, names of servers, or names that `applications` explains.',
  ),
  excludeApplications: texts,
  includeUserActions: texts,
  includeAuthenticationContextClassReferences: texts,
});

const locations = z.looseObject({
  includeLocations: texts.describe('All, AllTrusted, or names of namedLocations.'),
  excludeLocations: texts,
});

const conditions = z.looseObject({
  users: users.nullish(),
  applications: applications.nullish(),
  locations: locations.nullish(),
  clientAppTypes: texts,
  clientApplications: z.looseObject({ includeServicePrincipals: texts, excludeServicePrincipals: texts }).nullish(),
  platforms: z.looseObject({ includePlatforms: texts, excludePlatforms: texts }).nullish(),
  signInRiskLevels: texts,
  userRiskLevels: texts,
  servicePrincipalRiskLevels: texts,
  authenticationFlows: z.looseObject({ transferMethods: z.string().nullish() }).nullish(),
});

const grantControls = z.looseObject({
  operator: z.enum(['AND', 'OR']),
  builtInControls: texts,
  customAuthenticationFactors: texts,
  termsOfUse: texts,
  authenticationStrength: z.looseObject({ id: z.string().nullish(), displayName: z.string().nullish() }).nullish(),
});

const signInFrequency = z.looseObject({
  isEnabled: z.boolean().nullish(),
  value: z
    .int()
    .min(1)
    .max(365 * 24)
    .nullish(),
  type: z.enum(['days', 'hours']).nullish(),
  frequencyInterval: z.enum(['timeBased', 'everyTime']).nullish(),
});

const sessionControls = z.looseObject({
  signInFrequency: signInFrequency.nullish(),
  persistentBrowser: z
    .looseObject({ isEnabled: z.boolean().nullish(), mode: z.enum(['always', 'never']).nullish() })
    .nullish(),
});

/** Parts that Genkan does not know stay in it: the report on leaves names them. */
export const policySchema = z
  .looseObject({
    id: z.string().max(64).nullish(),
    displayName: z.string().min(1).max(256).describe('Name of the policy, shown in refusals and the audit log.'),
    state: z.enum(policyStates),
    conditions,
    grantControls: grantControls.nullish(),
    sessionControls: sessionControls.nullish(),
  })
  .refine(
    ({ grantControls, sessionControls }) => grantControls != null || sessionControls != null,
    'needs grantControls or sessionControls',
  );

export type Policy = z.output<typeof policySchema>;

/** A policy and where it was read from. */
export interface SourcedPolicy {
  readonly policy: Policy;
  readonly source: string;
}
