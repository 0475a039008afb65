// Tests of who reaches a server at all, with roles of every shape and the real Azure map.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Principal } from '../base/principal.ts';
import { bind } from './assignment.ts';
import { createAzureMap } from './azure/azure-map.ts';
import { createDecider } from './decider.ts';
import { collectRoles } from './roles.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';
const seed = path.join(import.meta.dirname, '../../test/golden/access/custom-role.json');
const own = (Name: string, Actions: string[], NotActions: string[] = []) => ({
  Name,
  Actions,
  NotActions,
  AssignableScopes: ['/'],
});
const roles = collectRoles(
  [
    seed,
    own('One Tool', ['mcp/servers/files/tools/read_file/call']),
    own('One Name', ['mcp/servers/*/tools/gr%C3%B6%C3%9Fe/call']),
    own('Any Prompt', ['mcp/servers/*/prompts/*/get']),
    own('Any Resource', ['*/resources/read']),
    own('No Calls', ['mcp/servers/*'], ['*/call']),
    own('Emptied', ['mcp/servers/*'], ['mcp/*']),
    own('Emptied For Files', ['*'], ['mcp/servers/files/*']),
    own('Emptied Line', ['mcp/servers/files/tools/read_file/call'], ['*/read_*']),
    own('One Azure Tool', ['Microsoft.Compute/disks/read']),
    { Name: 'Data Only', DataActions: ['*'], AssignableScopes: ['/'] },
  ],
  (file) => readFileSync(file, 'utf8'),
  { 'subscription-id': subscription.slice(15) },
);
const azure = createAzureMap({ server: 'azure', subscriptions: {}, fixedArguments: {} });
const dana: Principal = { id: 'dana', kind: 'user', name: 'dana', groups: ['dev-team'] };
const omar: Principal = { id: 'omar', kind: 'user', name: 'omar', groups: ['everybody'] };

type Line = readonly [role: string, scope: string];

function reaching(...lines: readonly Line[]) {
  const principal = { kind: 'group', id: 'dev-team' } as const;
  const grants = lines.map(([role, scope], at) =>
    bind({ id: `a${at}`, principal, role, scope, source: 'configuration' }, roles),
  );
  return createDecider(grants, new Map([['azure', azure]]));
}

test('a server without a map is reached where scope and role leave some tool, prompt or resource', () => {
  const cases: readonly (readonly [...Line, expected: boolean])[] = [
    ['MCP User', '/', true],
    ['MCP User', '/servers', true],
    ['MCP User', '/servers/files', true],
    ['MCP User', '/servers/f*', true],
    ['MCP User', '/servers/files/tools/read_*', true],
    ['MCP User', '/servers/files/resources', true],
    ['MCP User', '/servers/files/resources/a', false],
    ['MCP User', '/servers/filesystem', false],
    ['MCP User', '/servers/azure', false],
    ['MCP User', subscription, false],
    ['Owner', '/servers/files', true],
    ['Reader', '/', true],
    ['Genkan Operator', '/', false],
    ['One Tool', '/', true],
    ['One Tool', '/servers/files/tools/read_file', true],
    ['One Tool', '/servers/files/tools/read_*', true],
    ['One Tool', '/servers/files/tools/write_file', false],
    ['One Tool', '/servers/files/prompts', false],
    ['One Name', '/servers/files/tools/größe', true],
    ['One Name', '/servers/files/tools/grösse', false],
    ['Any Prompt', '/servers/files', true],
    ['Any Prompt', '/servers/files/tools', false],
    ['Any Resource', '/servers/files', true],
    ['No Calls', '/servers/files', true],
    ['No Calls', '/servers/files/tools', false],
    ['Emptied', '/', false],
    ['Emptied For Files', '/', false],
    ['Emptied Line', '/', false],
    ['Data Only', '/', false],
  ];
  for (const [role, scope, expected] of cases)
    assert.equal(reaching([role, scope]).reaches(dana, 'files'), expected, `${role} at ${scope}`);
  assert.ok(reaching(['Emptied', '/'], ['One Tool', '/']).reaches(dana, 'files'), 'rights add up');
});

test('a server with a map is reached by one of its tools, or by a right to its prompts or resources', () => {
  const cases: readonly (readonly [...Line, expected: boolean])[] = [
    ['Azure MCP Developer', `${subscription}/resourceGroups/dev-*`, true],
    ['One Azure Tool', `${subscription}/resourceGroups/dev-web`, true],
    ['One Azure Tool', '/servers/azure', false],
    ['MCP User', '/servers/azure', true],
    ['MCP User', '/servers/azure/prompts', true],
    ['MCP User', '/servers/azure/tools/bicepschema_get', true],
    ['MCP User', '/servers/azure/tools/compute_vm_get', false],
    ['MCP User', '/servers/files', false],
    ['Emptied', '/', false],
    ['Data Only', '/', true],
  ];
  for (const [role, scope, expected] of cases)
    assert.equal(reaching([role, scope]).reaches(dana, 'azure'), expected, `${role} at ${scope}`);
});

test('the seed role alone reaches the Azure server and no other', () => {
  const { reaches } = reaching(['Azure MCP Developer', `${subscription}/resourceGroups/dev-*`]);
  assert.deepEqual(
    ['azure', 'files', 'everything'].map((server) => reaches(dana, server)),
    [true, false, false],
  );
});

test('nobody without an assignment reaches anything, nor does the operator; what is no server is never reached', () => {
  const { reaches } = reaching(['Owner', '/'], ['MCP User', '/']);
  for (const server of ['azure', 'files']) {
    assert.ok(reaches(dana, server));
    assert.equal(reaches(omar, server), false);
    assert.equal(reaches({ ...dana, kind: 'operator' }, server), false);
    assert.equal(reaching().reaches(dana, server), false);
  }
  for (const odd of ['', '*', '..', 'files/tools', 'files/tools/read', 'Files', `f${'x'.repeat(3000)}`])
    assert.equal(reaches(dana, odd), false, odd);
});

test('whoever may use something reaches its server', () => {
  const names = ['MCP User', 'Owner', 'Reader', 'One Tool', 'Any Prompt', 'Any Resource', 'No Calls', 'One Name'];
  const scopes = ['/', '/servers', '/servers/f*', '/servers/files/tools', '/servers/files/tools/read_*'];
  const uses = (['tools', 'prompts', 'resources'] as const).flatMap((primitive) =>
    ['read_file', 'größe', 'a/b', '..', 'x*'].map((name) => ({ server: 'files', primitive, name, arguments: {} })),
  );
  let allowed = 0;
  for (const role of names)
    for (const scope of [
      ...scopes,
      '/servers/files/prompts',
      '/servers/files/resources',
      '/servers/files/tools/größe',
    ]) {
      const { decide, reaches } = reaching([role, scope]);
      if (!uses.some((use) => decide(dana, use).outcome === 'allow')) continue;
      allowed += 1;
      assert.ok(reaches(dana, 'files'), `${role} at ${scope}`);
    }
  assert.ok(allowed > 20, `${allowed} combinations allow something`);
});

test('asking again costs next to nothing', () => {
  const { reaches } = reaching(['One Azure Tool', '/servers/azure']);
  reaches(dana, 'azure');
  const calls = 200_000;
  const startedMs = performance.now();
  for (let at = 0; at < calls; at += 1) reaches(dana, 'azure');
  assert.ok(performance.now() - startedMs < calls * 0.005, 'less than 5 µs each, on a busy machine');
});
