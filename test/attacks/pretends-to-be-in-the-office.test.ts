// Attack: an address or a group written such that a policy takes its bearer for somebody whom it spares.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as soon } from 'node:timers/promises';
import { createLog } from '../../src/base/log.ts';
import type { Principal } from '../../src/base/principal.ts';
import { createConditionalAccess } from '../../src/identity/conditional-access/conditional-access.ts';
import { conditionalAccessSettings } from '../../src/identity/conditional-access/settings.ts';
import { openDatabase } from '../../src/state/database.ts';
import { openTestHouse } from '../support/house.ts';
import { startIdentityHouse } from '../support/identity-house.ts';
import { registerAgent } from '../support/registered-agent.ts';
import { startDualEraServer } from '../support/sdk-servers.ts';
import { accessTokenType, exchangeGrant, requestToken } from '../support/token-request.ts';

const seed = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../golden/conditional-access/seed.json'), 'utf8'),
) as Record<string, object>;

const blocking = (locations: object, users: object = { includeUsers: ['All'] }) => ({
  displayName: 'Office only',
  state: 'enabled',
  conditions: { users, applications: { includeApplications: ['All'] }, locations },
  grantControls: { operator: 'OR', builtInControls: ['block'] },
});
const outsideTheOffice = blocking({ includeLocations: ['All'], excludeLocations: ['Office'] });

async function accessOf(policy: object, office = ['203.0.113.0/24', '2001:db8:5::/48']) {
  const settings = {
    policies: [policy],
    contexts: { mfa: 'c1', compliantDevice: 'c2' },
    namedLocations: { Office: office },
  };
  const access = await createConditionalAccess(conditionalAccessSettings.parse(settings), {
    entra: false,
    clientId: 'genkan',
    database: await openDatabase(':memory:'),
    readFile: () => '',
    clock: { now: Date.now },
    log: createLog('silent'),
  });
  return (sourceIP: string, groups: string[] = ['azure-mcp-admins']) => {
    const principal: Principal = { id: 'https://idp.example#dana', kind: 'user', name: 'dana', groups };
    return access!.evaluate({ principal, resource: 'https://g.example/mcp/files', sourceIP }).outcome;
  };
}

test('headers about addresses bring nobody into the office', async () => {
  await using server = await startDualEraServer();
  const rights = { assignments: [{ principal: { group: 'makers' }, role: 'MCP User', scope: '/servers/sample' }] };
  const houseWith = (office: string, trustedProxies: string[] = []) =>
    openTestHouse({
      trustedProxies,
      identity: {
        provider: { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' },
        conditionalAccess: { policies: [outsideTheOffice], namedLocations: { Office: [office] } },
      },
      access: rights,
      servers: { sample: { url: `${server.url}/mcp` } },
    });
  const forged = '203.0.113.7';
  const lies = {
    'x-forwarded-for': forged,
    'x-real-ip': forged,
    forwarded: `for=${forged}`,
    'true-client-ip': forged,
    'x-client-ip': forged,
  };
  const knock = async (url: string, token: string, more: Record<string, string> = {}) => {
    const headers = {
      ...lies,
      ...more,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    return fetch(`${url}/mcp/sample`, { method: 'POST', headers, body });
  };
  await using house = await houseWith('203.0.113.0/24');
  const refused = await knock(house.url, await house.token('dana', 'sample'));
  assert.equal(refused.status, 403);
  assert.match(refused.headers.get('www-authenticate')!, /error="access_denied"/);
  assert.doesNotMatch(refused.headers.get('www-authenticate')!, /scope=/, 'a new sign-in would change nothing');
  const { error } = (await refused.json()) as { error: { message: string; data: { reason: string } } };
  assert.equal(error.data.reason, 'identity_access_blocked');
  assert.match(error.message, /"Office only" does not allow this access/);
  const written = () => house.house.audit.list({ action: 'identity.conditionalAccess', limit: 1 });
  let [entry] = await written();
  for (let tries = 0; entry === undefined && tries < 500; tries++) {
    await soon(10);
    [entry] = await written();
  }
  assert.equal(entry!.sourceIP, '127.0.0.1');

  // Control: from where the connection really comes, the same request is let in. Had the headers been believed, the one
  // above would have been, too.
  await using inside = await houseWith('127.0.0.0/8');
  assert.notEqual((await knock(inside.url, await inside.token('dana', 'sample'))).status, 403);

  // Whoever is no proxy of ours is believed nothing, and behind one of them what its caller wrote counts for nothing.
  await using elsewhere = await houseWith('203.0.113.0/24', ['127.0.0.2']);
  assert.equal((await knock(elsewhere.url, await elsewhere.token('dana', 'sample'))).status, 403);
  await using behind = await houseWith('203.0.113.0/24', ['127.0.0.1']);
  const token = await behind.token('dana', 'sample');
  const added = (hops: string) => knock(behind.url, token, { 'x-forwarded-for': hops });
  for (const hops of [
    `${forged}, 198.51.100.1`,
    `${forged}:80, [2001:db8:9::1]:443`,
    `${forged}, 198.51.100.1, 127.0.0.1`,
    `${forged}, unknown`,
    `${forged} 198.51.100.1`,
  ])
    assert.equal((await added(hops)).status, 403, hops);
  // Control: what the proxy itself adds is believed.
  for (const hops of [forged, `198.51.100.1, ${forged}`, `198.51.100.1, ${forged}:4711, 127.0.0.1`])
    assert.notEqual((await added(hops)).status, 403, hops);
  assert.equal((await accessOf(outsideTheOffice))(forged), 'allow');
});

test('a token that a policy keeps outside is not exchanged from outside for one to be used in the office', async () => {
  const exchangedWhere = async (office: string) => {
    await using house = await startIdentityHouse({
      settings: {
        tokenExchange: [{ client: 'helper', resources: ['/mcp/files'] }],
        conditionalAccess: { policies: [outsideTheOffice], namedLocations: { Office: [office] } },
      },
    });
    const resource = `${house.publicUrl}/mcp/files`;
    const helper = await registerAgent(house, 'helper', {});
    const accountId = await house.identity.upsertAccount({
      id: `${house.provider.issuer}#dana`,
      name: 'dana',
      groups: [],
    });
    const wish = { accountId, resource, clientId: 'code', ttlSeconds: 600 };
    const subject_token = await house.identity.mintAccessToken(wish);
    const form = { subject_token, subject_token_type: accessTokenType, resource };
    const { outcome } = await requestToken(house.publicUrl, helper, exchangeGrant, form);
    const told = house.records.filter(({ action }) => action === 'identity.conditionalAccess');
    return [outcome, ...told.map(({ result, user }) => `${result} ${user.split('#')[1]}`)];
  };
  assert.deepEqual(await exchangedWhere('203.0.113.0/24'), ['invalid_request', 'denied dana']);
  // Control: the same exchange from the office.
  assert.deepEqual(await exchangedWhere('127.0.0.0/8'), ['tokens']);
});

test('an address is the same one, however it is written', async () => {
  const from = await accessOf(blocking({ includeLocations: ['Office'] }));
  const ways = [
    '203.0.113.7',
    '::ffff:203.0.113.7',
    '::FFFF:203.0.113.7',
    '::ffff:cb00:7107',
    '0:0:0:0:0:ffff:cb00:7107',
    '::ffff:cb00:7107%eth0',
    '2001:db8:5::1',
    '2001:0DB8:0005:0:0:0:0:1',
    '2001:db8:5::1%2',
  ];
  for (const way of ways) assert.equal(from(way), 'block', way);
  for (const way of ['203.0.112.7', '::ffff:203.0.112.7', '2001:db8:6::1']) assert.equal(from(way), 'allow', way);
  assert.equal(from(''), 'block', 'where nobody knows, a policy for a place holds');
  // The other way round nobody comes into the office by writing what is no address.
  const outside = await accessOf(outsideTheOffice);
  for (const way of [
    '',
    '203.0.113.7, 198.51.100.1',
    '203.0.113.7.',
    '203.0.113.07',
    '3405803783',
    'localhost',
    '::203.0.113.7',
    '64:ff9b::203.0.113.7',
  ])
    assert.equal(outside(way), 'block', way);
  assert.equal(outside('::ffff:203.0.113.7'), 'allow');
  assert.equal((await accessOf(outsideTheOffice, ['::ffff:203.0.113.0/120']))('203.0.113.7'), 'allow');

  // Control: a check that reads an address as it is written takes the wrapped one for another.
  const list = new BlockList();
  list.addSubnet('203.0.113.0', 24, 'ipv4');
  const asWritten = (address: string): boolean => isIP(address) === 4 && list.check(address);
  assert.equal(asWritten('203.0.113.7'), true);
  assert.equal(asWritten('::ffff:203.0.113.7'), false);
});

test('a group is the same one, however it is written; only an exception wants it to the letter', async () => {
  const tricks = [
    'Azure-MCP-Admins',
    ' azure-mcp-admins',
    'azure-mcp-admins\t',
    'azure\u200b-mcp-admins',
    'azure-mcp-admins\u0000',
    'ａｚｕｒｅ-mcp-admins',
  ];
  const asked = await accessOf(seed);
  assert.equal(asked('198.51.100.1'), 'require');
  for (const group of tricks) assert.equal(asked('198.51.100.1', [group]), 'require', JSON.stringify(group));
  const spared = await accessOf(blocking({}, { includeUsers: ['All'], excludeGroups: ['azure-mcp-admins'] }));
  assert.equal(spared('198.51.100.1'), 'allow');
  for (const group of tricks) assert.equal(spared('198.51.100.1', [group]), 'block', JSON.stringify(group));
  // Control: compared to the letter, each of them gets past the policy.
  for (const group of tricks) assert.equal([group].includes('azure-mcp-admins'), false);
});
