// Step-up at Entra ID: the contexts that a policy asks for go into the sign-in and come back proven; its own policies can be planned and compared.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { ConditionalAccessDesk } from '../src/identity/conditional-access/desk.ts';
import { idOf, startEntraHouse } from './support/entra-house.ts';
import type { EntraHouse } from './support/entra-house.ts';
import { startGraph } from './support/graph.ts';
import type { Graph } from './support/graph.ts';
import { createBrowser } from './support/browser.ts';
import { authorizationRequest, exchange, register } from './support/oauth-client.ts';

const seedFile = path.join(import.meta.dirname, 'golden/conditional-access/seed.json');
const seed = JSON.parse(readFileSync(seedFile, 'utf8')) as Record<string, unknown>;
const graphAppId = '00000003-0000-0000-c000-000000000000';

interface Both extends AsyncDisposable {
  readonly house: EntraHouse;
  readonly graph: Graph;
  readonly desk: ConditionalAccessDesk;
  /** dana's, once the directory has told who the administrators are. */
  readonly admins: string;
}

/** dana is an administrator, omar is not; the names in the policy are those of the directory. */
async function openBoth(settings: Record<string, unknown> = {}): Promise<Both> {
  let graph: Graph | undefined;
  let admins = '';
  const house = await startEntraHouse({
    app: {
      displayName: 'azure-mcp-server-app',
      permissions: {
        [graphAppId]: ['Group.Read.All', 'Application.Read.All', 'User.Read.All', 'Policy.ReadWrite.ConditionalAccess'],
      },
    },
    provider: async (entra) => {
      admins = entra.addGroup('azure-mcp-admins');
      graph = await startGraph(entra);
      entra.state.directory.graph.application.identifierUris.push(graph.url);
      return { graphUrl: graph.url };
    },
    settings: {
      verdictSeconds: 1,
      conditionalAccess: { policies: [seedFile], contexts: { mfa: 'c1', compliantDevice: 'c2' }, ...settings },
    },
  });
  house.dana.groups = [admins];
  const desk = house.identity.conditionalAccess!;
  for (let tries = 0; tries < 2000 && desk.names().some(({ ids }) => ids === undefined); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    house,
    graph: graph!,
    desk,
    admins,
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]();
      await graph![Symbol.asyncDispose]();
    },
  };
}

async function tokenOf({ house }: Both, who: 'dana' | 'omar', scope?: string): Promise<string> {
  house.entra.signsIn = house[who].oid;
  const registered = await register(house.publicUrl);
  const asked = await authorizationRequest(registered, { resource: `${house.publicUrl}/mcp/files`, scope });
  const redirectUri = asked.url.searchParams.get('redirect_uri')!;
  const isBack = ({ href }: URL): boolean => href.startsWith(redirectUri);
  const browser = createBrowser();
  let arrival = await browser.follow(asked.url, isBack);
  if (arrival.page?.includes('name="decision"') === true)
    arrival = await browser.submit(arrival.url, arrival.page, { decision: 'approve' }, isBack);
  if (!isBack(arrival.url)) throw new Error(`ended at ${arrival.url.pathname}`);
  const { access_token: token } = await exchange({ ...registered, browser, redirectUri, callback: arrival.url, asked });
  return token;
}

test('names are told by Graph once; an administrator steps up at Entra ID, and others are left alone', async () => {
  await using both = await openBoth();
  const { house, desk, admins } = both;
  assert.deepEqual(
    desk.names().map(({ name, ids }) => [name, ids]),
    [
      ['azure-mcp-admins', [admins]],
      ['azure-mcp-server-app', [house.app.clientId]],
    ],
  );
  const resource = `${house.publicUrl}/mcp/files`;
  const verify = async (token: string) =>
    house.identity.verify(`Bearer ${token}`, resource, { sourceIP: '203.0.113.7', userAgent: '' });
  assert.equal((await verify(await tokenOf(both, 'omar'))).outcome, 'allow');

  const refused = await verify(await tokenOf(both, 'dana'));
  assert.ok(refused.outcome === 'challenge' && refused.code === 'identity_step_up_required');
  const header = house.identity.challenge(refused, resource);
  assert.match(
    header,
    /^Bearer error="insufficient_scope".* acr_values="c1 c2", scope="mcp auth:c1 auth:c2", resource_metadata="/,
  );

  const proven = await verify(await tokenOf(both, 'dana', /scope="([^"]+)"/.exec(header)![1]));
  assert.ok(proven.outcome === 'allow', JSON.stringify(proven));
  assert.deepEqual([...proven.principal.contexts!].sort(), ['c1', 'c2']);
  assert.equal(proven.principal.id, idOf(house.dana));
  const asked = house.entra.requests.findLast(({ params }) => params.get('claims')?.includes('acrs'))!;
  assert.match(asked.params.get('claims')!, /"acrs":\{"essential":true,"values":\["c1","c2"\]\}/);
});

test('a second factor that was not given ends the step-up with an error, and no code', async () => {
  await using both = await openBoth();
  both.house.entra.mfa = 'fails';
  await assert.rejects(tokenOf(both, 'dana', 'mcp auth:c1 auth:c2'));
});

test('a plan publishes contexts, says what proves them, and writes the policy with object ids; then nothing is left to do', async () => {
  await using both = await openBoth();
  const { graph, desk, house, admins } = both;
  const before = await desk.compare();
  assert.ok(
    before.some(
      ({ level, about, says }) => level === 'problem' && about.endsWith('c1') && says.includes('proves nothing'),
    ),
  );
  assert.ok(before.some(({ about, says }) => about.endsWith('c2') && says.includes('does not exist')));

  const planned = await desk.plan({ apply: false, enforce: false });
  assert.equal(planned.reached, true);
  assert.deepEqual(graph.conditionalAccess.policies, [], 'a plan changes nothing');
  assert.deepEqual(
    planned.steps.map(({ act, name }) => `${act} ${name}`),
    [
      'none c1',
      'create c2',
      'create Genkan: c1 takes mfa',
      'create Genkan: c2 takes compliantDevice',
      'create MCP Server Admin MFA Policy',
    ],
  );

  await desk.plan({ apply: true, enforce: false });
  const made = graph.conditionalAccess.policies.find(({ displayName }) => displayName === seed['displayName'])!;
  assert.equal(made['state'], 'enabledForReportingButNotEnforced', 'it only reports at first');
  assert.deepEqual(made['conditions'], {
    users: { includeGroups: [admins] },
    applications: { includeApplications: [house.app.clientId] },
    locations: { includeLocations: ['All'] },
  });
  assert.ok(
    (await desk.compare()).some(({ about, level }) => about.endsWith('c1') && level === 'problem'),
    'what only reports proves nothing',
  );

  await desk.plan({ apply: true, enforce: true });
  assert.equal(made['state'], 'enabled');
  const after = await desk.plan({ apply: false, enforce: false });
  assert.deepEqual(
    after.steps.filter(({ act }) => act !== 'none'),
    [],
  );
  assert.deepEqual(
    (await desk.compare()).filter(({ level }) => level !== 'ok'),
    [],
  );

  // Somebody weakens it at Entra ID: the plan says so, and changing it back does not put it out of force meanwhile.
  Object.assign(made, { grantControls: { operator: 'OR', builtInControls: ['mfa'] } });
  const [drift] = (await desk.plan({ apply: true, enforce: false })).steps.filter(({ act }) => act === 'change');
  assert.deepEqual(
    drift!.differences.map(({ path: at }) => at),
    ['grantControls.operator', 'grantControls.builtInControls'],
  );
  assert.equal(made['state'], 'enabled');
  assert.deepEqual(made['grantControls'], seed['grantControls']);
});

test('a name that means nobody is not written, and said', async () => {
  const policy = {
    ...seed,
    conditions: { ...(seed['conditions'] as object), users: { includeGroups: ['no-such-group'] } },
  };
  await using both = await openBoth({ policies: [policy] });
  const { steps } = await both.desk.plan({ apply: true, enforce: false });
  assert.deepEqual(steps.at(-1)!.unresolved, ['no-such-group']);
  assert.equal(steps.at(-1)!.done, false);
});
