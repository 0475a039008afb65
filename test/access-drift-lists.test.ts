// Drift from lists that the Azure CLI has printed: at the command line without a server, and with one.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { genkan } from './support/genkan-process.ts';
import { openTestHouse } from './support/house.ts';

const [s1, s2] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const one = `/subscriptions/${s1}`;
const web = `${one}/resourceGroups/dev-web`;
const identity = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
const vm = 'Microsoft.Compute/virtualMachines';

describe('at the command line, with lists from the Azure CLI', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-drift-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => path.join(folder, name);
  const custom = 'cccccccc-cccc-4ccc-8ccc-cccccccccccc';
  const write = (name: string, content: unknown): void => writeFileSync(at(name), JSON.stringify(content));
  const config = at('genkan.yaml');
  const item = (roleId: string, name: string, scope: string): Record<string, unknown> => ({
    condition: null,
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${custom}`,
    principalId: identity,
    principalName: 'azure-mcp',
    principalType: 'ServicePrincipal',
    roleDefinitionId: `${one}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
    roleDefinitionName: name,
    scope,
    type: 'Microsoft.Authorization/roleAssignments',
  });

  before(() => {
    const provider = { issuer: 'http://127.0.0.1:9', allowInsecureIssuer: true, clientId: 'test' };
    write('genkan.yaml', {
      listen: '127.0.0.1:7399',
      data: 'data',
      identity: { provider },
      access: {
        roles: [{ Name: 'VM Reader', Actions: [`${vm}/read`, `${vm}/instanceView/read`], AssignableScopes: ['/'] }],
        assignments: [{ principal: { group: 'makers' }, role: 'VM Reader', scope: web }],
      },
    });
    write('assignments.json', [item(custom, 'VM Deleting', web)]);
    write('definitions.json', [
      { name: custom, roleName: 'VM Deleting', roleType: 'CustomRole', permissions: [{ actions: [`${vm}/delete`] }] },
    ]);
  });
  const run = (...words: string[]) => genkan(['access', 'drift', '--config', config, ...words]);

  test('compares, prints a table with what to do next, and ends with exit code 4', async () => {
    const words = ['--assignments', at('assignments.json'), '--definitions', `@${at('definitions.json')}`];
    const { code, out, error } = await run(...words);
    assert.equal(code, 4, error);
    assert.match(out, new RegExp(`EXCESS at ${web}: 1 actions that nobody is granted there`));
    assert.match(out, /high +Microsoft\.Compute\/virtualMachines\/delete +compute_vm_delete/);
    assert.match(out, new RegExp(`GRANTED "VM Reader" at ${web} to group makers: 2 actions`));
    assert.ok(
      out.includes(
        `az role assignment delete --ids '${web}/providers/Microsoft.Authorization/roleAssignments/${custom}'`,
      ),
    );
    assert.match(out, /Not seen:\n(.*\n)*.*account keys/);
    const { out: json } = await run(...words, '--json');
    assert.equal((JSON.parse(json) as { ok: boolean }).ok, false);
  });

  test('is content where both are alike, and ends with exit code 0', async () => {
    write('same.json', [
      { name: custom, roleName: 'Same', permissions: [{ actions: [`${vm}/read`, `${vm}/instanceView/read`] }] },
    ]);
    const { code, out } = await run('--assignments', at('assignments.json'), '--definitions', at('same.json'));
    assert.equal(code, 0, out);
    assert.match(out, /what people are granted here, and nothing else/);
  });

  test('takes files as PowerShell writes them, and says which it cannot read', async () => {
    const text = JSON.stringify([item(custom, 'Same', web)]);
    writeFileSync(at('utf16.json'), `\uFEFF${text}`, 'utf16le');
    writeFileSync(at('marked.json'), `\uFEFF${text}`);
    for (const name of ['utf16.json', 'marked.json']) {
      const { code, error } = await run('--assignments', at(name), '--definitions', at('same.json'));
      assert.equal(code, 0, error);
    }
    const { code, error } = await run('--assignments', at('missing.json'));
    assert.equal(code, 2);
    assert.match(error, /--assignments: the file .*missing\.json cannot be read/);
  });

  test('is not content where nothing was listed, or something that it cannot read', async () => {
    const nothing = await run('--assignments', '[]', '--subscriptions', s2);
    assert.equal(nothing.code, 4);
    assert.match(nothing.out, /no role assignment was found at all/);
    const odd = JSON.stringify([item(custom, 'Same', web), item(custom, 'Same', `${web}'; echo`)]);
    const { code, out } = await run('--assignments', odd, '--definitions', at('same.json'));
    assert.equal(code, 4);
    assert.match(out, /cannot read: .*'; echo/);
    const named = { ...item(custom, 'VM Deleting', web), id: `';echo${String(item(custom, '', web)['id'])}` };
    const lists = ['--assignments', JSON.stringify([named]), '--definitions', at('definitions.json')];
    const { out: unnamed } = await run(...lists);
    assert.match(unnamed, /nobody is granted anything of it/);
    assert.ok(!unnamed.includes(';echo'), unnamed);
  });

  test('says which role it does not know, and what Genkan would need to ask Azure itself', async () => {
    const unknown = await run('--assignments', at('assignments.json'));
    assert.equal(unknown.code, 2);
    assert.match(unknown.error, /"VM Deleting" \(cccccccc-/);
    assert.match(unknown.error, /az role definition list --query "\[\?name=='cccccccc-/);
    const alone = await run('--identity', identity);
    assert.equal(alone.code, 3);
    assert.match(alone.error, /no application in a tenant of Entra ID is configured/);
    assert.match(alone.error, /az role assignment list --assignee aaaaaaaa-/);
    assert.equal((await run()).code, 2);
    assert.equal((await run('--assignments', '{"value":[]}')).code, 2);
  });
});

test('lists are handed over without being kept in the record', async () => {
  await using other = await openTestHouse({
    access: { assignments: [{ principal: { group: 'makers' }, role: 'Genkan Operator', scope: '/' }] },
  });
  const response = await fetch(`${other.url}/api/access/drift`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await other.apiToken('dana')}` },
    body: JSON.stringify({ assignments: [{ id: 'planted-in-a-list' }] }),
  });
  assert.equal(response.status, 400);
  const records = await other.house.audit.list({ limit: 10 });
  assert.ok(records.some(({ action, result }) => action === 'access.drift' && result === 'denied'));
  assert.ok(!JSON.stringify(records).includes('planted-in-a-list'));
});
