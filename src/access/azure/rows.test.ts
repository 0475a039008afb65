// The rows are complete: every tool and argument of the server, and only actions that Azure knows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { listAzureTools } from '../../../test/support/azure-tools.ts';
import { argumentKinds } from './compiled-row.ts';
import lists from './operations.json' with { type: 'json' };
import { azureRows } from './rows.ts';

interface GoldenTools {
  readonly common: readonly string[];
  readonly tools: Readonly<Record<string, readonly [hint: 'readOnly' | 'write' | 'destructive', args: string]>>;
}

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

test('the installed server has these tools, arguments and hints, and no others', { timeout: 60_000 }, async (t) => {
  const answer = await listAzureTools();
  if (answer === undefined) return t.skip('the Azure MCP Server is not installed');
  assert.deepEqual(differences((JSON.parse(answer.toString()) as { result: { tools: Listed[] } }).result.tools), []);
});

test('what a newer server would add or take away is told, with what is to be done', () => {
  const listed: Listed[] = Object.entries(tools).map(([name, [hint, args]]) => ({
    name,
    inputSchema: { properties: Object.fromEntries(schemaNames(args).map((argument) => [argument, {}])) },
    annotations: { readOnlyHint: hint === 'readOnly', destructiveHint: hint === 'destructive' },
  }));
  assert.deepEqual(differences(listed), []);
  const [first, second, ...others] = listed;
  const grown = { ...second!, inputSchema: { properties: { ...second!.inputSchema.properties, endpoint: {} } } };
  const bolder = { ...others[0]!, annotations: { readOnlyHint: false, destructiveHint: true } };
  const added = { ...first!, name: 'compute_vm_reboot' };
  assert.deepEqual(differences([added, grown, bolder, ...others.slice(1)]), [
    `compute_vm_reboot: new; write a row in src/access/azure from what the server does, then add it to azure-tools.json`,
    `${second!.name}: takes endpoint, which its row does not know; say there what it is, and add it to azure-tools.json`,
    `${others[0]!.name}: its hint is destructive now, not readOnly; look at what the tool does`,
    `${first!.name}: gone; take its row away`,
  ]);
});

interface Listed {
  readonly name: string;
  readonly inputSchema: { readonly properties?: Readonly<Record<string, unknown>> };
  readonly annotations: { readonly readOnlyHint: boolean; readonly destructiveHint: boolean };
}

/** The arguments in a tool's schema, those that nearly every tool has included. */
const schemaNames = (args: string): string[] => [
  ...argumentsOf(args),
  ...(args.split(' ')[0] === 'common' ? common : []),
];

/** Everything in which a list of tools differs from what the rows were written for. */
function differences(listed: readonly Listed[]): string[] {
  const names = new Set(listed.map(({ name }) => name));
  const changed = listed.flatMap(({ name, inputSchema, annotations }) => {
    const [hint, args] = tools[name] ?? [];
    if (args === undefined)
      return [
        `${name}: new; write a row in src/access/azure from what the server does, then add it to azure-tools.json`,
      ];
    const expected = schemaNames(args);
    const given = Object.keys(inputSchema.properties ?? {});
    const unknown = given.filter((argument) => !expected.includes(argument));
    const missing = expected.filter((argument) => !given.includes(argument));
    const told = annotations.readOnlyHint ? 'readOnly' : annotations.destructiveHint ? 'destructive' : 'write';
    return [
      ...unknown.map(
        (argument) =>
          `${name}: takes ${argument}, which its row does not know; say there what it is, and add it to azure-tools.json`,
      ),
      ...missing.map((argument) => `${name}: does not take ${argument} any more; take it out of its row`),
      ...(told === hint ? [] : [`${name}: its hint is ${told} now, not ${hint}; look at what the tool does`]),
    ];
  });
  const gone = Object.keys(tools).filter((name) => !names.has(name));
  return [...changed, ...gone.map((name) => `${name}: gone; take its row away`)];
}

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

// Addresses that the server hands on to Azure or keeps, without talking to them itself.
const addressesHandedOn: Readonly<Record<string, string>> = {
  'appservice_database_add database-server': 'becomes part of the connection string of the app',
  'appservice_database_add connection-string': 'becomes a setting of the app',
  'loadtesting_test_create endpoint': 'what the load test is aimed at',
  'managedlustre_fs_create key-url': 'the key that Azure encrypts with, read by the identity of the file system',
  'monitor_webtests_createorupdate request-url': 'what Azure asks for as the web test',
  'speech_tts_synthesize endpointId': 'the GUID of a voice model at the endpoint that policy fixes',
};

test('no argument lets a caller choose with whom the server itself talks', () => {
  const speaksOfHosts =
    /endpoint|(^|-)ur[il]$|(?<!session)host$|cloud$|authority|webhook|callback|proxy|connection-string|^(database-)?server$|^(vault|ledger|namespace|service)$/i;
  const free: string[] = [];
  let chosenByPolicy = 0;
  for (const [tool, row] of Object.entries(azureRows)) {
    // A tool that only advises talks to nobody of the caller's choice.
    if (row.place.kind === 'own' && row.needs.every(({ action }) => action === 'call')) continue;
    for (const [argument, kind] of argumentKinds(row)) {
      if (kind === 'fixed') assert.ok(common.includes(argument), `${tool} ${argument}`);
      if (kind === 'endpoint' || kind === 'host') chosenByPolicy += 1;
      if (speaksOfHosts.test(argument) && (kind === 'inert' || kind === 'word' || kind === 'type'))
        free.push(`${tool} ${argument}`);
    }
    for (const argument of ['tenant', 'auth-method']) assert.equal(argumentKinds(row).get(argument), 'fixed', tool);
  }
  assert.deepEqual(free.sort(), Object.keys(addressesHandedOn).sort());
  assert.equal(chosenByPolicy, 42);
});

// Azure's lists have no operation of these names; each says where the name is from.
const younger = 'younger than the lists; named after the request of its REST interface';
const refused = 'younger than the lists; Azure names it where it refuses it, and custom roles grant it';
const unpublished: Readonly<Record<string, string>> = {
  '*/read': 'the scan of extension_azqr reads every kind of resource; the Reader role states it so',
  'Microsoft.CloudHealth/healthmodels/entities/read': refused,
  'Microsoft.CloudHealth/healthmodels/read': refused,
  'Microsoft.CognitiveServices/accounts/SpeechServices/unified-speech/frontend/action':
    'what the built-in role Cognitive Services Speech User grants as SpeechServices/*/frontend/action',
  'Microsoft.FileShares/fileShares/delete': younger,
  'Microsoft.FileShares/fileShares/fileShareSnapshots/delete': younger,
  'Microsoft.FileShares/fileShares/fileShareSnapshots/read': younger,
  'Microsoft.FileShares/fileShares/fileShareSnapshots/write': younger,
  'Microsoft.FileShares/fileShares/privateEndpointConnections/read': younger,
  'Microsoft.FileShares/fileShares/privateEndpointConnections/write': younger,
  'Microsoft.FileShares/fileShares/read': younger,
  'Microsoft.FileShares/fileShares/write': younger,
  'Microsoft.FileShares/locations/checkNameAvailability/action': younger,
  'Microsoft.FileShares/locations/getLimits/action': younger,
  'Microsoft.FileShares/locations/getProvisioningRecommendation/action': younger,
  'Microsoft.FileShares/locations/getUsageData/action': younger,
  'Microsoft.Search/locations/usages/read': 'named after the request of its REST interface',
  'Microsoft.Search/searchServices/knowledgeSources/read': 'sibling of knowledgeBases/read, which the lists have',
};

test('every action of every row is an operation of Azure of that plane', () => {
  const known = (plane: 'actions' | 'dataActions'): Set<string> =>
    new Set(lists.operations.flatMap((list) => list[plane]).map((name) => name.toLowerCase()));
  const [actions, dataActions] = [known('actions'), known('dataActions')];
  const checked = new Set<string>();
  const exceptions = new Set<string>();
  for (const [tool, { needs }] of Object.entries(azureRows))
    for (const { action, data } of needs) {
      if (action === 'call' || action === 'local-files') continue;
      checked.add(`${action} ${data ?? false}`);
      if ((data ? dataActions : actions).has(action.toLowerCase())) continue;
      assert.ok(action in unpublished, `${tool} needs ${action}, which is not in operations.json`);
      exceptions.add(action);
    }
  assert.equal(checked.size, 240);
  assert.deepEqual([...exceptions].sort(), Object.keys(unpublished).sort());
});
