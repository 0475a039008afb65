// The built-in server `graph`: each caller learns what the directory knows of themselves, in their own name.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createBrowser } from './support/browser.ts';
import { claimsOf, idOf, openCallerHouse, textIn } from './support/caller-house.ts';
import type { CallerHouse } from './support/caller-house.ts';

let house: CallerHouse;
before(async () => {
  house = await openCallerHouse(() => ({
    graph: { builtin: 'graph' },
    brief: { builtin: 'graph', fields: ['displayName', 'businessPhones'], timeoutSeconds: 3 },
  }));
});
after(() => house[Symbol.asyncDispose]());

const requestsAtGraph = () => house.graph.requests.filter(({ path }) => path.startsWith('/v1.0/me'));
const bearers = () =>
  requestsAtGraph().map(({ headers }) => claimsOf(String(headers['authorization']).replace('Bearer ', '')));

test('two people get each their own profile, asked for in their own name', async () => {
  const { dana, omar } = house;
  const [hers, his] = [await house.signIn(dana, 'graph'), await house.signIn(omar, 'graph')];
  const answers = await Promise.all([
    house.call(hers, 'graph', 'getUserDetails'),
    house.call(his, 'graph', 'GetUserDetailsFromGraph'),
  ]);
  const profiles = answers.map(({ message }) => message.result!['structuredContent'] as Record<string, unknown>);
  assert.deepEqual(
    profiles.map(({ id, displayName, jobTitle }) => [id, displayName, jobTitle]),
    [
      [dana.oid, 'Dana Sato', 'Engineer'],
      [omar.oid, 'Omar Haddad', 'Operator'],
    ],
  );
  assert.deepEqual(
    bearers()
      .map(({ oid }) => oid)
      .toSorted(),
    [dana.oid, omar.oid].toSorted(),
  );
  assert.ok(bearers().every(({ appid, scp }) => appid === house.app.clientId && scp === 'User.Read'));
  const [record] = await house.house.house.audit.list({ limit: 1, action: 'tools/call', user: idOf(omar) });
  assert.equal(record!.details!['actsAs'], 'caller');
  assert.ok(house.house.house.catalogue.list().every(({ actsAs, kind }) => actsAs === 'caller' && kind === 'builtin'));
});

test('official clients of both generations list and call it', async () => {
  const token = await house.signIn(house.dana, 'graph');
  for (const mode of ['legacy', { pin: '2026-07-28' }] as const) {
    const client = new Client({ name: 'assistant', version: '1' }, { versionNegotiation: { mode } });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${house.house.url}/mcp/graph`), { requestInit }));
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['getUserDetails', 'GetUserDetailsFromGraph'],
    );
    assert.ok(tools.every(({ annotations }) => annotations?.readOnlyHint === true));
    const { structuredContent } = await client.callTool({ name: 'getUserDetails', arguments: {} });
    assert.equal((structuredContent as { id: string }).id, house.dana.oid);
    await client.close();
  }
});

test('a second question within the minute is answered without asking Graph', async () => {
  const token = await house.signIn(house.dana, 'graph');
  await house.call(token, 'graph', 'getUserDetails');
  const before = requestsAtGraph().length;
  await house.call(token, 'graph', 'getUserDetails');
  assert.equal(requestsAtGraph().length, before);
});

test('only the configured fields are asked for and told', async () => {
  const token = await house.signIn(house.omar, 'brief');
  const { message } = await house.call(token, 'brief', 'getUserDetails');
  assert.deepEqual(Object.keys(message.result!['structuredContent'] as object), ['displayName', 'businessPhones']);
  assert.match(requestsAtGraph().at(-1)!.path, /\$select=id,displayName,businessPhones$/);
});

test('a pause that Graph asks for is made, and the answer comes all the same', async () => {
  const token = await house.signIn(house.dana, 'brief');
  house.graph.throttle(1, 1);
  const began = performance.now();
  const { message } = await house.call(token, 'brief', 'getUserDetails');
  assert.equal((message.result!['structuredContent'] as { displayName: string }).displayName, 'Dana Sato');
  assert.ok(performance.now() - began >= 990, 'not before the time');
});

test('a pause beyond what the call may take is passed on, and Graph is left alone meanwhile', async () => {
  await using other = await openCallerHouse(() => ({ graph: { builtin: 'graph', timeoutSeconds: 3 } }));
  const token = await other.signIn(other.dana, 'graph');
  other.graph.throttle(10, 17);
  const { message } = await other.call(token, 'graph', 'getUserDetails');
  assert.equal(message.error?.data?.['reason'], 'upstream_busy');
  assert.equal(message.error?.data?.['retryAfterSeconds'], 17);
  const before = other.graph.requests.length;
  const again = await other.call(token, 'graph', 'getUserDetails');
  assert.equal(again.message.error?.data?.['reason'], 'upstream_busy');
  assert.equal(other.graph.requests.length, before);
});

test('what Graph demands of the sign-in is brought by the sign-in that the person is shown', async () => {
  await using other = await openCallerHouse(() => ({ graph: { builtin: 'graph' } }));
  const { dana } = other;
  const browser = createBrowser();
  const token = await other.signIn(dana, 'graph', browser);
  other.graph.demand('c1');
  const asked = await other.call(token, 'graph', 'getUserDetails', { capabilities: { elicitation: { url: {} } } });
  assert.equal(asked.message.result?.['resultType'], 'input_required', asked.body);
  const [question] = Object.values(
    asked.message.result!['inputRequests'] as Record<string, { params: { url: string } }>,
  );
  const arrival = await other.openAddress(dana, question!.params.url, browser);
  assert.match(arrival.url.href, /\/connect\/callback\/graph\?connected/, arrival.page);
  const went = other.entra.requests.findLast(({ path }) => path.endsWith('/authorize'))!;
  assert.match(String(went.params.get('claims')), /"acrs".*"c1"/);
  const answer = await other.call(token, 'graph', 'getUserDetails');
  assert.match(textIn(answer), /Dana Sato/, answer.body);
});

test('whose sessions were revoked signs in again by the same way', async () => {
  await using other = await openCallerHouse(() => ({ graph: { builtin: 'graph' } }));
  const { dana } = other;
  const token = await other.signIn(dana, 'graph');
  other.entra.revokeSessions(dana.oid);
  const refused = await other.call(token, 'graph', 'getUserDetails');
  const url = refused.message.error?.data?.['url'];
  assert.equal(typeof url, 'string', refused.body);
  const arrival = await other.openAddress(dana, `${String(url)}&returned=1`); // nobody says of themselves that they have
  assert.match(arrival.url.href, /connected/, arrival.page);
  assert.match(textIn(await other.call(token, 'graph', 'getUserDetails')), /Dana Sato/);
});
