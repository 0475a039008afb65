// Lists of the Azure CLI: what is taken from them, and what is refused rather than left out.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GenkanError } from '../../base/errors.ts';
import { NotAzures } from './identity-rights.ts';
import { readLists } from './listed-rights.ts';

const [s1, s2] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const one = `/subscriptions/${s1}`;
const identity = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const vm = 'Microsoft.Compute/virtualMachines';

describe('lists that somebody hands over', () => {
  const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
  const custom = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
  const item = (more: object = {}) => ({
    id: `${one}/providers/Microsoft.Authorization/roleAssignments/${custom}`,
    principalId: identity,
    principalName: 'x',
    principalType: 'ServicePrincipal',
    roleDefinitionId: `${one}/providers/Microsoft.Authorization/roleDefinitions/${reader}`,
    roleDefinitionName: 'Reader',
    scope: one,
    condition: null,
    ...more,
  });
  const read = (assignments: unknown[], more: object = {}) => readLists({ assignments, definitions: [], ...more });

  test('need no definition of a role that ships, and take others as the Azure CLI writes them', () => {
    const { identity: whose, subscriptions, roles, isWhole } = read([item()]);
    assert.deepEqual([whose, subscriptions, isWhole], [identity, [s1], false]);
    assert.equal(roles.get(reader)!.grants(`${vm}/read`, false), true);
    const definition = { name: custom, roleName: 'Own', permissions: [{ actions: [`${vm}/delete`], notActions: [] }] };
    const own = item({ roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${custom}` });
    const { roles: more } = read([own], { definitions: [definition] });
    assert.equal(more.get(custom)!.grants(`${vm}/delete`, false), true);
    // What Azure says today counts more than what shipped.
    const { roles: newer } = read([item()], { definitions: [{ ...definition, name: reader.toUpperCase() }] });
    assert.equal(newer.get(reader)!.grants(`${vm}/read`, false), false);
  });

  test('are refused with the name of a role that nobody knows', () => {
    const unknown = item({
      roleDefinitionId: `/x/roleDefinitions/${custom}`,
      roleDefinitionName: 'Storage\u001b[2J Blob Data Reader',
    });
    assert.throws(
      () => read([unknown]),
      (error) =>
        error instanceof GenkanError &&
        error.code === 'access_drift_role_unknown' &&
        /Blob Data Reader/.test(error.message) &&
        !error.message.includes('\u001b'),
    );
  });

  test('are listed by one line with every role that is needed, so that none is lost once it is known', () => {
    const others = [custom, custom.replaceAll('c', 'd')];
    const assignments = [item(), ...others.map((each) => item({ roleDefinitionId: `/x/roleDefinitions/${each}` }))];
    const definitions = [{ name: custom, roleName: 'Own', permissions: [{ actions: [] }] }];
    assert.throws(
      () => read(assignments, { definitions }),
      (error) => {
        const { roles, lines } = (error as GenkanError).params as Record<string, string>;
        assert.ok(!roles!.includes(custom) && !lines!.includes(reader));
        for (const each of others) assert.ok(lines!.includes(`name=='${each}'`), lines);
        return lines!.includes(`--assignee ${identity} `);
      },
    );
  });

  test('bring no name that makes lines of its own, and no id that is none of an assignment', () => {
    const definition = { name: custom, roleName: 'a\naz group delete --name prod', permissions: [{ actions: [] }] };
    assert.ok(
      !read([item()], { definitions: [definition] })
        .roles.get(custom)!
        .name.includes('\n'),
    );
    const { unreadable } = read([item(), item({ scope: 'a\nb' })]);
    assert.deepEqual(unreadable, ['a b']);
    assert.throws(
      () => read([item({ id: `${one}/resourceGroups/prod` })]),
      /item 1 of the role assignments is none: id/,
    );
  });

  test('are refused where they are those of several, of another, of another subscription, or no lists', () => {
    const other = 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
    for (const [assignments, more, pattern] of [
      [[item(), item({ principalId: other })], {}, /2 identities/],
      [[item()], { identity: other }, /not of b/],
      [[item()], { subscriptions: [s2] }, /none of the subscriptions/],
      [[], {}, /name no subscription/],
      [[item({ scope: 7 })], {}, /item 1 of the role assignments is none: scope/],
      [[item({ principalId: 'x' })], {}, /principalId/],
      [
        [item()],
        { definitions: [{ name: custom, roleName: 'x', permissions: [{ actions: ['Mіcrosoft/*'] }] }] },
        /definitions/,
      ],
    ] as const)
      assert.throws(
        () => read([...assignments], more),
        (error) => error instanceof NotAzures && pattern.test(error.message),
      );
  });

  test('may hold groups of the identity, and scopes that are none are told of', () => {
    const groups = ['Group', 'ForeignGroup'].map((principalType) => item({ principalId: custom, principalType }));
    const { assignments } = read([item(), ...groups]);
    assert.deepEqual(
      assignments.map(({ principal }) => principal.isGroup),
      [false, true, true],
    );
    assert.deepEqual(read([item(), item({ scope: '/servers/azure' })]).unreadable, ['/servers/azure']);
    assert.deepEqual(read([item(), item({ scope: `${one}/resourceGroups/a b` })]).unreadable, [
      `${one}/resourceGroups/a b`,
    ]);
  });
});
