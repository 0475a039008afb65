// What calls of servers without a map of their own need: by rows, by names, by annotations, and without any of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind } from '../assignment.ts';
import { malformed } from '../conditions/condition.ts';
import { createActionMaps } from '../configured-maps.ts';
import { createDecider } from '../decider.ts';
import type { Decider } from '../decider.ts';
import { collectRoles } from '../roles.ts';
import type { ActionMap, Needs } from '../action-map.ts';
import type { AccessRequest } from '../decision.ts';
import { accessSettings } from '../settings.ts';

const guid = '00000000-0000-0000-0000-000000000001';
const mapOf = (written: object): ActionMap =>
  createActionMaps(accessSettings.parse({ maps: { github: { map: 'patterns', ...written } } }).maps, { sub: guid }).get(
    'github',
  )!;

type Args = Readonly<Record<string, unknown>>;
const need = (map: ActionMap, tool: string, args: Args = {}, hints?: AccessRequest['hints']): Needs => {
  const needs = map.requirements(tool, args, hints);
  if ('outcome' in needs) assert.fail(`${tool} was refused: ${needs.code}`);
  return needs;
};
const actions = (...asked: Parameters<typeof need>): string[] =>
  need(...asked).requirements.map(({ action }) => action.replace('mcp/servers/github/', ''));
const code = (map: ActionMap, tool: string, args: Args): string | undefined => {
  const needs = map.requirements(tool, args);
  return 'outcome' in needs ? needs.code : undefined;
};

test('a tool without a row needs to be granted by its own name, whatever it and its server say', () => {
  const map = mapOf({});
  for (const tool of ['list_issues', 'delete_repo', 'x'])
    assert.deepEqual(need(map, tool, {}, { readOnly: true }).requirements, [
      {
        action: `mcp/servers/github/tools/${tool}/call`,
        data: false,
        scope: `/servers/github/tools/${tool}`,
      },
    ]);
});

test('where names are trusted, they say what is needed; a claim counts only against its tool', () => {
  const map = mapOf({ trustNames: true });
  assert.deepEqual(need(map, 'list_issues'), {
    effect: 'read',
    requirements: [
      { action: 'mcp/servers/github/issue/read', data: false, scope: '/servers/github/tools/list_issues' },
    ],
  });
  assert.deepEqual(actions(map, 'delete_issue', {}, { readOnly: true }), ['issue/delete']);
  assert.deepEqual(actions(map, 'get_issue', {}, { destructive: true }), ['issue/delete']);
  assert.deepEqual(actions(map, 'get_repo', {}, { readOnly: false, destructive: false }), ['repo/write']);
  assert.deepEqual(actions(map, 'query', {}, { readOnly: true }), ['tools/query/call']);
  assert.equal(need(map, 'delete_repo').effect, 'destroy');
});

test('where annotations are trusted, they say it for tools whose names do not', () => {
  const map = mapOf({ trustAnnotations: true });
  assert.deepEqual(actions(map, 'query', {}, { readOnly: true }), ['tools/query/read']);
  assert.deepEqual(actions(map, 'sync', {}, { readOnly: false, destructive: false }), ['tools/sync/write']);
  assert.deepEqual(actions(map, 'wipe', {}, { readOnly: false }), ['tools/wipe/delete']);
  assert.deepEqual(actions(map, 'silent', {}, {}), ['tools/silent/call']);
  const both = mapOf({ trustNames: true, trustAnnotations: true });
  assert.deepEqual(actions(both, 'delete_repo', {}, { readOnly: true }), ['repo/delete']);
  assert.deepEqual(actions(both, 'query', {}, { readOnly: true }), ['tools/query/read']);
});

test('a server that says better of a tool than before is not believed', () => {
  const map = mapOf({ trustAnnotations: true });
  assert.deepEqual(actions(map, 'sync', {}, { readOnly: true }), ['tools/sync/read']);
  assert.deepEqual(actions(map, 'sync', {}, { destructive: true }), ['tools/sync/delete']);
  assert.deepEqual(actions(map, 'sync', {}, { readOnly: true }), ['tools/sync/delete']);
  assert.deepEqual(actions(map, 'sync'), ['tools/sync/delete']);
  assert.equal(map.always('sync', { readOnly: true })?.[0]?.action, 'mcp/servers/github/tools/sync/delete');
});

test('what a server can make us remember has an end, and beyond it nothing mild is believed', () => {
  const map = mapOf({ trustAnnotations: true });
  for (let at = 0; at < 8192; at += 1) map.requirements(`t${at}`, {}, { readOnly: true });
  assert.deepEqual(actions(map, 'one_more', {}, { readOnly: true }), ['tools/one_more/delete']);
  assert.deepEqual(actions(map, 't5', {}, { readOnly: true }), ['tools/t5/read']);
});

const rows = mapOf({
  trustNames: true,
  trustAnnotations: true,
  tools: {
    'list_*': { actions: ['issues/read'] },
    'list_secret_*': { actions: ['secrets/read', 'mcp/servers/github/audit/write'], effect: 'destroy' },
    list_all: { actions: ['everything/delete'] },
    make_disk: {
      actions: ['Microsoft.Compute/disks/write', 'disks/write'],
      dataActions: ['Microsoft.Compute/disks/upload/action'],
      scope:
        '/subscriptions/{arguments.sub}/resourceGroups/{arguments.group}/providers/Microsoft.Compute/disks/{arguments.name}',
      attributes: {
        location: 'region',
        sku: 'size',
        tags: 'labels',
        publicIp: 'open',
        sourcePrefix: 'from',
        count: 'n',
      },
    },
    in_group: {
      actions: ['Microsoft.Compute/disks/read'],
      scope: '/subscriptions/{sub}/resourceGroups/{arguments.group}',
    },
    anywhere: { actions: ['Microsoft.Compute/disks/read'] },
  },
});

test('a row goes before names and claims, a name before a pattern, a longer pattern before a shorter one', () => {
  assert.deepEqual(actions(rows, 'list_issues'), ['issues/read']);
  assert.deepEqual(actions(rows, 'list_secret_keys', {}, { readOnly: true }), ['secrets/read', 'audit/write']);
  assert.equal(need(rows, 'list_secret_keys').effect, 'destroy');
  assert.deepEqual(actions(rows, 'list_all'), ['everything/delete']);
  assert.equal(need(rows, 'list_all').effect, 'destroy');
  assert.equal(need(rows, 'list_issues', {}, { destructive: true }).effect, 'read');
  assert.deepEqual(actions(rows, 'list_*'), ['issues/read']);
});

test('operations of Azure are needed where the arguments say, our own at the tool', () => {
  const disk = { sub: guid, group: 'dev-web', name: 'd1' };
  const place = `/subscriptions/${guid}/resourceGroups/dev-web`;
  const scopes = (args: Args): string[] => need(rows, 'make_disk', args).requirements.map(({ scope }) => scope);
  const own = '/servers/github/tools/make_disk';
  const whole = `${place}/providers/Microsoft.Compute/disks/d1`;
  assert.deepEqual(scopes(disk), [whole, own, whole]);
  assert.deepEqual(
    need(rows, 'make_disk', disk).requirements.map(({ data }) => data),
    [false, false, true],
  );
  assert.deepEqual(scopes({ ...disk, name: undefined }), [place, own, place]);
  assert.deepEqual(scopes({ ...disk, group: null }), [`/subscriptions/${guid}`, own, `/subscriptions/${guid}`]);
  assert.deepEqual(scopes({ group: 'dev-web', name: 'd1' }), ['/', own, '/']);
  assert.deepEqual(
    need(rows, 'in_group', { group: 'a' }).requirements[0]?.scope,
    `/subscriptions/${guid}/resourceGroups/a`,
  );
  assert.deepEqual(need(rows, 'anywhere').requirements[0]?.scope, '/');
});

test('an argument that is no plain name gives no place, and neither does one that is spelt twice', () => {
  const disk = { sub: guid, group: 'dev-web', name: 'd1' };
  for (const group of [
    '',
    '*',
    'dev-*',
    '..',
    'a/b',
    'a%2fb',
    'a b',
    'a.',
    5,
    true,
    [],
    ['dev-web'],
    {},
    'x'.repeat(300),
  ])
    assert.equal(code(rows, 'make_disk', { ...disk, group }), 'access_argument_unresolved', JSON.stringify(group));
  for (const sub of ['Trial', `{${guid}}`, `${guid}/`, '']) {
    assert.equal(code(rows, 'make_disk', { ...disk, sub }), 'access_argument_unresolved', sub);
    assert.equal(code(rows, 'make_disk', { sub }), 'access_argument_unresolved', sub);
  }
  for (const other of ['Group', 'GROUP', 'gr-oup', 'group_', 'Region', 'si_ze'])
    assert.equal(code(rows, 'make_disk', { ...disk, [other]: 'prod' }), 'access_argument_unresolved', other);
  assert.equal(code(rows, 'make_disk', { ...disk, note: 'anything' }), undefined);
});

test('attributes are read from the arguments that the row names', () => {
  const told = (args: Args): object => rows.attributes!('make_disk', args);
  assert.deepEqual(
    told({ region: 'Japan East', size: 'UltraSSD_LRS', labels: { Env: 'prod' }, open: 'True', from: 'Any', n: '3' }),
    {
      location: 'japaneast',
      sku: 'ultrassd_lrs',
      costClass: 'high',
      tags: ['env=prod'],
      publicIp: true,
      sourcePrefix: '*',
      count: 3,
    },
  );
  assert.deepEqual(told({ labels: ['Env=prod'] }), { tags: ['env=prod'] });
  assert.deepEqual(told({ labels: '{"Env":"prod"}' }), { tags: ['env=prod'] });
  assert.deepEqual(told({ labels: 'Env=prod, team=a b,' }), { tags: ['env=prod', 'team=a b'] });
  assert.deepEqual(told({ region: ['West US'], open: [], size: ' ', n: null, labels: '' }), {
    location: 'westus',
    tags: [],
  });
  assert.deepEqual(told({}), {});
  assert.deepEqual(rows.attributes!('unknown', { region: 'x' }), {});
});

test('a row for every tool, an action with a star and a scope that is none are mistakes of the configuration', () => {
  for (const tools of [
    { '*': { actions: ['a/read'] } },
    { '_*': { actions: ['a/read'] } },
    { x1: { actions: ['a/*'] } },
    { x1: { actions: ['read'] } },
    { x1: { actions: [] } },
    { x1: {} },
  ])
    assert.throws(() => mapOf({ tools }), { name: 'ZodError' }, JSON.stringify(tools));
  for (const scope of [
    'x',
    '/servers/github',
    '/subscriptions/x',
    '/subscriptions/a{arguments.b}',
    `/subscriptions/${guid}/`,
  ])
    assert.throws(
      () => mapOf({ tools: { x1: { actions: ['A.B/c/read'], scope } } }),
      { code: 'access_scope_invalid' },
      scope,
    );
  assert.throws(() => mapOf({ tools: { x1: { actions: ['A.B/c/read'], scope: '/subscriptions/{who}' } } }), {
    code: 'access_variable_unresolved',
  });
});

test('lists are told what can never be narrower', () => {
  assert.equal(rows.always('anywhere')?.[0]?.narrowest, 'root');
  assert.deepEqual(
    rows.always('make_disk')?.map(({ narrowest }) => narrowest),
    [undefined, undefined, undefined],
  );
});

test('no name of a tool and no arguments make it throw', () => {
  for (const tool of ['', '__proto__', 'constructor', 'a/b', '\ud800', '💥', 'x'.repeat(300), '*', 'make_disk'])
    for (const args of [{}, JSON.parse('{"__proto__":1,"constructor":2,"sub":[{}]}') as Args, { sub: { toString: 1 } }])
      assert.ok(rows.requirements(tool, args, { readOnly: true }), tool);
});

test('roles speak of what tools do, and a server is reached by whoever may use some tool that no row names', () => {
  const role = { Name: 'Custom', Actions: ['mcp/servers/github/*/read'], AssignableScopes: ['/'] };
  const roles = collectRoles([role], () => assert.fail('there are no files'), {});
  const dana = { id: 'dana', kind: 'user', name: 'Dana', groups: [] } as const;
  const deciderAt = (scope: string, name = 'Custom'): Decider => {
    const assignment = { id: 'a', principal: { kind: 'user', id: 'dana' }, source: 'configuration' } as const;
    const map = mapOf({ trustNames: true });
    return createDecider([bind({ ...assignment, role: name, scope }, roles)], new Map([['github', map]]));
  };
  const outcome = (decider: Decider, name: string): string =>
    decider.decide(dana, { server: 'github', primitive: 'tools', name, arguments: {} }).outcome;
  const reader = deciderAt('/servers/github');
  assert.equal(reader.reaches(dana, 'github'), true);
  assert.equal(outcome(reader, 'list_issues'), 'allow');
  assert.equal(outcome(reader, 'create_issue'), 'deny');
  assert.equal(outcome(reader, 'query_database'), 'deny');
  assert.equal(reader.visible(dana, { server: 'github', primitive: 'tools', name: 'get_repo' }), true);
  assert.equal(reader.visible(dana, { server: 'github', primitive: 'tools', name: 'delete_repo' }), false);
  assert.equal(outcome(deciderAt('/servers/github/tools/list_issues'), 'list_issues'), 'allow');
  assert.equal(outcome(deciderAt('/servers/github/tools/list_issues'), 'get_repo'), 'deny');
  assert.equal(deciderAt('/servers/other').reaches(dana, 'github'), false);
  assert.equal(deciderAt('/subscriptions/00000000-0000-0000-0000-000000000001').reaches(dana, 'github'), false);
});

test('a value in a form that servers may read in more than one way is malformed, never absent and never another', () => {
  const told = (args: Args): Readonly<Record<string, unknown>> => rows.attributes!('make_disk', args);
  const forms: Readonly<Record<string, readonly [name: string, values: readonly unknown[]]>> = {
    region: [
      'location',
      [['westus', 'japaneast'], ['westus', 1], [['westus']], [null], { name: 'westus' }, 'a,b', 'x'.repeat(10_001)],
    ],
    size: ['sku', [['S1', 'P1'], { name: 'P1' }, 'S1;P1']],
    open: ['publicIp', [{ enabled: true }, 2, 'y', 'maybe', [true], ['true', 'false'], {}]],
    from: ['sourcePrefix', [['10.0.0.0/8', '*'], '10.0.0.0/8,*', '10.0.0.0/8 *', { prefix: '*' }]],
    n: ['count', ['1,000', '500 VMs', { n: 500 }, ['500', '1'], [500], true, 'Infinity']],
    labels: [
      'tags',
      [
        ...[{ env: ['prod'] }, { env: 1 }, { 'env=x': 'prod' }, [{ key: 'env', value: 'prod' }], ['env=prod', 1]],
        ...['env=prod,env=dev', 'Env=dev,env=prod', ['env=prod', 'env=prod'], { env: 'prod', ENV: 'dev' }],
        ...[
          'env: prod',
          'prod',
          'env=dev env=prod',
          'env=dev;env=prod',
          'env=dev\nenv=prod',
          'env="prod"',
          "env='prod'",
        ],
        ...[
          '{"env":"prod","n":1}',
          '{"env":"prod","env":"dev"}',
          '{"env":"prod"',
          '["env=prod"]',
          '[{"env":"prod"}]',
          5,
        ],
      ],
    ],
  };
  for (const [argument, [name, values]] of Object.entries(forms))
    for (const value of values) assert.equal(told({ [argument]: value })[name], malformed, JSON.stringify(value));
  assert.equal(told({ size: ['S1', 'P1'] })['costClass'], malformed);
  for (const [on, values] of [
    [true, [true, 1, 'true', 'TRUE ', '1', 'yes', 'On', 'Enabled', ['true']]],
    [false, [false, 0, 'false', '0', 'No', 'off', 'disabled', ['false']]],
    [undefined, [null, undefined, '', ' ', []]],
  ] as const)
    for (const value of values) assert.equal(told({ open: value })['publicIp'], on, JSON.stringify(value));
});
