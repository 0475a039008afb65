// Elevation by REST and at the command line's door: who sees and does what, the emergency for somebody who cannot sign in, and two processes.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  deleter,
  devGroups,
  devWeb,
  issuer,
  mfa,
  openElevationHouse,
  principalOf,
  until,
} from './support/elevation-house.ts';
import type { ElevationHouse } from './support/elevation-house.ts';
import { post } from './support/mcp-post.ts';
import { openSecondHouse } from './support/second-house.ts';
import { genkan } from './support/trial-process.ts';

let here: ElevationHouse;
before(async () => {
  here = await openElevationHouse({
    breakGlass: {
      eligible: [{ principal: { user: `${issuer}#dana` }, role: deleter, scope: devGroups }],
      reviewers: [{ group: 'security-team-group-id' }],
    },
  });
});
after(() => here[Symbol.asyncDispose]());

const wish = { role: deleter, scope: devWeb, duration: '10m', justification: 'web-1 does not answer' };
const emergency = { role: deleter, scope: devWeb, reason: 'the provider is down, INC-8' };

test('people see their own, approvers what is theirs to decide, administrators everything, and others nothing', async () => {
  const { house, api, order } = here;
  const [dana, omar, sena] = [
    await house.apiToken('dana', mfa),
    await house.apiToken('omar', mfa),
    await house.apiToken('sena', mfa),
  ];
  const { id } = (await api(dana, 'elevation/request', wish)).body.elevation;
  const counts = async (token: string): Promise<number[]> => [
    (await api(token, 'elevation/list')).body.elevations.length,
    (await api(token, 'approval/list')).body.approvals.length,
    (await api(token, 'eligibility/list')).body.eligible.length,
  ];
  assert.deepEqual(await counts(dana), [1, 1, 2]);
  assert.deepEqual(await counts(omar), [0, 0, 0]);
  assert.deepEqual(await counts(sena), [0, 1, 0]);
  assert.equal((await order('elevation/list')).body.elevations.length, 1);
  assert.equal((await order('approval/list')).body.approvals.length, 1);
  assert.deepEqual((await api(omar, 'elevation/list', { user: 'dana@example.com' })).body.elevations, []);
  for (const operation of ['approval/show', 'approval/withdraw', 'elevation/show', 'elevation/end'])
    assert.match((await api(omar, operation, { id })).code, /_unknown$/, operation);
  assert.equal((await api(omar, 'approval/approve', { id })).code, 'access_approval_not_approver');
  assert.equal((await api(await house.apiToken('sena'), 'approval/approve', { id })).code, 'access_approval_mfa');
  assert.equal((await api(dana, 'elevation/show', { id })).body.elevation.state, 'pending');
  assert.equal((await api(dana, 'approval/withdraw', { id })).body.approval.state, 'withdrawn');
  assert.equal((await api(sena, 'approval/approve', { id })).code, 'access_approval_over');
  assert.equal((await api(dana, 'elevation/show', { id })).body.elevation.state, 'withdrawn');
});

test('what is refused says how to go on', async () => {
  const { house, api } = here;
  const weak = await api(await house.apiToken('dana'), 'elevation/request', wish);
  assert.deepEqual([weak.status, weak.code], [403, 'access_elevation_mfa']);
  assert.ok(weak.body.detail.includes(weak.body.request) && weak.body.request.startsWith(`${house.url}/elevation?`));
  const long = await api(await house.apiToken('dana', mfa), 'elevation/request', { ...wish, duration: '5h' });
  assert.match(long.body.title, /PT4H/);
});

test('a name that is nobody here approves nothing, and is told of where rules are listed', async () => {
  const { order } = here;
  assert.deepEqual((await order('eligibility/list')).body.unknownApprovers, ['security-manager@example.com']);
});

test('the operator opens an emergency for somebody who cannot sign in, with a token that ends with it', async () => {
  const { house, api, order, deletes, records } = here;
  await house.token('dana', 'azure'); // she has been here before
  const refusedDoor = await api(await house.apiToken('dana', mfa), 'break-glass/open', { ...emergency, token: true });
  assert.equal(refusedDoor.code, 'access_action_missing', 'tokens are for the operator to print');
  assert.equal(
    (await order('break-glass/open', { ...emergency, user: 'nobody@example.com' })).code,
    'operation_not_found',
  );
  await house.apiToken('omar');
  assert.equal(
    (await order('break-glass/open', { ...emergency, user: 'omar@example.com' })).code,
    'access_elevation_not_eligible',
  );

  const opened = await order('break-glass/open', {
    ...emergency,
    user: 'dana@example.com',
    minutes: 5,
    token: true,
    server: 'azure',
  });
  assert.equal(opened.code, '', JSON.stringify(opened.body));
  const { elevation, token, tokenExpiresInSeconds } = opened.body;
  assert.ok(tokenExpiresInSeconds <= 300 && tokenExpiresInSeconds > 250);
  assert.equal((await deletes(token)).error, undefined);
  const { status } = await post(`${house.url}/api/approval/list`, {}, { token });
  assert.equal(status, 401, 'it is for no other door');

  const sena = await house.apiToken('sena', mfa);
  assert.equal(
    (await api(sena, 'break-glass/review', { id: elevation.id, finding: 'too early' })).code,
    'access_break_glass_open',
  );
  assert.equal((await order('elevation/end', { id: elevation.id })).code, '');
  assert.equal((await deletes(token)).result, undefined, 'the token has ended with it');
  const open = (await api(sena, 'break-glass/list', { open: true })).body.emergencies;
  assert.deepEqual(
    open.map((each: { id: string }) => each.id),
    [elevation.id],
  );
  assert.equal(
    (await api(await house.apiToken('dana', mfa), 'break-glass/review', { id: elevation.id, finding: 'I did well' }))
      .code,
    'access_break_glass_reviewer',
  );
  assert.equal(
    (await order('break-glass/review', { id: elevation.id, finding: 'fine' })).code,
    'access_break_glass_reviewer',
  );
  assert.equal((await api(sena, 'break-glass/review', { id: elevation.id, finding: 'as it should be' })).code, '');
  assert.deepEqual((await api(sena, 'break-glass/list', { open: true })).body.emergencies, []);

  const told = (await records()).filter(
    ({ action, result }) => action.startsWith('break-glass.') && result === 'allowed',
  );
  const story = told
    .toSorted((a, b) => a.index - b.index)
    .map(({ action }) => action)
    .filter((action) => action !== 'break-glass.list');
  assert.deepEqual(story, ['break-glass.start', 'break-glass.open', 'break-glass.end', 'break-glass.review']);
  assert.doesNotMatch(JSON.stringify(told), new RegExp(token.slice(-20)), 'the token is nowhere in the record');
});

test('an emergency ends, token and all, when the person is kept out', async () => {
  const { house, order, deletes } = here;
  const { body } = await order('break-glass/open', {
    ...emergency,
    user: 'dana@example.com',
    token: true,
    server: 'azure',
  });
  assert.equal((await deletes(body.token)).error, undefined);
  await order('principal/disable', { user: 'dana@example.com', reason: 'a lost laptop' });
  assert.ok((await deletes(body.token)).result === undefined);
  await until(async () => (await house.house.elevation.all({ active: true })).length === 0);
  await order('principal/enable', { user: 'dana@example.com', reason: 'found' });
  assert.ok((await deletes(body.token)).result === undefined, 'what was ended does not come back');
});

test(
  'approved on one process, it holds on the other within two seconds, and ends there as well',
  { timeout: 60_000 },
  async () => {
    const { house, settings, api, deletes, records } = here;
    await using second = await openSecondHouse(house, settings);
    const [dana, sena] = [await house.apiToken('dana', mfa), await house.apiToken('sena', mfa)];
    const client = await house.token('dana', 'azure');
    assert.ok((await deletes(client, second.url)).error !== undefined);
    const { id } = (await api(dana, 'elevation/request', { ...wish, duration: '4s' }, second.url)).body.elevation;
    assert.equal((await api(sena, 'approval/approve', { id })).code, '');
    const approvedMs = Date.now();
    await until(async () => (await deletes(client, second.url)).error === undefined);
    assert.ok(Date.now() - approvedMs < 2000, `it took ${Date.now() - approvedMs} ms`);
    await until(async () => (await deletes(client, second.url)).error !== undefined);
    const person = await principalOf(here, 'dana');
    await until(async () => (await house.house.elevation.all({ person: person.id, active: true })).length === 0);
    // Each process writes an audit log of its own; whichever was first has told of the end, once.
    await until(async () => (await house.house.elevation.find(id))?.ended !== undefined);
    assert.ok(
      (await records()).filter(({ action, details }) => action === 'elevation.end' && details['elevation'] === id)
        .length <= 1,
    );
  },
);

test('at the command line an emergency prints what was done and the token, once', async () => {
  const { house, deletes } = here;
  const config = path.join(house.dataDirectory, '..', 'genkan.yaml');
  const words = ['--user', 'dana@example.com', '--role', deleter, '--scope', devWeb, '--reason', emergency.reason];
  const opened = await genkan('break-glass', 'open', ...words, '--token', '--server', 'azure', '--config', config);
  assert.equal(opened.exitCode, 0, opened.output);
  assert.match(opened.output, /dana@example\.com holds Virtual Machine Contributor at .* until /);
  const token = opened.output.trim().split('\n').at(-1)!;
  assert.equal((await deletes(token)).error, undefined);
  const listed = await genkan('elevation', 'list', '--active', '--config', config);
  assert.match(
    listed.output,
    /break-glass.*genkan\nenforced by genkan: Genkan's own elevation; Azure itself knows nothing of it\./,
  );
});

test('an administrator makes somebody eligible while running, and what is held by it ends when that is taken back', async () => {
  const { house, api, order, deletes } = here;
  const [omar, client] = [await house.apiToken('omar', mfa), await house.token('omar', 'azure')];
  const access = { role: 'MCP User', scope: '/servers/azure', user: 'omar@example.com' };
  assert.equal((await order('role/assign', access)).code, '');
  assert.equal((await deletes(client)).error?.data?.['elevation'], undefined);
  assert.equal(
    (await api(omar, 'eligibility/add', { ...access, role: deleter, scope: devWeb })).code,
    'access_action_missing',
  );
  const later = { until: '2020-01-01T00:00:00Z', from: '2021-01-01T00:00:00Z' };
  for (const [more, code] of [
    [{ role: 'Nobody' }, 'access_role_unknown'],
    [{ scope: 'files' }, 'access_scope_invalid'],
    [later, 'access_times_invalid'],
    [{ group: 'makers' }, 'operation_input_invalid'],
  ] as const)
    assert.equal(
      (await order('eligibility/add', { role: deleter, scope: devWeb, user: 'omar@example.com', ...more })).code,
      code,
    );
  const added = await order('eligibility/add', { role: deleter, scope: devWeb, user: 'omar@example.com' });
  assert.equal(added.body.change?.state, 'done', JSON.stringify(added.body));
  assert.equal((await api(omar, 'eligibility/list')).body.eligible[0].source, 'database');
  const [hint] = (await deletes(client)).error!.data!['elevation'] as { role: string }[];
  assert.equal(hint!.role, deleter);

  const { id } = (await api(omar, 'elevation/request', wish)).body.elevation;
  const sena = await house.apiToken('sena', mfa);
  assert.equal((await api(sena, 'approval/approve', { id })).code, '');
  assert.equal((await deletes(client)).error, undefined);
  const removed = await order('eligibility/remove', { id: added.body.eligibility.id });
  assert.equal(removed.body.change?.state, 'done', JSON.stringify(removed.body));
  assert.equal((await deletes(client)).error?.data?.['reason'], 'access_action_missing');
  assert.equal((await api(omar, 'elevation/show', { id })).body.elevation.endReason, 'eligibility');
  assert.equal((await order('eligibility/remove', { id: added.body.eligibility.id })).code, 'operation_not_found');
});

test('with a server that is removed ends what is held there, and what waits for an approval there is withdrawn', async () => {
  const { house, api, order } = here;
  const omar = await house.apiToken('omar', mfa);
  const spare = { role: 'MCP User', scope: '/servers/spare' };
  assert.equal((await order('server/add', { name: 'spare', url: 'http://127.0.0.1:9/mcp' })).code, '');
  assert.equal((await order('eligibility/add', { ...spare, user: 'omar@example.com' })).code, '');
  const why = { justification: wish.justification };
  const { id } = (await api(omar, 'elevation/request', { ...spare, ...why })).body.elevation;
  const below = { ...spare, scope: '/servers/spare/tools/read' };
  const waiting = (await api(omar, 'elevation/request', { ...below, ...why })).body.elevation;
  assert.equal((await api(await house.apiToken('sena', mfa), 'approval/approve', { id })).code, '');
  assert.equal((await api(omar, 'elevation/show', { id })).body.elevation.state, 'active');

  assert.equal((await order('server/remove', { name: 'spare' })).code, '');
  assert.equal((await api(omar, 'elevation/show', { id })).body.elevation.state, 'ended');
  assert.equal((await api(omar, 'elevation/show', { id: waiting.id })).body.elevation.state, 'withdrawn');
  assert.equal((await api(omar, 'elevation/request', { ...spare, ...why })).code, 'access_elevation_not_eligible');
});

test('nobody requests a role at the name of a server that is gone, be they eligible for all servers', async () => {
  const { house, api, order } = here;
  const omar = await house.apiToken('omar', mfa);
  const why = { justification: wish.justification };
  const wide = { role: 'MCP User', scope: '/servers' };
  assert.equal((await order('server/add', { name: 'passing', url: 'http://127.0.0.1:9/mcp' })).code, '');
  assert.equal((await order('eligibility/add', { ...wide, user: 'omar@example.com' })).code, '');
  const there = { ...wide, scope: '/servers/passing/tools/read', ...why };
  const asked = await api(omar, 'elevation/request', there);
  assert.equal(asked.code, '');
  await api(omar, 'approval/withdraw', { id: asked.body.elevation.id });
  assert.equal((await order('server/remove', { name: 'passing' })).code, '');
  for (const scope of [there.scope, '/servers/passing'])
    assert.equal((await api(omar, 'elevation/request', { ...there, scope })).code, 'access_elevation_not_eligible');
  const all = await api(omar, 'elevation/request', { ...wide, ...why });
  assert.equal(all.code, '');
});
