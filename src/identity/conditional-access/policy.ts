// A conditional access policy as Microsoft Graph writes it (conditionalAccessPolicy), read from a file or from genkan.yaml.
import { z } from 'zod';

const texts = z.array(z.string().min(1).max(256)).max(2000).nullish();

/** `state` of a policy. */
const policyStates = ['enabled', 'disabled', 'enabledForReportingButNotEnforced'] as const;
export type PolicyState = (typeof policyStates)[number];

const users = z.looseObject({
  includeUsers: texts.describe('User object ids or sign-in names, or All, None, GuestsOrExternalUsers.'),
  excludeUsers: texts.describe('Users to whom the policy does not apply.'),
  includeGroups: texts.describe('Group object ids or names.'),
  excludeGroups: texts.describe('Groups to which the policy does not apply.'),
  includeRoles: texts.describe('Directory roles, by template id or name.'),
  excludeRoles: texts.describe('Directory roles to which the policy does not apply.'),
});

const applications = z.looseObject({
  includeApplications: texts.describe(
    'All, None, the client id of Genkan, addresses such as /mcp/NAME, or names that `applications` explains.',
  ),
  excludeApplications: texts.describe('Applications to which the policy does not apply.'),
  includeUserActions: texts.describe('User actions; they happen at Entra ID alone.'),
  includeAuthenticationContextClassReferences: texts.describe(
    'Authentication contexts for which the policy says at Entra ID what proves them.',
  ),
});

const locations = z.looseObject({
  includeLocations: texts.describe('All, AllTrusted, or names of namedLocations.'),
  excludeLocations: texts.describe('Locations from which the policy does not apply.'),
});

const conditions = z.looseObject({
  users: users.nullish().describe('Whom the policy concerns.'),
  applications: applications.nullish().describe('What the policy is about.'),
  locations: locations.nullish().describe('From where the policy holds.'),
  clientAppTypes: texts.describe('Kinds of client: all, browser, mobileAppsAndDesktopClients, and older ones.'),
  clientApplications: z
    .looseObject({
      includeServicePrincipals: texts.describe('Client ids of agents that act for themselves.'),
      excludeServicePrincipals: texts.describe('Agents to which the policy does not apply.'),
    })
    .nullish()
    .describe('Agents instead of people.'),
  platforms: z
    .looseObject({
      includePlatforms: texts.describe('Platforms of devices; only Entra ID sees them.'),
      excludePlatforms: texts.describe('Platforms to which the policy does not apply.'),
    })
    .nullish()
    .describe('Platforms of devices.'),
  signInRiskLevels: texts.describe('Risk of the sign-in; only Entra ID sees it.'),
  userRiskLevels: texts.describe('Risk of the user; only Entra ID sees it.'),
  servicePrincipalRiskLevels: texts.describe('Risk of the agent; only Entra ID sees it.'),
  authenticationFlows: z
    .looseObject({
      transferMethods: z.string().nullish().describe('deviceCodeFlow, authenticationTransfer; neither leads here.'),
    })
    .nullish()
    .describe('Flows of sign-in.'),
});

const grantControls = z.looseObject({
  operator: z.enum(['AND', 'OR']).describe('Whether all of the controls are needed, or one.'),
  builtInControls: texts.describe(
    'block, mfa, compliantDevice and the like; each is proven by a context of `contexts`.',
  ),
  customAuthenticationFactors: texts.describe('Custom controls, by id.'),
  termsOfUse: texts.describe('Terms of use to be accepted, by id.'),
  authenticationStrength: z
    .looseObject({
      id: z.string().nullish().describe('Id of the authentication strength.'),
      displayName: z.string().nullish().describe('Name of the authentication strength.'),
    })
    .nullish()
    .describe('How strong the sign-in has to be.'),
});

const signInFrequency = z.looseObject({
  isEnabled: z.boolean().nullish().describe('Whether sign-ins are to be repeated.'),
  value: z.int().min(1).max(8760).nullish().describe('After how many days or hours.'),
  type: z.enum(['days', 'hours']).nullish().describe('Unit of the value.'),
  frequencyInterval: z.enum(['timeBased', 'everyTime']).nullish().describe('After a time, or every time.'),
});

const sessionControls = z.looseObject({
  signInFrequency: signInFrequency.nullish().describe('How old a sign-in may be.'),
  persistentBrowser: z
    .looseObject({
      isEnabled: z.boolean().nullish().describe('Whether the mode counts.'),
      mode: z.enum(['always', 'never']).nullish().describe('Whether a browser remembers a sign-in when it is closed.'),
    })
    .nullish()
    .describe('Whether browsers remember sign-ins.'),
});

/** Parts that Genkan does not know stay in it: the report on leaves names them. */
export const policySchema = z
  .looseObject({
    id: z.string().max(64).nullish().describe('Id that the policy has at Entra ID.'),
    displayName: z.string().min(1).max(256).describe('Name of the policy, shown in refusals and the audit log.'),
    state: z.enum(policyStates).describe('In force, not in force, or only reported to the audit log.'),
    conditions: conditions.describe('When the policy applies.'),
    grantControls: grantControls.nullish().describe('What it asks for.'),
    sessionControls: sessionControls.nullish().describe('What it says about sessions.'),
  })
  .refine(
    ({ grantControls, sessionControls }) => grantControls != null || sessionControls != null,
    'needs grantControls or sessionControls',
  );

export type Policy = z.output<typeof policySchema>;

/** A policy and where it was read from. */
export interface SourcedPolicy {
  readonly policy: Policy;
  /** Its display name, with the id where others have the same. */
  readonly name: string;
  readonly source: string;
}
