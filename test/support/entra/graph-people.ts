// People and groups at the Microsoft Graph stand-in.
import type { EntraState } from './state.ts';
import type { User } from './directory.ts';
import { GraphError, filtered, notFound, paged, requireOneOf, selected } from './graph-protocol.ts';
import type { GraphCall, GraphRoutes } from './graph-routes.ts';

const givenByDefault = [
  ...['businessPhones', 'displayName', 'givenName', 'jobTitle', 'mail', 'mobilePhone', 'officeLocation'],
  ...['preferredLanguage', 'surname', 'userPrincipalName', 'id'],
];

/** Everything that Graph knows of a person, private things too. */
export function profileOf(user: User): Record<string, unknown> {
  const [givenName, ...family] = user.name.split(' ');
  return {
    id: user.oid,
    displayName: user.name,
    givenName,
    surname: family.join(' '),
    userPrincipalName: user.upn,
    mail: user.mail,
    accountEnabled: user.accountEnabled,
    businessPhones: ['+81 3 5555 0100'],
    mobilePhone: '+81 90 5555 0199',
    jobTitle: 'Platform engineer',
    officeLocation: 'Kyoto 2F',
    preferredLanguage: 'ja-JP',
    birthday: '1990-02-14T00:00:00Z',
    city: 'Kyoto',
    companyName: 'Contoso',
    country: 'Japan',
    department: 'Platform',
    employeeId: '004711',
    faxNumber: null,
    otherMails: ['private@example.org'],
    postalCode: '600-0000',
    streetAddress: '1-2-3 Karasuma',
    proxyAddresses: [`SMTP:${user.upn}`],
    onPremisesSamAccountName: user.upn.split('@')[0],
    usageLocation: 'JP',
    userType: 'Member',
    ...user.profile,
  };
}

export function peopleRoutes(state: EntraState, settings: { memberObjectsPage: number }): GraphRoutes {
  const { users, groups } = state.directory;
  const readsPeople = ['User.Read.All', 'User.ReadBasic.All', 'Directory.Read.All'];
  const readsGroups = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'];

  const self = ({ asker }: GraphCall): User => {
    if (asker.signIn === undefined)
      throw new GraphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
    return asker.signIn.user;
  };
  const named = (name: string): User => {
    const found = [...users.values()].find(({ oid, upn }) => oid === name || upn.toLowerCase() === name.toLowerCase());
    if (found === undefined) throw notFound(name);
    return found;
  };
  const memberObjects = (user: User, { url }: GraphCall): object => paged(url, user.groups, settings.memberObjectsPage);
  const memberOf = (user: User, { url, eventual }: GraphCall): object => {
    // One type of membership alone is an advanced query.
    if (!eventual || url.searchParams.get('$count') !== 'true')
      throw new GraphError(400, 'Request_UnsupportedQuery', 'The specified directory query is not supported.');
    return paged(
      url,
      user.groups.map((id) => ({ '@odata.type': '#microsoft.graph.group', ...groupOf(id) })),
      100,
    );
  };
  const groupOf = (id: string) => ({
    id,
    displayName: groups.get(id) ?? id,
    securityEnabled: true,
    mailEnabled: false,
  });

  const ownMemberObjects = (call: GraphCall): object => {
    requireOneOf(call.asker, ['User.Read', ...readsGroups], []);
    return memberObjects(self(call), call);
  };
  const othersMemberObjects = (call: GraphCall): object => {
    requireOneOf(call.asker, readsGroups, readsGroups);
    return memberObjects(named(call.id), call);
  };

  return {
    // The next page of an action is fetched with GET.
    'POST /me/getMemberObjects': ownMemberObjects,
    'GET /me/getMemberObjects': ownMemberObjects,
    'POST /users/{id}/getMemberObjects': othersMemberObjects,
    'GET /users/{id}/getMemberObjects': othersMemberObjects,
    'GET /me'(call) {
      requireOneOf(call.asker, ['User.Read', ...readsPeople], []);
      return selected(profileOf(self(call)), call.url.searchParams, givenByDefault);
    },
    'GET /me/transitiveMemberOf/microsoft.graph.group'(call) {
      requireOneOf(call.asker, ['User.Read', ...readsGroups], []);
      return memberOf(self(call), call);
    },
    'GET /users'(call) {
      requireOneOf(call.asker, readsPeople, readsPeople);
      const found = filtered([...users.values()].map(profileOf), call.url.searchParams);
      const shown = found.map((each) => selected(each, call.url.searchParams, givenByDefault));
      return paged(call.url, shown, 100);
    },
    'GET /users/{id}'(call) {
      requireOneOf(call.asker, readsPeople, readsPeople);
      return selected(profileOf(named(call.id)), call.url.searchParams, givenByDefault);
    },
    'GET /users/{id}/transitiveMemberOf/microsoft.graph.group'(call) {
      requireOneOf(call.asker, readsGroups, readsGroups);
      return memberOf(named(call.id), call);
    },
    'GET /groups'(call) {
      requireOneOf(call.asker, readsGroups, readsGroups);
      const found = filtered([...groups.keys()].map(groupOf), call.url.searchParams);
      return paged(
        call.url,
        found.map((each) => selected(each, call.url.searchParams)),
        100,
      );
    },
    'GET /groups/{id}'(call) {
      requireOneOf(call.asker, readsGroups, readsGroups);
      if (!groups.has(call.id)) throw notFound(call.id);
      return selected(groupOf(call.id), call.url.searchParams);
    },
  };
}
