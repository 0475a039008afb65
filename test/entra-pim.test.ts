// Real parts end to end: dana asks on the page, sena approves on hers, and Azure hears of dana by a token that Entra ID gave in her name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startAzurePim } from './support/azure-pim.ts';
import type { AzurePim } from './support/azure-pim.ts';
import { createBrowser } from './support/browser.ts';
import type { Arrival } from './support/browser.ts';
import { claimsOf, idOf, openCallerHouse } from './support/caller-house.ts';
import type { CallerHouse, Stands } from './support/caller-house.ts';
import { deleter, devGroups, devWeb, until } from './support/elevation-house.ts';
import type { User } from './support/entra.ts';
import { startHttpUpstream } from './support/http-upstream.ts';
import { mcpByHand } from './support/mcp-by-hand.ts';

const opened = new AsyncDisposableStack();
const onBehalfOf = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
let house: CallerHouse;
let azure: AzurePim;
let sena: User;
let offsetMs = 0;

before(async () => {
  const tool = { name: 'compute_vm_delete', inputSchema: { type: 'object' } };
  const upstream = opened.use(await startHttpUpstream(mcpByHand({ tools: [tool] })));
  house = await openCallerHouse(
    async (stands) => {
      await standUp(stands);
      return { azure: { url: upstream.url } };
    },
    ({ dana }) => ({
      identity: { conditionalAccess: { contexts: { mfa: 'c1' } } },
      access: {
        maps: { azure: { map: 'azure', defaultSubscription: devWeb.split('/')[2] } },
        assignments: [{ principal: { user: idOf(dana) }, role: 'MCP User', scope: '/servers/azure' }],
        elevation: {
          settings: { approvalSettings: { approvers: [{ principalType: 'User', principalId: idOf(sena) }] } },
          eligible: [{ principal: { user: idOf(dana) }, role: deleter, scope: devGroups }],
          pim: { scopes: [devGroups], managementUrl: azure.origin },
        },
      },
    }),
  );
});
after(async () => {
  await house?.[Symbol.asyncDispose]();
  await opened.disposeAsync();
});

async function standUp({ entra, dana }: Stands): Promise<void> {
  azure = opened.use(await startAzurePim(entra.testAuthority, () => Date.now() + offsetMs));
  entra.addApp({
    displayName: 'Azure Resource Manager',
    identifierUri: azure.origin,
    scopes: ['user_impersonation'],
    accessTokenVersion: 1,
  });
  sena = entra.addUser({ upn: 'sena@contoso.example', name: 'Sena Kim' });
  entra.satisfied = ['c1'];
  const role = '9980e02c-c2be-4d73-94e8-173b1dc7cf3c';
  const scope = devWeb.split('/').slice(0, 3).join('/');
  azure.eligible.push({ oid: dana.oid, role, name: deleter, scope });
  // A role for which Azure wants to see the second factor in the token itself.
  azure.policy = { ...azure.policy, context: 'c1' };
}

const here = (): boolean => false;

async function visit(user: User, path: string) {
  const browser = createBrowser();
  house.entra.signsIn = user.oid;
  const arrival = await browser.follow(house.house.url + path, here);
  const submit = (fields: Record<string, string>): Promise<Arrival> =>
    browser.submit(arrival.url, arrival.page!, fields, here);
  return { ...arrival, submit };
}

function eligibilityOn({ page = '' }: Arrival): string {
  const [, id] = /name="eligibility"\s+value="([^"]+)"/.exec(page) ?? [];
  assert.ok(id, page);
  return id;
}

const deletes = async (token: string) =>
  (await house.call(token, 'azure', 'compute_vm_delete', { args: { 'resource-group': 'dev-web', 'vm-name': 'web-1' } }))
    .message.error;

test('dana asks, sena approves, Azure activates the role for dana and for as long, and deactivates it with the end', async () => {
  const { dana, entra, app } = house;
  const client = await house.signIn(dana, 'azure');
  assert.equal((await deletes(client))?.data?.['reason'], 'access_action_missing');

  const page = await visit(dana, `/elevation?role=${encodeURIComponent(deleter)}`);
  const eligibility = eligibilityOn(page);
  const wish = { eligibility, scope: devWeb, duration: 'PT2H', justification: 'web-1 does not answer, INC-7' };
  const asked = await page.submit({ decision: 'request', ...wish });
  assert.match(asked.url.pathname, /^\/approvals\//, asked.page);
  assert.match(asked.page!, /Azure activates this role as well/);
  assert.deepEqual(azure.bodies, [], 'asked whether it would, and no more');

  const approval = await visit(sena, asked.url.pathname);
  await approval.submit({ decision: 'approve', comment: 'go on' });
  await until(async () => azure.activations.length === 1);
  const [activation] = azure.activations;
  assert.equal(activation!.oid, dana.oid);
  assert.equal(activation!.untilMs - activation!.fromMs, 7_200_000);
  assert.equal(activation!.scope, devWeb);
  const [elevation] = await until(async () => {
    const active = await house.house.house.elevation.all({ active: true });
    return active.length === 1 && active;
  });
  assert.deepEqual([elevation!.startsAtMs, elevation!.endsAtMs], [activation!.fromMs, activation!.untilMs]);
  assert.equal(elevation!.enforcedBy, 'entra-pim');
  await until(async () => (await deletes(client)) === undefined);

  const exchanged = entra.requests.filter(
    ({ params }) => params.get('grant_type') === onBehalfOf && params.get('scope')?.includes(azure.origin),
  );
  assert.ok(exchanged.length > 0);
  for (const { params } of exchanged) {
    assert.equal(params.get('client_id'), app.clientId);
    assert.equal(claimsOf(params.get('assertion')!)['oid'], dana.oid);
  }

  offsetMs += 360_000; // at Azure, which ends nothing younger than five minutes
  const held = await visit(dana, '/elevation');
  await held.submit({ decision: 'end' });
  await until(async () => !azure.isActive(dana.oid));
  assert.equal((await deletes(client))?.data?.['reason'], 'access_action_missing');
  const records = await until(async () => {
    const all = await house.house.house.audit.list({ limit: 1000 });
    return all.some(({ action }) => action === 'elevation.end') && all;
  });
  const told = records
    .filter(({ details }) => details['enforcedBy'] === 'entra-pim' && 'outside' in details)
    .toSorted((left, right) => left.index - right.index);
  assert.deepEqual(
    told.map(({ action, user, details }) => [action, user, details['outside']]),
    [
      ['elevation.start', idOf(dana), 'Provisioned'],
      ['elevation.end', idOf(dana), 'Provisioned'],
    ],
  );
});

test('a sign-in that has not shown what Azure wants leads to one that does, and nobody is asked to approve it before', async () => {
  const { dana, entra } = house;
  azure.policy = { ...azure.policy, context: 'c7' };
  const page = await visit(dana, '/elevation');
  const eligibility = eligibilityOn(page);
  const wish = {
    decision: 'request',
    eligibility,
    scope: devWeb,
    duration: 'PT1H',
    justification: 'web-1 is gone again',
  };
  const refused = await page.submit(wish);
  assert.match(refused.page!, /Azure wants more for this role/);
  const signIn = /\/elevation\?[^\s"<]*signin=c7/.exec(refused.page!)![0].replaceAll('&amp;', '&');
  entra.satisfied = ['c1', 'c7'];
  const again = await visit(dana, signIn);
  const asked = await again.submit(wish);
  assert.match(asked.url.pathname, /^\/approvals\//, asked.page);
});
