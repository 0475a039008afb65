// Says of every single part of a policy who sees to it: Genkan, Entra ID behind an authentication context, or Entra ID alone.
import { nearest } from '../../base/nearest.ts';
import { isSet, olderClients, serverNamed } from './compile.ts';
import { fold, guid } from './directory.ts';
import { policySchema } from './policy.ts';
import type { Policy, SourcedPolicy } from './policy.ts';
import type { ConditionalAccessSettings } from './settings.ts';

/**
 * `genkan`: decides here. `context`: Genkan has it proven by an authentication context, Entra ID decides what proves it.
 * `elsewhere`: not enforced here. `description`: says something and does nothing.
 */
type LeafKeeper = 'genkan' | 'context' | 'elsewhere' | 'description';

export interface Leaf {
  /** E.g. `grantControls.builtInControls[0]`. */
  readonly path: string;
  readonly value: string | number | boolean;
  readonly keeper: LeafKeeper;
  readonly says: string;
}

interface LeafNeighbours {
  readonly settings: Pick<ConditionalAccessSettings, 'contexts' | 'namedLocations' | 'applications' | 'roles'>;
  /** Whether people come from Entra ID. */
  readonly entra: boolean;
  /** Names of the servers, where they are known. */
  readonly servers?: readonly string[];
  /** Client id under which Genkan itself is known at the identity provider. */
  readonly clientId?: string;
}

type Told = readonly [keeper: LeafKeeper, says: string];

const notHere = 'not enforced here:';

/** Every part of a policy that holds a value. */
export function leavesOf({ policy }: Pick<SourcedPolicy, 'policy' | 'source'>, neighbours: LeafNeighbours): Leaf[] {
  return walk(policy, '').map(({ path, value }) => {
    const [keeper, says] = told(path.replace(/\[\d+\]/g, '[]'), value, policy, neighbours);
    return { path, value, keeper, says };
  });
}

function walk(value: unknown, path: string): { path: string; value: string | number | boolean }[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => walk(each, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => walk(each, path === '' ? key : `${path}.${key}`));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [{ path, value }] : [];
}

function told(path: string, value: string | number | boolean, policy: Policy, neighbours: LeafNeighbours): Told {
  if (descriptions.test(path)) return ['description', 'a description'];
  const teller = tellers.find(([pattern]) => pattern.test(path))?.[1];
  if (teller !== undefined) return teller(value, neighbours, policy);
  const meant = meantBy(path.replaceAll('[]', '').split('.'));
  const doubt =
    meant === undefined
      ? 'Genkan does not know this part'
      : `Genkan does not know this part (did you mean "${meant}"?)`;
  if (!path.startsWith('conditions.')) return ['elsewhere', `${notHere} ${doubt}; in Entra ID it may have an effect`];
  return ['elsewhere', `${notHere} ${doubt}. ${effectOfUnseen(policy)}`];
}

const descriptions = /(^|\.)@odata\.|^(id|templateId|createdDateTime|modifiedDateTime|deletedDateTime|description)$/;

/** What the first unknown key on the way was most likely meant to be. */
function meantBy(path: readonly string[]): string | undefined {
  let at: unknown = policySchema.def.shape;
  for (const key of path) {
    const known = Object.keys((at as object | undefined) ?? {});
    if (!known.includes(key)) return nearest(key, [...known, ...further]);
    at = shapeOf((at as Record<string, unknown>)[key]);
  }
  return undefined;
}

/** Parts of Graph's policies that say nothing here, beside those in the schema. */
const further = ['devices', 'insiderRiskLevels', 'agentIdRiskLevels', 'applicationFilter', 'cloudAppSecurity'];

function shapeOf(schema: unknown): unknown {
  const def = (schema as { def?: { type: string; innerType?: unknown; shape?: unknown } } | undefined)?.def;
  return def?.innerType === undefined ? def?.shape : shapeOf(def.innerType);
}

const effectOfUnseen = (policy: Policy): string =>
  (policy.grantControls?.builtInControls ?? []).includes('block')
    ? 'Only Entra ID sees it, and blocks those whom the policy means'
    : 'Only Entra ID sees it: Genkan asks everybody whom the rest concerns for the authentication context, and Entra ID decides what that takes';

/** What people and groups from Entra ID are called. */
const entraName = /^(role:.+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(@[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?)$/i;

type Teller = (value: string | number | boolean, neighbours: LeafNeighbours, policy: Policy) => Told;

const here =
  (says: string): Teller =>
  () => ['genkan', says];
const entraOnly =
  (says: string): Teller =>
  () => ['elsewhere', `${notHere} ${says}`];
const unseen: Teller = (_leaf, _neighbours, policy) => ['elsewhere', `${notHere} ${effectOfUnseen(policy)}`];

const proofOf: Teller = (value, { settings: { contexts } }) => {
  const context = Object.hasOwn(contexts, String(value)) ? contexts[String(value)] : undefined;
  return context === undefined
    ? [
        'elsewhere',
        `${notHere} no authentication context is named for "${String(value)}" in identity.conditionalAccess.contexts`,
      ]
    : ['context', `Genkan has "${context}" proven; what proves it is set in Entra ID`];
};

const directoryName: Teller = (_value, { entra }) =>
  entra
    ? ['genkan', 'compared as an object id, which Microsoft Graph tells once for a name']
    : ['genkan', 'compared with what the identity provider states'];

const tellers: readonly (readonly [RegExp, Teller])[] = [
  [/^displayName$/, here('names the policy in refusals and in the audit log')],
  [/^state$/, here('enabled, disabled, or only reported to the audit log')],
  [
    /^conditions\.users\.(include|exclude)Users\[\]$/,
    (value, neighbours, policy) =>
      value === 'GuestsOrExternalUsers'
        ? [
            'elsewhere',
            `${notHere} who is a guest only Entra ID sees. To include them concerns everybody, to exclude them nobody`,
          ]
        : value === 'All' || value === 'None'
          ? ['genkan', 'everybody, or nobody']
          : directoryName(value, neighbours, policy),
  ],
  [/^conditions\.users\.(include|exclude)Groups\[\]$/, directoryName],
  [
    /^conditions\.users\.(include|exclude)Roles\[\]$/,
    (value, { settings: { roles }, entra }) => {
      const standing = Object.entries(roles).find(([name]) => fold(name) === fold(String(value)))?.[1];
      const strange = entra ? standing?.find((one) => !entraName.test(one)) : undefined;
      if (strange !== undefined)
        return [
          'elsewhere',
          `${notHere} "${strange}" in identity.conditionalAccess.roles is nobody: from Entra ID come object ids of groups, role:VALUE, and people as OBJECT-ID@TENANT-ID`,
        ];
      return standing !== undefined
        ? ['genkan', 'stands for the groups and people listed in identity.conditionalAccess.roles']
        : [
            'elsewhere',
            `${notHere} who has a directory role only Entra ID sees. To include it concerns everybody, to exclude it nobody; list who has it in identity.conditionalAccess.roles`,
          ];
    },
  ],
  [
    /^conditions\.users\.(include|exclude)GuestsOrExternalUsers\./,
    entraOnly('who is a guest only Entra ID sees. To include them concerns everybody, to exclude them nobody'),
  ],
  [
    /^conditions\.applications\.(include|exclude)Applications\[\]$/,
    (value, { settings: { applications }, servers, clientId }) => {
      const meant = Object.entries(applications).find(([name]) => fold(name) === fold(String(value)))?.[1];
      const missing = servers && [meant ?? value].flat().map((one) => serverNamed(String(one), meant !== undefined));
      const unknown = missing?.find((name) => name !== undefined && name !== clientId && !servers!.includes(name));
      if (unknown !== undefined) {
        const near = nearest(unknown, servers!);
        return [
          'elsewhere',
          `${notHere} there is no server "${unknown}" in this configuration${near === undefined ? '' : ` (did you mean "${near}"?)`}; it counts as soon as one is added`,
        ];
      }
      return ['Office365', 'MicrosoftAdminPortals'].includes(String(value))
        ? ['elsewhere', `${notHere} Genkan is none of these applications; Entra ID guards them`]
        : Object.keys(applications).some((name) => fold(name) === fold(String(value)))
          ? ['genkan', 'stands for what identity.conditionalAccess.applications says']
          : [
              'genkan',
              'all, none, Genkan by its client id, or a server by its path; a name that nobody knows is included everywhere and excluded nowhere',
            ];
    },
  ],
  [/^conditions\.applications\.includeUserActions\[\]$/, entraOnly('user actions happen in Entra ID alone')],
  [
    /^conditions\.applications\.includeAuthenticationContextClassReferences\[\]$/,
    entraOnly('it says what proves an authentication context, which Entra ID decides when Genkan asks for it'),
  ],
  [/^conditions\.applications\.applicationFilter\./, entraOnly('attributes of applications only Entra ID sees')],
  [
    /^conditions\.locations\.(include|exclude)Locations\[\]$/,
    (value, { settings: { namedLocations } }) =>
      value === 'All' ||
      (value === 'AllTrusted' && Object.values(namedLocations).some((place) => 'trusted' in place && place.trusted)) ||
      Object.keys(namedLocations).some((name) => fold(name) === fold(String(value)))
        ? ['genkan', 'compared with the address of the connection']
        : [
            'elsewhere',
            `${notHere} identity.conditionalAccess.namedLocations has ${value === 'AllTrusted' ? 'no place that is trusted' : 'no ranges for it'}. Included it is everywhere, excluded it is nowhere`,
          ],
  ],
  [
    /^conditions\.clientAppTypes\[\]$/,
    (value) =>
      value === 'browser' || value === 'mobileAppsAndDesktopClients'
        ? [
            'elsewhere',
            `${notHere} Genkan counts every client of its own as both; Entra ID tells them apart at the sign-in`,
          ]
        : value === 'all' || olderClients.has(String(value))
          ? ['genkan', 'clients here all sign in by OAuth: of "all" they are, of the older protocols none']
          : [
              'elsewhere',
              `${notHere} Genkan does not know this kind of client, and counts every client of its own as one`,
            ],
  ],
  [
    /^conditions\.clientApplications\.(include|exclude)ServicePrincipals\[\]$/,
    (value) =>
      guid.test(String(value))
        ? [
            'elsewhere',
            `${notHere} unless it is the client id of an agent: the object ids of service principals only Entra ID knows`,
          ]
        : ['genkan', 'compared with the client id of agents that act for themselves'],
  ],
  [
    /^conditions\.platforms\.(include|exclude)Platforms\[\]$/,
    (value, neighbours, policy) => (value === 'all' ? ['genkan', 'every platform'] : unseen(value, neighbours, policy)),
  ],
  [/^conditions\.(signIn|user|servicePrincipal)RiskLevels\[\]$/, unseen],
  [
    /^conditions\.authenticationFlows\.transferMethods$/,
    (value) =>
      value === 'none'
        ? ['genkan', 'no flow is singled out']
        : [
            'genkan',
            'tokens of Genkan come from neither of these flows, so the policy does not hold here; Entra ID enforces it',
          ],
  ],
  [
    /^conditions\.(insiderRiskLevels|agentIdRiskLevels)$/,
    (value, neighbours, policy) =>
      isSet(value) ? unseen(value, neighbours, policy) : ['genkan', 'nobody is singled out'],
  ],
  [/^conditions\.devices\./, unseen],
  [/^grantControls\.operator$/, here('whether all of the controls are asked for, or one')],
  [
    /^grantControls\.builtInControls\[\]$/,
    (value, neighbours, policy) =>
      value === 'block' ? ['genkan', 'nobody whom the policy concerns gets in'] : proofOf(value, neighbours, policy),
  ],
  [/^grantControls\.(customAuthenticationFactors)\[\]$/, proofOf],
  [
    /^grantControls\.termsOfUse\[\]$/,
    (value, neighbours, policy) =>
      proofOf(Object.hasOwn(neighbours.settings.contexts, String(value)) ? value : 'termsOfUse', neighbours, policy),
  ],
  [
    /^grantControls\.authenticationStrength\.(id|displayName)$/,
    (value, neighbours, policy) =>
      proofOf(
        Object.hasOwn(neighbours.settings.contexts, String(value)) ? value : 'authenticationStrength',
        neighbours,
        policy,
      ),
  ],
  [
    /^grantControls\.authenticationStrength\./,
    entraOnly(
      'how strong a sign-in has to be Entra ID knows; Genkan has the authentication context proven that stands for it',
    ),
  ],
  [
    /^sessionControls\.signInFrequency\.(isEnabled|value|type|frequencyInterval)$/,
    here('an older sign-in has to be repeated, and proves nothing meanwhile'),
  ],
  [
    /^sessionControls\.signInFrequency\.authenticationType$/,
    entraOnly('which of the factors is repeated Entra ID decides'),
  ],
  [
    /^sessionControls\.persistentBrowser\.(isEnabled|mode)$/,
    here('whether the browser forgets the sign-in at Genkan when it is closed'),
  ],
  [
    /^sessionControls\.(applicationEnforcedRestrictions|cloudAppSecurity)\./,
    entraOnly('only Microsoft 365 and Defender for Cloud Apps do this'),
  ],
  [/^sessionControls\.disableResilienceDefaults$/, entraOnly('it is about outages of Entra ID')],
  [/^sessionControls\.continuousAccessEvaluation\./, entraOnly('Genkan looks at every request in any case')],
  [/^sessionControls\.secureSignInSession\./, entraOnly('it binds sign-ins at Entra ID to devices')],
];
