// The rows are complete: every tool and argument of the server, and only actions that Azure knows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { listAzureTools } from '../../../test/support/azure-tools.ts';
import { argumentKinds } from './compiled-row.ts';
import { azureRows } from './rows.ts';

interface GoldenTools {
  readonly common: readonly string[];
  readonly tools: Readonly<Record<string, readonly [hint: 'readOnly' | 'write' | 'destructive', args: string]>>;
}
type GoldenOperations = readonly { readonly actions: readonly string[]; readonly dataActions: readonly string[] }[];

const golden = <T>(name: string): T =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, '../../../test/golden', name), 'utf8')) as T;
const { common, tools } = golden<GoldenTools>('azure-tools.json');
const argumentsOf = (args: string): string[] =>
  args
    .split(' ')
    .filter((word) => word !== '' && word !== 'common')
    .map((word) => word.replace(/\*?(:\w+)?$/, ''));

test('every tool of the server has a row, and every row is a tool', () => {
  assert.deepEqual(Object.keys(azureRows).sort(), Object.keys(tools).sort());
  assert.equal(Object.keys(azureRows).length, 235);
});

test('every argument of every tool is classified, and no row speaks of an argument that its tool lacks', () => {
  for (const [tool, row] of Object.entries(azureRows)) {
    const own = argumentsOf(tools[tool]![1]);
    const classified = [...argumentKinds(row).keys()].filter((name) => !common.includes(name));
    assert.deepEqual(new Set([...classified, 'subscription']), new Set([...own, 'subscription']), tool);
  }
});

test('a scope that is made of the subscription is only used where the tool takes one', () => {
  for (const [tool, row] of Object.entries(azureRows)) {
    const kinds = new Set([row.place, ...row.needs.map(({ place }) => place ?? row.place)].map(({ kind }) => kind));
    if (kinds.has('subscription') || kinds.has('group') || kinds.has('resource'))
      assert.ok(argumentsOf(tools[tool]![1]).includes('subscription'), tool);
  }
});

test('the list of tools is the one that the installed server gives', { timeout: 60_000 }, async (t) => {
  const answer = await listAzureTools();
  if (answer === undefined) return t.skip('the Azure MCP Server is not installed');
  interface Listed {
    readonly name: string;
    readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> };
    readonly annotations: { readonly readOnlyHint: boolean; readonly destructiveHint: boolean };
  }
  const listed = (JSON.parse(answer.toString()) as { result: { tools: Listed[] } }).result.tools;
  assert.deepEqual(listed.map(({ name }) => name).sort(), Object.keys(tools).sort());
  for (const { name, inputSchema, annotations } of listed) {
    const [hint, args] = tools[name]!;
    const expected = [...argumentsOf(args), ...(args.split(' ')[0] === 'common' ? common : [])];
    assert.deepEqual(Object.keys(inputSchema.properties ?? {}).sort(), expected.sort(), name);
    const told = annotations.readOnlyHint ? 'readOnly' : annotations.destructiveHint ? 'destructive' : 'write';
    assert.equal(hint, told, name);
  }
});

// Why a tool is only read although the server does not call it read-only.
const readsInSpiteOfHint: Readonly<Record<string, string>> = {
  azuremigrate_platformlandingzone_getguidance: 'fetches public documentation and shows it',
};

test('no tool without a read-only hint is taken for a read, unless a reason is written down', () => {
  for (const [tool, { effect }] of Object.entries(azureRows))
    if (effect === 'read') assert.ok(tools[tool]![0] === 'readOnly' || tool in readsInSpiteOfHint, tool);
});

test('what deletes something destroys, and what destroys needs more than reading', () => {
  for (const [tool, { effect, needs }] of Object.entries(azureRows)) {
    const actions = needs.map(({ action }) => action.toLowerCase());
    if (actions.some((action) => action.endsWith('/delete'))) assert.equal(effect, 'destroy', tool);
    if (effect === 'destroy')
      assert.ok(
        actions.some((action) => !action.endsWith('/read')),
        tool,
      );
    if (effect === 'read') assert.ok(!actions.some((action) => /\/(write|delete)$/.test(action)), tool);
  }
});

// Azure publishes no operation of these names; each says where the name is from.
const unpublished: Readonly<Record<string, string>> = {
  '*/read': 'the scan of extension_azqr reads every kind of resource; the Reader role states it so',
  'Microsoft.FileShares/': 'younger than the lists; named after the requests of its REST interface',
  'Microsoft.CloudHealth/': 'younger than the lists; named after the requests of its REST interface',
  'Microsoft.Search/locations/usages/read': 'named after the request of its REST interface',
  'Microsoft.Search/searchServices/knowledgeSources/read': 'sibling of knowledgeBases/read, which the lists have',
  'Microsoft.CognitiveServices/accounts/SpeechServices/unified-speech/frontend/action':
    'what the built-in role Cognitive Services Speech User grants as SpeechServices/*/frontend/action',
};

test('every action is an operation of Azure of that kind', () => {
  const lists = golden<GoldenOperations>('azure-operations.json');
  const known = (names: (list: GoldenOperations[number]) => readonly string[]): Set<string> =>
    new Set(lists.flatMap(names).map((name) => name.toLowerCase()));
  const actions = known((list) => list.actions);
  const dataActions = known((list) => list.dataActions);
  const exceptions = new Set<string>();
  for (const [tool, { needs }] of Object.entries(azureRows))
    for (const { action, data } of needs) {
      if (action === 'call' || action === 'local-files') continue;
      if ((data ? dataActions : actions).has(action.toLowerCase())) continue;
      const reason = Object.keys(unpublished).find((prefix) => action.startsWith(prefix));
      assert.ok(reason, `${tool} needs ${action}, which is not in the list`);
      exceptions.add(reason);
    }
  assert.deepEqual([...exceptions].sort(), Object.keys(unpublished).sort());
});
