// Attack: somebody asks the server `graph` for the details of another person, or gets them because answers are kept or mixed up.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { createProfile } from '../../src/upstream/graph/profile.ts';
import type { Profile } from '../../src/upstream/graph/profile.ts';
import { idOf, openCallerHouse, textIn } from '../support/caller-house.ts';
import { graphAppId } from '../support/entra/directory.ts';

test('no argument, name or parameter leads to another person', async () => {
  await using house = await openCallerHouse(() => ({ graph: { builtin: 'graph' } }));
  const { dana, omar } = house;
  const [hers, his] = [await house.signIn(dana, 'graph'), await house.signIn(omar, 'graph')];
  assert.match(textIn(await house.call(his, 'graph', 'getUserDetails')), /Omar Haddad/, 'control: his own he gets');
  const wishes = [
    { id: omar.oid },
    { user: omar.oid },
    { userPrincipalName: omar.upn },
    { $select: '*' },
    { person: idOf(omar) },
  ];
  for (const args of wishes)
    assert.doesNotMatch(
      (await house.call(hers, 'graph', 'getUserDetails', { args })).body,
      /Omar/,
      JSON.stringify(args),
    );
  for (const tool of [`getUserDetails/${omar.oid}`, `../users/${omar.oid}`, 'getUserDetails?id=x'])
    assert.doesNotMatch((await house.call(hers, 'graph', tool)).body, /Omar/, tool);
  const params = { _meta: { person: idOf(omar) }, person: idOf(omar) };
  assert.doesNotMatch((await house.call(hers, 'graph', 'getUserDetails', { params })).body, /Omar/);
  assert.match(textIn(await house.call(hers, 'graph', 'getUserDetails')), /Dana Sato/);
  assert.ok(house.graph.requests.every(({ path }) => path.startsWith('/v1.0/me?$select=')));
});

test('control: a tool that asks with rights of its own, for whomever its arguments name, shows her Omar', async () => {
  await using house = await openCallerHouse(() => ({ graph: { builtin: 'graph' } }));
  const { entra, graph, app, omar } = house;
  app.permissions[graphAppId] = ['User.Read.All'];
  const form = { grant_type: 'client_credentials', client_id: app.clientId, scope: `${graph.url}/.default` };
  const body = new URLSearchParams({ ...form, client_secret: [...app.secrets.values()][0]! });
  const issued = await fetch(`${entra.authority}/oauth2/v2.0/token`, { method: 'POST', body });
  const { access_token: token } = (await issued.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const shown = (id: string) => fetch(`${graph.url}/v1.0/users/${id}`, { headers }).then((answer) => answer.text());
  assert.match(await shown(omar.oid), /Omar Haddad/);
  assert.match(await shown(omar.upn), /Omar Haddad/);
});

const [dana, omar] = ['00000000-0000-4000-8000-00000000000d', '00000000-0000-4000-8000-000000000007'];
const tenant = '00000000-0000-4000-8000-0000000000aa';

/** A Graph that answers everybody with Omar, as one behind a cache that knows nothing of tokens would. */
const omarForAll = (): Promise<Response> => Promise.resolve(Response.json({ id: omar, displayName: 'Omar Haddad' }));
const profileOf = (oid: string, graphUrl = 'https://graph.invalid', answer: typeof fetch = omarForAll): Profile =>
  createProfile(
    {
      server: 'graph',
      person: `${oid}@${tenant}`,
      graphUrl,
      fields: ['displayName'],
      deadlineMs: 1000,
    },
    {
      credential: { header: () => Promise.resolve('Bearer x'), refused: () => Promise.reject(new Error('refused')) },
      fetch: answer,
      clock: systemClock,
      random: Math.random,
      wait: () => Promise.resolve(),
    },
  );

test('an answer of Graph that is about somebody else is shown to nobody', async () => {
  assert.deepEqual(await profileOf(omar).read(), { displayName: 'Omar Haddad' }, 'control: to himself it is shown');
  await assert.rejects(profileOf(dana).read(), { code: 'upstream_answer_invalid' });
});

test('whoever redirects on the way gets no request with the token', async () => {
  const led: (string | undefined)[] = [];
  const graph = createServer(({ url, headers }, response) => {
    if (url!.startsWith('/v1.0/me')) return void response.writeHead(307, { location: '/elsewhere' }).end();
    led.push(headers.authorization);
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: dana, displayName: 'Mallory' }));
  });
  after(() => (graph.close(), graph.closeAllConnections()));
  await once(graph.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(graph.address() as AddressInfo).port}`;
  await assert.rejects(profileOf(dana, url, fetch).read());
  assert.deepEqual(led, []);
  const followed: typeof fetch = (input, options) => fetch(input, { ...options, redirect: 'follow' });
  assert.deepEqual(
    await profileOf(dana, url, followed).read(),
    { displayName: 'Mallory' },
    'control: it would be believed',
  );
  assert.deepEqual(led, ['Bearer x'], 'control: and it would have the token');
});
