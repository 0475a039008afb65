// Tests of rights that are asked about without a call: conditions on a call cannot be told there, whatever they say of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../base/principal.ts';
import { bind } from './assignment.ts';
import { createBuiltInRoles } from './built-in-roles.ts';
import { createDecider } from './decider.ts';
import { bindDeny } from './deny/deny-assignment.ts';

const dana: Principal = { id: 'dana', kind: 'user', name: 'dana', groups: ['team'] };
const roles = new Map(createBuiltInRoles().map((role) => [role.name, role]));
const held = (condition: string, role = 'Genkan Operator') =>
  bind(
    {
      id: 'a',
      principal: { kind: 'user', id: 'dana' },
      role,
      scope: '/',
      source: 'configuration',
      condition,
    },
    roles,
  );
const always = "ActionMatches{'*'}";
const denial = (condition: string) =>
  bindDeny({
    id: 'd',
    name: 'd',
    principals: 'everyone',
    excludePrincipals: [],
    permissions: [{ actions: ['*'], notActions: [], dataActions: [], notDataActions: [] }],
    scope: '/',
    doNotApplyToChildScopes: false,
    source: 'configuration',
    condition,
  });
const mayAssign = (grant: string, deny?: string, principal = dana): boolean =>
  createDecider([held(grant)], new Map(), { denials: deny === undefined ? [] : [denial(deny)] }).allows(
    principal,
    'genkan/role/assign',
    '/',
  );

const ofCalls = [
  "@Request[genkan:server] StringEquals ''",
  "@Request[genkan:server] StringNotEquals 'files'",
  "@Request[genkan:tool] StringNotLike 'drop*'",
  '@Request[genkan:arguments/force] BoolEquals false',
  "@Request[genkan:location] StringEquals 'japaneast'",
  'Exists @Request[genkan:tool]',
  'NOT Exists @Request[genkan:server]',
  'NOT Exists @Request[genkan:arguments/force]',
  'NOT Exists @Request[genkan:tags/env]',
  'NOT Exists @Environment[genkan:sourceIP]',
  "@Environment[genkan:sourceIP] IpNotMatch '10.0.0.0/8'",
];

test('a right on a condition that looks at a call is not held without one, whichever way the condition is put', () => {
  for (const condition of ofCalls) {
    assert.equal(mayAssign(condition), false, condition);
    assert.equal(mayAssign(`NOT (${condition})`), false, `NOT ${condition}`);
    assert.equal(mayAssign(condition, undefined, { ...dana, disputedGroups: { both: [], either: ['team'] } }), false);
    assert.equal(mayAssign(`${condition} OR ${always}`), true, 'what holds in either case holds');
  }
});

test('what is denied on such a condition is denied without a call', () => {
  for (const condition of ofCalls) {
    assert.equal(mayAssign(always, condition), false, condition);
    assert.equal(mayAssign(always, `NOT (${condition})`), false, `NOT ${condition}`);
    assert.equal(mayAssign(always, `${condition} AND NOT ${always}`), true);
  }
});

test('conditions on who asks, when and where are told without a call', () => {
  for (const condition of [
    "@Principal[genkan:groups] ForAnyOfAnyValues:StringEquals {'team'}",
    "@Environment[UtcNow] DateTimeGreaterThan '2020-01-01T00:00:00Z'",
    "@Resource[genkan:scope] StringEquals '/'",
  ]) {
    assert.equal(mayAssign(condition), true, condition);
    assert.equal(mayAssign(`NOT ${condition}`), false, condition);
  }
});

test('a call of a tool without a name is a call all the same', () => {
  for (const condition of ['NOT Exists @Request[genkan:arguments/force]', "@Request[genkan:tool] StringEquals ''"]) {
    const { decide } = createDecider([held(condition, 'MCP User')], new Map());
    assert.equal(decide(dana, { server: 'files', primitive: 'tools', name: '', arguments: {} }).outcome, 'allow');
  }
});
