// Tests of conditional access: the policy as Microsoft Graph writes it, and every single part of it that changes something.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLog } from '../../base/log.ts';
import type { Principal } from '../../base/principal.ts';
import { openDatabase } from '../../state/database.ts';
import { checkPolicies } from './check.ts';
import { createConditionalAccess } from './conditional-access.ts';
import type { Circumstances, ConditionalAccess, ConditionalAccessNeighbours } from './conditional-access.ts';
import type { Graph } from './directory.ts';
import { leavesOf } from './leaves.ts';
import { conditionalAccessSettings } from './settings.ts';

const seedFile = path.join(import.meta.dirname, '../../../test/golden/conditional-access/seed.json');
type Json = Record<string, unknown>;
const seed = (): Json => JSON.parse(readFileSync(seedFile, 'utf8')) as Json;

const clientId = '11111111-2222-3333-4444-555555555555';
const [office, home] = ['203.0.113.7', '198.51.100.9'];
const contexts = { mfa: 'c1', compliantDevice: 'c2', 'Phishing-resistant MFA': 'c3', terms: 'c4', factor: 'c5' };
const base = {
  contexts,
  namedLocations: {
    Office: ['203.0.113.0/24', '2001:db8:1::/48'],
    Branch: { ranges: ['192.0.2.0/24'], trusted: true },
  },
  applications: { 'azure-mcp-server-app': 'genkan', files: '/mcp/files' },
  roles: { 'Global Administrator': ['azure-mcp-admins'] },
};
const nowMs = 1_800_000_000_000;

async function accessOf(
  policies: unknown[],
  { settings = {}, ...more }: { settings?: Json } & Partial<ConditionalAccessNeighbours> = {},
): Promise<ConditionalAccess> {
  const database = await openDatabase(':memory:');
  const access = await createConditionalAccess(conditionalAccessSettings.parse({ ...base, policies, ...settings }), {
    entra: false,
    clientId,
    database,
    readFile: (file) => readFileSync(file, 'utf8'),
    clock: { now: () => nowMs },
    log: createLog('silent'),
    ...more,
  });
  return access!;
}

const admin: Principal = {
  id: 'https://idp.example#dana',
  kind: 'user',
  name: 'dana@example.com',
  groups: ['azure-mcp-admins'],
  clientId: 'vscode',
};
const guest: Principal = { ...admin, id: 'https://idp.example#omar', name: 'omar@example.com', groups: ['visitors'] };
const agent: Principal = { id: 'robot', kind: 'application', name: 'robot', groups: [], clientId: 'robot' };

/** What a policy makes of people of all kinds, from all places, with all proofs: two policies that differ in effect differ here. */
function behaviour(access: ConditionalAccess): string {
  const seen: unknown[] = [];
  for (const principal of [admin, guest, agent])
    for (const resource of [
      'https://g.example/mcp',
      'https://g.example/mcp/files',
      'https://g.example/mcp/azure',
      'https://g.example/api',
    ])
      for (const sourceIP of [office, home, '192.0.2.1', '2001:db8:1::5'])
        for (const proven of [[], ['c1'], ['c2'], ['c1', 'c2'], ['c3', 'c4', 'c5']])
          for (const ageHours of [0.01, 2, 100, 800]) {
            const circumstances: Circumstances = {
              principal: { ...principal, contexts: proven },
              resource,
              sourceIP,
              signedInAtMs: nowMs - ageHours * 3_600_000,
            };
            seen.push(access.evaluate(circumstances));
            if (proven.length === 0 && ageHours === 2)
              seen.push(access.freshnessSeconds(resource, ['c1']), access.forgets(resource));
          }
  return JSON.stringify(seen);
}

const outcome = (access: ConditionalAccess, more: Partial<Circumstances> = {}) => {
  const { outcome: said, contexts: asked } = access.evaluate({
    principal: admin,
    resource: 'https://g.example/mcp/azure',
    sourceIP: home,
    signedInAtMs: nowMs,
    ...more,
  });
  return [said, ...asked].join(' ');
};

test('the policy file works as it is: an administrator has to prove both controls, anybody else nothing', async () => {
  const access = await accessOf([seedFile]);
  assert.equal(outcome(access), 'require c1 c2');
  assert.equal(outcome(access, { principal: { ...admin, contexts: ['c1'] } }), 'require c2');
  assert.equal(outcome(access, { principal: { ...admin, contexts: ['c1', 'c2'] } }), 'allow');
  assert.equal(outcome(access, { principal: guest }), 'allow');
  assert.equal(outcome(access, { principal: agent }), 'allow', 'an agent has no second factor');
  assert.deepEqual(access.contexts, ['c1', 'c2', 'c3', 'c4', 'c5']);
});

test('without policies there is nothing to ask', async () => {
  assert.equal(await accessOf([]), undefined);
});

test('what only reports changes nothing and tells what it would have said', async () => {
  const access = await accessOf([{ ...seed(), state: 'enabledForReportingButNotEnforced' }]);
  const judgement = access.evaluate({ principal: admin, resource: 'https://g.example/mcp', sourceIP: home });
  assert.equal(judgement.outcome, 'allow');
  assert.deepEqual(judgement.reported, [
    { policy: 'MCP Server Admin MFA Policy', outcome: 'require', contexts: ['c1', 'c2'] },
  ]);
});

test('one of several controls is enough where the operator is OR', async () => {
  const access = await accessOf([with_(seed(), 'grantControls.operator', 'OR')]);
  assert.equal(outcome(access), 'require c1');
  assert.equal(outcome(access, { principal: { ...admin, contexts: ['c2'] } }), 'allow');
});

test('a policy about one server holds at the address for all of them, too', async () => {
  const access = await accessOf([with_(seed(), 'conditions.applications.includeApplications', ['files'])]);
  assert.equal(outcome(access, { resource: 'https://g.example/mcp/files' }), 'require c1 c2');
  assert.equal(outcome(access, { resource: 'https://g.example/mcp' }), 'require c1 c2');
  assert.equal(outcome(access, { resource: 'https://g.example/mcp/azure' }), 'allow');
  const spared = with_(
    with_(seed(), 'conditions.applications.includeApplications', ['All']),
    'conditions.applications.excludeApplications',
    ['files'],
  );
  assert.equal(outcome(await accessOf([spared]), { resource: 'https://g.example/mcp' }), 'require c1 c2');
  assert.equal(outcome(await accessOf([spared]), { resource: 'https://g.example/mcp/files' }), 'allow');
});

test('a sign-in that is too old has to be repeated, and its proofs with it', async () => {
  const frequency = { isEnabled: true, value: 30, type: 'days', frequencyInterval: 'timeBased' };
  const access = await accessOf([{ ...seed(), sessionControls: { signInFrequency: frequency } }]);
  const principal = { ...admin, contexts: ['c1', 'c2'] };
  const day = 86_400_000;
  assert.equal(outcome(access, { principal, signedInAtMs: nowMs - 30 * day }), 'allow');
  assert.equal(outcome(access, { principal, signedInAtMs: nowMs - 30 * day - 1 }), 'require c1 c2');
  assert.equal(access.freshnessSeconds('https://g.example/mcp', ['c1']), 30 * 86_400);
  const alone = await accessOf([{ ...seed(), grantControls: null, sessionControls: { signInFrequency: frequency } }]);
  assert.equal(outcome(alone, { signedInAtMs: nowMs - 31 * day }), 'require', 'only a newer sign-in');
});

const full: Json = {
  id: '6f0a9b2e-0000-4000-8000-000000000001',
  templateId: null,
  displayName: 'Everything',
  createdDateTime: '2026-01-01T00:00:00Z',
  state: 'enabled',
  conditions: {
    users: {
      includeUsers: ['https://idp.example#dana'],
      excludeUsers: ['https://idp.example#erin'],
      includeGroups: ['nobody-else'],
      excludeGroups: ['break-glass'],
      includeRoles: ['Global Administrator'],
      excludeRoles: ['Reader'],
      excludeGuestsOrExternalUsers: {
        guestOrExternalUserTypes: 'internalGuest',
        externalTenants: { membershipKind: 'all' },
      },
    },
    applications: {
      includeApplications: ['/mcp/azure', 'Office365'],
      excludeApplications: ['/api'],
      includeUserActions: ['urn:user:registersecurityinfo'],
      includeAuthenticationContextClassReferences: ['c1'],
      applicationFilter: { mode: 'exclude', rule: 'CustomSecurityAttribute.x -eq "y"' },
    },
    locations: { includeLocations: ['Office', 'AllTrusted'], excludeLocations: ['Branch', 'Nowhere'] },
    clientAppTypes: ['all', 'browser'],
    platforms: { includePlatforms: ['android'], excludePlatforms: ['iOS'] },
    signInRiskLevels: ['high'],
    userRiskLevels: ['medium'],
    servicePrincipalRiskLevels: ['low'],
    insiderRiskLevels: 'elevated',
    devices: { deviceFilter: { mode: 'include', rule: 'device.isCompliant -eq True' } },
    futureCondition: { shape: 'unknown' },
  },
  grantControls: {
    operator: 'AND',
    builtInControls: ['mfa', 'compliantDevice'],
    customAuthenticationFactors: ['factor'],
    termsOfUse: ['terms'],
    authenticationStrength: {
      id: '00000000-0000-0000-0000-000000000004',
      displayName: 'Phishing-resistant MFA',
      policyType: 'builtIn',
    },
  },
  sessionControls: {
    signInFrequency: {
      isEnabled: true,
      value: 30,
      type: 'days',
      frequencyInterval: 'timeBased',
      authenticationType: 'primaryAndSecondaryAuthentication',
    },
    persistentBrowser: { isEnabled: true, mode: 'never' },
    cloudAppSecurity: { isEnabled: true, cloudAppSecurityType: 'monitorOnly' },
    applicationEnforcedRestrictions: { isEnabled: true },
    disableResilienceDefaults: true,
  },
  typedWrong: true,
};

/** Another value of the same kind, such that it means something else. */
const others: Readonly<Record<string, unknown>> = {
  state: 'disabled',
  'grantControls.operator': 'OR',
  'conditions.users.includeUsers[]': 'https://idp.example#omar',
  'conditions.users.excludeUsers[]': 'https://idp.example#dana',
  'conditions.users.includeGroups[]': 'visitors',
  'conditions.users.excludeGroups[]': 'azure-mcp-admins',
  'conditions.users.includeRoles[]': 'Reader',
  'conditions.users.excludeRoles[]': 'Global Administrator',
  'conditions.applications.includeApplications[]': '/mcp/files',
  'conditions.applications.excludeApplications[]': '/mcp/azure',
  'conditions.locations.includeLocations[]': ['All', 'Office'],
  'conditions.locations.excludeLocations[]': 'Office',
  'conditions.clientAppTypes[]': 'other',
  'grantControls.builtInControls[]': 'block',
  'sessionControls.signInFrequency.value': 1,
  'sessionControls.signInFrequency.type': 'hours',
  'sessionControls.signInFrequency.frequencyInterval': 'everyTime',
  'sessionControls.persistentBrowser.mode': 'always',
};

for (const [which, policy] of Object.entries({ 'the policy file': seed(), 'a full policy': full })) {
  test(`of ${which} every single part changes what happens, or is said not to be enforced here`, async () => {
    const leaves = leavesOf(
      { policy: policy as never, source: '' },
      { settings: conditionalAccessSettings.parse(base), entra: false },
    );
    assert.deepEqual(
      leaves.map(({ path: at }) => at),
      pathsIn(policy),
      'every part is told of',
    );
    const before = behaviour(await accessOf([policy]));
    const [changed, told]: [string[], string[]] = [[], []];
    for (const { path: at, value, keeper, says } of leaves) {
      if (keeper === 'elsewhere' || keeper === 'description') {
        assert.match(says, keeper === 'elsewhere' ? /^not enforced here: .{10}/ : /description/, at);
        told.push(at);
        continue;
      }
      const plain = at.replace(/\[\d+\]/g, '[]');
      const [listed] = [others[plain]].flat().filter((one) => one !== value);
      const other = listed !== undefined ? listed : typeof value === 'boolean' ? !value : `${String(value)}-other`;
      // Alone or beside its neighbours: a list may say one thing in two ways.
      const variants = [with_(policy, at, other), with_(alone(policy, at), at.replace(/\[\d+\]$/, '[0]'), other)];
      const results = await Promise.all(variants.map((variant) => accessOf([variant]).then(behaviour, String)));
      const bases = [before, behaviour(await accessOf([alone(policy, at)]).catch(() => accessOf([policy])))];
      assert.ok(
        results.some((result, index) => result !== bases[index]),
        `${at} = ${String(value)} → ${String(other)} is said to be enforced (${says}), and changes nothing`,
      );
      changed.push(at);
    }
    if (policy === full)
      assert.ok(changed.length >= 20 && told.length >= 20, `${changed.length} change, ${told.length} are told`);
    else assert.equal(told.length, 0, 'of the policy file nothing is left to others');
  });
}

test('what only Entra ID sees narrows nothing here, and blocks nobody here', async () => {
  const risky = with_(seed(), 'conditions.userRiskLevels', ['high']);
  assert.equal(outcome(await accessOf([risky])), 'require c1 c2', 'Entra ID decides what the contexts take');
  const blocking = { ...risky, grantControls: { operator: 'OR', builtInControls: ['block'] } };
  assert.equal(outcome(await accessOf([blocking])), 'allow');
  assert.match(
    leavesOf(
      { policy: blocking as never, source: '' },
      { settings: conditionalAccessSettings.parse(base), entra: true },
    ).find(({ path: at }) => at.startsWith('conditions.userRisk'))!.says,
    /Only Entra ID sees it, and blocks/,
  );
});

test('names become object ids once; what cannot be found concerns everybody it could', async () => {
  const groupId = 'aaaaaaaa-0000-4000-8000-000000000001';
  const asked: string[] = [];
  const answers: Record<string, object> = {
    groups: { value: [{ id: groupId }] },
    servicePrincipals: { value: [{ appId: clientId }] },
    users: { value: [] },
  };
  const graph: Graph = {
    request: (_method, at) => {
      asked.push(decodeURIComponent(at));
      return Promise.resolve(answers[/v1\.0\/(\w+)/.exec(at)![1]!]);
    },
  };
  const person = {
    ...admin,
    id: 'bbbbbbbb-0000-4000-8000-000000000002@cccccccc-0000-4000-8000-000000000003',
    groups: [groupId],
  };
  const other = { ...person, groups: ['dddddddd-0000-4000-8000-000000000004'] };
  const access = await accessOf([seed()], { entra: true, graph, settings: { applications: {} } });
  assert.equal(outcome(access, { principal: other }), 'require c1 c2', 'before anything is known');
  await access.refresh();
  assert.deepEqual(asked, [
    "/v1.0/groups?$select=id&$top=5&$filter=displayName eq 'azure-mcp-admins'",
    "/v1.0/servicePrincipals?$select=appId&$top=5&$filter=displayName eq 'azure-mcp-server-app'",
  ]);
  assert.equal(outcome(access, { principal: other }), 'allow');
  assert.equal(outcome(access, { principal: person }), 'require c1 c2');
  assert.deepEqual(access.directory.list()[0], { kind: 'group', name: 'azure-mcp-admins', ids: [groupId] });
  answers['groups'] = { value: [] };
  await access.refresh();
  assert.equal(outcome(access, { principal: other }), 'require c1 c2', 'a name of nobody may be misspelt');
});

test('a policy that could not mean what it says is refused with the reason', async () => {
  const refused: [Json, RegExp][] = [
    [
      with_(seed(), 'grantControls.builtInControls', ['passwordChange']),
      /no authentication context proves "passwordChange"/,
    ],
    [with_(seed(), 'grantControls.builtInControls', ['block', 'mfa']), /"block" stands beside/],
    [with_(seed(), 'conditions.users', {}), /includes nobody/],
    [with_(seed(), 'state', 'on'), /state/],
    [{ displayName: 'x', state: 'enabled', conditions: {} }, /grantControls or sessionControls/],
  ];
  for (const [policy, reason] of refused)
    await assert.rejects(accessOf(['p.json'], { readFile: () => JSON.stringify(policy) }), reason);
  await assert.rejects(accessOf(['p.json'], { readFile: () => '{' }), /not JSON/);
  await assert.rejects(accessOf([seed(), seed()]), /second policy/);
});

test('a policy in force that would hold for nobody by oversight is refused, or holds for everybody it could', async () => {
  const refused: [Json, RegExp][] = [
    [with_(seed(), 'conditions.applications', undefined), /conditions\.applications includes nothing/],
    [with_(seed(), 'conditions.applications', {}), /conditions\.applications includes nothing/],
    [with_(seed(), 'conditions.applications.includeApplications', []), /conditions\.applications includes nothing/],
    [with_(seed(), 'conditions.applications', { includeApplication: ['All'] }), /applications includes nothing/],
    [with_(seed(), 'grantControls.builtInControls', []), /grantControls asks for nothing/],
  ];
  for (const [policy, reason] of refused) {
    await assert.rejects(accessOf([policy]), reason);
    await accessOf([{ ...policy, state: 'disabled' }]);
  }
  assert.throws(() => conditionalAccessSettings.parse({ roles: { Admin: [] } }));

  const strict = (policy: Json, settings: Json = {}) =>
    accessOf([policy], { settings }).then((access) => outcome(access));
  assert.equal(await strict(with_(seed(), 'conditions.locations', { includeLocations: [] })), 'require c1 c2');
  const trusted = { includeLocations: ['AllTrusted'] };
  assert.equal(await strict(with_(seed(), 'conditions.locations', trusted)), 'allow', 'control: it is elsewhere');
  assert.equal(await strict(with_(seed(), 'conditions.locations', trusted), { namedLocations: {} }), 'require c1 c2');
  assert.equal(await strict(with_(seed(), 'conditions.clientAppTypes', ['other'])), 'allow', 'control: an older one');
  assert.equal(await strict(with_(seed(), 'conditions.clientAppTypes', ['browserr'])), 'require c1 c2');
  const filtered = with_(seed(), 'conditions.applications', { applicationFilter: { mode: 'include', rule: 'x' } });
  assert.equal(await strict(filtered), 'require c1 c2', 'Entra ID decides what the contexts take');
  const block = { operator: 'OR', builtInControls: ['block'] };
  assert.equal(await strict({ ...filtered, grantControls: block }), 'allow', 'Entra ID blocks whom it means');
  const roles = with_(seed(), 'conditions.users', { includeRoles: ['Admin'] });
  assert.equal(await strict(roles, { roles: { Admin: ['Azure-MCP-Admins'] } }), 'require c1 c2');
});

test('a policy about people and agents concerns both', async () => {
  const both = with_(seed(), 'conditions.clientApplications', { includeServicePrincipals: ['robot'] });
  const access = await accessOf([{ ...both, grantControls: { operator: 'OR', builtInControls: ['block'] } }]);
  assert.equal(outcome(access), 'block');
  assert.equal(outcome(access, { principal: agent }), 'block');
  assert.equal(outcome(access, { principal: guest }), 'allow');
  assert.equal(outcome(access, { principal: { ...agent, id: 'other', clientId: 'other' } }), 'allow');
});

test('names that mean nothing here are told of', () => {
  const told = (
    conditions: Json,
    { entra = false, id = clientId, ...settings }: Json & { entra?: boolean; id?: string } = {},
  ): string => {
    const policy = { ...seed(), conditions: { ...(seed()['conditions'] as Json), ...conditions } };
    const parsed = conditionalAccessSettings.parse({ ...base, ...settings, policies: [policy] });
    const { mistakes, notes } = checkPolicies(parsed, { entra, clientId: id, readFile: () => '', servers: ['files'] });
    assert.deepEqual(mistakes, []);
    return notes.join('\n');
  };
  const about = (application: string) => ({ applications: { includeApplications: [application] } });
  assert.match(told(about('/mcp/fiels')), /no server "fiels" in this configuration \(did you mean "files"\?\)/);
  assert.match(told(about('app'), { applications: { app: 'fiels' } }), /no server "fiels"/);
  for (const application of ['/mcp/files', '/mcp', '/api', 'files', 'All']) assert.equal(told(about(application)), '');
  assert.equal(told(about('app'), { applications: { app: ['files', 'genkan', '/api', clientId] } }), '');
  assert.equal(told(about('app'), { applications: { app: 'named-client' }, id: 'named-client' }), '');
  const services = (id: string) => ({ clientApplications: { includeServicePrincipals: [id] } });
  assert.match(told(services('aaaaaaaa-0000-4000-8000-000000000001')), /unless it is the client id of an agent/);
  assert.equal(told(services('robot')), '');
  assert.match(told({ clientAppTypes: ['browserr'] }), /does not know this kind of client/);
  const trusted = { locations: { includeLocations: ['All'], excludeLocations: ['AllTrusted'] } };
  assert.match(told(trusted, { namedLocations: {} }), /no place that is trusted/);
  assert.equal(told(trusted), '');
  const users = { users: { includeRoles: ['Admin'] } };
  assert.match(told(users, { entra: true, roles: { Admin: ['admins'] } }), /"admins" in .*roles is nobody/);
  const known = ['role:Admin', 'aaaaaaaa-0000-4000-8000-000000000001'];
  assert.equal(told(users, { entra: true, roles: { Admin: known } }), '');
});

test('where everybody seems to come from a proxy, policies that ask where people are say so at the start and in the check', async () => {
  const located = (locations: Json) => with_(seed(), 'conditions.locations', locations);
  const asks = located({ includeLocations: ['All'], excludeLocations: ['Office'] });
  const told = async (policy: Json, placesHidden: boolean): Promise<[number, number]> => {
    const warned: string[] = [];
    const log = { ...createLog('silent'), warn: (text: unknown) => void warned.push(String(text)) } as never;
    await accessOf([policy], { placesHidden, log });
    const parsed = conditionalAccessSettings.parse({ ...base, policies: [policy] });
    const { notes } = checkPolicies(parsed, { entra: false, clientId, readFile: () => '', placesHidden });
    const count = (texts: readonly string[]): number => texts.filter((text) => /trustedProxies/.test(text)).length;
    return [count(warned), count(notes)];
  };
  assert.deepEqual(await told(asks, true), [1, 1]);
  assert.deepEqual(await told(asks, false), [0, 0]);
  assert.deepEqual(await told(located({ includeLocations: ['All'] }), true), [0, 0]);
  assert.deepEqual(await told({ ...asks, state: 'disabled' }, true), [0, 0]);
});

test('a sign-in name, which somebody may choose, is included by and never excluded', async () => {
  const of = (users: Json) => accessOf([with_(seed(), 'conditions.users', users)]).then((access) => outcome(access));
  assert.equal(await of({ includeUsers: ['Dana@example.com'] }), 'require c1 c2');
  assert.equal(await of({ includeUsers: ['All'], excludeUsers: ['dana@example.com'] }), 'require c1 c2');
  assert.equal(await of({ includeUsers: ['All'], excludeUsers: [admin.id] }), 'allow', 'control: an id is nobody else');
});

test('two policies of one name are told apart by their ids', async () => {
  const block = { operator: 'OR', builtInControls: ['block'] };
  const one = { ...seed(), id: 'aaaaaaaa-0000-4000-8000-000000000001', displayName: 'MFA' };
  const two = { ...one, id: 'aaaaaaaa-0000-4000-8000-000000000002', grantControls: block };
  const access = await accessOf([one, two]);
  const judgement = access.evaluate({ principal: admin, resource: 'https://g.example/mcp', sourceIP: home });
  assert.deepEqual(judgement.policies, [`MFA (${one.id})`, `MFA (${two.id})`]);
  await assert.rejects(accessOf([one, { ...two, id: one.id.toUpperCase() }]), /second policy/);
});

function pathsIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => pathsIn(each, `${at}[${index}]`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, each]) => pathsIn(each, at === '' ? key : `${at}.${key}`));
  return value === null ? [] : [at];
}

/** A copy in which one place has another value. */
function with_(policy: Json, at: string, value: unknown): Json {
  const copy = structuredClone(policy);
  const keys = at.split(/[.[\]]+/).filter((key) => key !== '');
  let place: Json = copy;
  for (const key of keys.slice(0, -1)) place = place[key] as Json;
  place[keys.at(-1)!] = value;
  return copy;
}

/** A copy in which a list has but the one item that a path names. */
function alone(policy: Json, at: string): Json {
  const [, list, index] = /^(.*)\[(\d+)\]$/.exec(at) ?? [];
  if (list === undefined) return policy;
  const items = list.split('.').reduce<unknown>((place, key) => (place as Json)[key], policy) as unknown[];
  return with_(policy, list, [items[Number(index)]]);
}
