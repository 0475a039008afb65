// The steps from a registration as it is to one as Genkan needs it, in the order in which they have to be taken.
import type { Graph } from '../../conditional-access/directory.ts';
import { applicationFields, merged, partsOf } from './registration.ts';
import type { GraphApplication, Part, RegistrationWish } from './registration.ts';

export interface FederatedWish {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

export interface SetupWish extends RegistrationWish {
  readonly tenant: string;
  /** Absent where a registration is to be made. */
  readonly clientId?: string | undefined;
  /** Absent for `api://CLIENT-ID`. */
  readonly identifierUri?: string | undefined;
  readonly contexts: readonly string[];
  readonly federated?: FederatedWish | undefined;
  /** Owns its own registration, so that it can exchange its own credentials. */
  readonly ownsItself: boolean;
  readonly authorityHost: string;
}

/** `{appId}`, `{objectId}` and `{principalId}` stand for what an earlier step tells. */
export interface Call {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** The command of the Azure CLI that does the same; without it `az rest`. */
  readonly az?: 'create' | 'identifier' | 'principal' | 'owner' | 'federated' | 'consent';
}

export interface Step {
  /** `ask`: an administrator has to, as nobody else may. */
  readonly act: 'create' | 'change' | 'none' | 'ask';
  readonly kind: 'application' | 'identifier' | 'principal' | 'federated' | 'owner' | 'context' | 'consent';
  readonly name: string;
  readonly parts: readonly Part[];
  readonly notices: readonly string[];
  readonly call: Call;
}

/** What stands at Entra ID. */
export interface Standing {
  readonly application?: GraphApplication | undefined;
  readonly principalId?: string | undefined;
  readonly federated: readonly {
    readonly issuer: string;
    readonly subject: string;
    readonly audiences: readonly string[];
  }[];
  readonly owners: readonly string[];
  /** Published authentication contexts; undefined where they may not be read. */
  readonly contexts: readonly string[] | undefined;
}

export const nothing: Standing = { federated: [], owners: [], contexts: [] };

interface Listed<Item> {
  readonly value?: readonly Item[];
}

/** @throws GenkanError when Graph cannot be asked, or refuses to tell of the registration itself */
export async function readStanding(graph: Graph, wish: SetupWish): Promise<Standing> {
  const application = await findApplication(graph, wish);
  const contexts = graph
    .request('GET', '/v1.0/identity/conditionalAccess/authenticationContextClassReferences')
    .then((answer) => (answer as Listed<{ id: string; isAvailable: boolean }>).value ?? [])
    .then((all) => all.filter(({ isAvailable }) => isAvailable).map(({ id }) => id))
    .catch(() => undefined);
  if (application === undefined) return { ...nothing, contexts: await contexts };
  const { id, appId } = application;
  const listed = async <Item>(path: string): Promise<readonly Item[]> =>
    ((await graph.request('GET', path)) as Listed<Item>).value ?? [];
  const [federated, owners, [principal]] = await Promise.all([
    listed<Standing['federated'][number]>(`/v1.0/applications/${id}/federatedIdentityCredentials`),
    listed<{ id: string }>(`/v1.0/applications/${id}/owners?$select=id`).catch(() => []),
    listed<{ id: string }>(`/v1.0/servicePrincipals?$select=id&$filter=appId%20eq%20'${appId}'`),
  ]);
  return {
    application,
    principalId: principal?.id,
    federated,
    owners: owners.map((each) => each.id),
    contexts: await contexts,
  };
}

/** By its id alone: anybody can give an application our name. */
async function findApplication(graph: Graph, { clientId }: SetupWish): Promise<GraphApplication | undefined> {
  if (clientId === undefined) return undefined;
  const path = `/v1.0/applications?$select=${applicationFields}&$filter=appId%20eq%20'${clientId}'`;
  return ((await graph.request('GET', path)) as Listed<GraphApplication>).value?.[0];
}

export function stepsFor(wish: SetupWish, standing: Standing): Step[] {
  const { application } = standing;
  const parts = partsOf(wish, application ?? {});
  const change = merged(parts);
  const isNew = application === undefined && wish.clientId === undefined;
  const uri = wish.identifierUri ?? `api://${application?.appId ?? wish.clientId ?? '{appId}'}`;
  const uris = application?.identifierUris ?? [];
  const step = (
    kind: Step['kind'],
    name: string,
    act: Step['act'],
    call: Call,
    more: Partial<Pick<Step, 'parts' | 'notices'>> = {},
  ): Step => ({ kind, name, act, parts: [], notices: [], ...more, call });
  const own = '/v1.0/applications/{objectId}';
  return [
    ...(isNew
      ? [
          step('application', wish.displayName, 'create', {
            method: 'POST',
            path: '/v1.0/applications',
            body: {
              displayName: wish.displayName,
              signInAudience: wish.multiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg',
            },
            az: 'create',
          }),
        ]
      : []),
    step(
      'application',
      application?.displayName ?? wish.displayName,
      Object.keys(change).length === 0 ? 'none' : 'change',
      { method: 'PATCH', path: own, body: change },
      {
        parts,
        notices: [
          ...(application === undefined && !isNew
            ? ['lists are written as a whole: look first at what is there, and keep it']
            : []),
          ...redirectNotices(wish.publicUrl),
        ],
      },
    ),
    step('identifier', uri, uris.includes(uri) ? 'none' : 'change', {
      method: 'PATCH',
      path: own,
      body: { identifierUris: [uri, ...uris] },
      az: 'identifier',
    }),
    step('principal', 'the application in this tenant', standing.principalId === undefined ? 'create' : 'none', {
      method: 'POST',
      path: '/v1.0/servicePrincipals',
      body: { appId: '{appId}' },
      az: 'principal',
    }),
    ...(wish.federated === undefined ? [] : [federatedStep(wish.federated, standing)]),
    ...(wish.ownsItself
      ? [
          step(
            'owner',
            'the application owns itself',
            standing.principalId !== undefined && standing.owners.includes(standing.principalId) ? 'none' : 'create',
            {
              method: 'POST',
              path: `${own}/owners/$ref`,
              body: { '@odata.id': '{graphUrl}/v1.0/directoryObjects/{principalId}' },
              az: 'owner',
            },
          ),
        ]
      : []),
    ...wish.contexts.map((context) =>
      step(
        'context',
        context,
        standing.contexts?.includes(context) ? 'none' : 'change',
        {
          method: 'PATCH',
          path: `/v1.0/identity/conditionalAccess/authenticationContextClassReferences/${context}`,
          body: { displayName: `Genkan ${context}`, isAvailable: true },
        },
        {
          notices: standing.contexts?.includes(context)
            ? []
            : [
                'Entra ID asks for the right Policy.ReadWrite.ConditionalAccess, which the Azure CLI has not everywhere; the portal has it under Protection, Conditional Access, Authentication contexts',
              ],
        },
      ),
    ),
    step('consent', consentUrl(wish, application?.appId), 'ask', {
      method: 'POST',
      path: '/v1.0/oauth2PermissionGrants',
      az: 'consent',
    }),
  ];

  function federatedStep(wanted: FederatedWish, { federated }: Standing): Step {
    const { name, issuer, subject, audience } = wanted;
    const isThere = federated.some(
      (each) => each.issuer === issuer && each.subject === subject && each.audiences.includes(audience),
    );
    const body = {
      name,
      issuer,
      subject,
      audiences: [audience],
      description: 'Genkan proves with it which application it is.',
    };
    const call = { method: 'POST', path: `${own}/federatedIdentityCredentials`, body, az: 'federated' } as const;
    return step('federated', `${issuer} ${subject}`, isThere ? 'none' : 'create', call);
  }
}

const consentUrl = ({ authorityHost, tenant, clientId }: SetupWish, appId = clientId): string =>
  `${authorityHost}/${tenant}/adminconsent?client_id=${appId ?? '{appId}'}`;

function redirectNotices(publicUrl: string): string[] {
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === 'http:' && hostname !== 'localhost'
    ? [
        'the form in the portal takes http for localhost alone; Microsoft Graph takes it for other loopback addresses, too',
      ]
    : [];
}
