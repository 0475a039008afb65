// Golden: the seed's role alone against every tool of the Azure MCP Server, honestly and otherwise. UPDATE_GOLDEN=1 writes the table.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bind } from '../../src/access/assignment.ts';
import { createAzureMap } from '../../src/access/azure/azure-map.ts';
import { createDecider } from '../../src/access/decider.ts';
import type { Decision } from '../../src/access/decision.ts';
import { collectRoles } from '../../src/access/roles.ts';
import type { Principal } from '../../src/base/principal.ts';

const id = '00000000-0000-0000-0000-000000000001';
const elsewhere = '00000000-0000-0000-0000-000000000002';
const dev = `/subscriptions/${id}/resourceGroups/dev-`;
const golden = (name: string): string => path.join(import.meta.dirname, name);
const { tools } = JSON.parse(readFileSync(golden('azure-tools.json'), 'utf8')) as {
  tools: Record<string, [hint: string, args: string]>;
};

const everything = { Name: 'Everything', Actions: ['*'], DataActions: ['*'], AssignableScopes: [`${dev}*`] };
const roles = collectRoles(['access/custom-role.json', everything], (file) => readFileSync(golden(file), 'utf8'), {
  'subscription-id': id,
});
const azureMap = createAzureMap({ server: 'azure', defaultSubscription: id, subscriptions: {}, fixedArguments: {} });
const principal = { kind: 'group', id: 'dev-team' } as const;
const deciderFor = (role: string) =>
  createDecider(
    [bind({ id: 'seed', principal, role, scope: `${dev}*`, source: 'configuration' }, roles)],
    new Map([['azure', azureMap]]),
  );
const { decide, visible } = deciderFor('Azure MCP Developer');
const dana: Principal = { id: 'dana', kind: 'user', name: 'dana', groups: ['dev-team'] };

type Args = Record<string, unknown>;

/** What somebody would send who uses the tool as it is meant, in dev-web. */
function honest(tool: string, which: 'required' | 'all'): Args {
  const args: Args = {};
  for (const word of tools[tool]![1].split(' ')) {
    const [, name = '', star, type] = /^([^*:]+)(\*?)(?::(\w+))?$/.exec(word) ?? [];
    if (name === 'common' || name === '') continue;
    if (which === 'all' || star === '*' || name === 'resource-group') args[name] = valueOf(name, type);
  }
  return args;
}

function valueOf(name: string, type: string | undefined): unknown {
  if (name === 'subscription') return id;
  if (name === 'resource-group') return 'dev-web';
  const values: Record<string, unknown> = { boolean: true, array: ['one'], integer: 1, number: 1, object: {} };
  return type === undefined ? 'one' : (values[type] ?? 'one');
}

const group = (value: unknown) => (args: Args) => ({ ...args, 'resource-group': value });
const prodMachine = `/subscriptions/${id}/resourceGroups/prod-web/providers/Microsoft.Compute/virtualMachines/web-1`;

/** The first argument of the caller's own choice, replaced. */
const smuggled = (value: string) => (args: Args) => {
  const name = Object.keys(args).find((each) => each !== 'resource-group' && each !== 'subscription');
  return name === undefined ? { ...args, extra: value } : { ...args, [name]: value };
};

/** How else somebody might call it; none of these may reach anything outside dev-*. */
const adversarial: Readonly<Record<string, (args: Args) => Args>> = {
  prod: group('prod-web'),
  none: ({ 'resource-group': _, ...args }) => args,
  null: group(null),
  empty: group(''),
  list: group(['dev-web', 'prod-web']),
  object: group({ toString: 'dev-web' }),
  dots: group('dev-web/../prod-web'),
  percent: group('dev-web%2F..%2Fprod-web'),
  star: group('dev-*'),
  space: group('dev-web '),
  newline: group('dev-web\n--resource-group prod-web'),
  kelvin: group('dev-web\u212A'),
  sub: (args) => ({ ...args, subscription: elsewhere }),
  subname: (args) => ({ ...args, subscription: 'Production' }),
  tenant: (args) => ({ ...args, tenant: 'fabrikam.example' }),
  auth: (args) => ({ ...args, 'auth-method': 'Key' }),
  extra: (args) => ({ ...args, 'resource-groups': 'prod-web' }),
  case: ({ 'resource-group': value, ...args }) => ({ ...args, 'Resource-Group': value ?? 'dev-web' }),
  proto: (args) => ({ ...args, ['__proto__x']: 'prod-web', constructor: 'prod-web' }),
  id: smuggled(prodMachine),
  option: smuggled('--resource-group=prod-web'),
  url: smuggled('https://prod.blob.core.windows.net/c'),
};

const short: Readonly<Record<string, string>> = {
  access_action_missing: 'missing',
  access_action_excluded: 'excluded',
  access_out_of_scope: 'scope',
  access_argument_fixed: 'fixed',
  access_argument_unresolved: 'unresolved',
  access_tool_unmapped: 'unmapped',
  access_scope_invalid: 'invalid',
};

const call = (name: string, args: Args): Decision =>
  decide(dana, { server: 'azure', primitive: 'tools', name, arguments: args });
const tell = (decision: Decision): string =>
  decision.outcome === 'allow' ? 'ALLOW' : (short[decision.code] ?? decision.code);

/** What becomes of all ways in one tool: `outcome: way way; outcome: way`. */
function row(tool: string): string {
  const outcomes = new Map<string, string[]>();
  for (const [way, change] of Object.entries(adversarial)) {
    const outcome = tell(call(tool, change(honest(tool, 'required'))));
    outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), way]);
  }
  const honestly = tell(call(tool, honest(tool, 'required')));
  const fully = tell(call(tool, honest(tool, 'all')));
  const isListed = visible(dana, { server: 'azure', primitive: 'tools', name: tool }) ? 'listed' : 'hidden';
  const ways = [...outcomes].map(([outcome, names]) => `${outcome}: ${names.join(' ')}`).sort();
  return `${tool} | ${isListed} | ${honestly} | ${fully} | ${ways.join('; ')}`;
}

test('every tool answers every way of calling it as the table says', () => {
  const written = [
    '# tool | in lists | called honestly in dev-web | with every argument | otherwise',
    ...Object.keys(tools).map(row),
    '',
  ].join('\n');
  const file = golden('access/seed-role-on-azure.txt');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, written);
  assert.equal(written, readFileSync(file, 'utf8'));
  assert.equal(Object.keys(tools).length, 235);
});

test('no way of calling any tool reaches anything outside dev-*, not even for who may do everything there', () => {
  const allowed = { seed: 0, everything: 0 };
  const deciders = { seed: decide, everything: deciderFor('Everything').decide };
  for (const tool of Object.keys(tools))
    for (const which of ['required', 'all'] as const)
      for (const [way, change] of Object.entries({ honest: (args: Args) => args, ...adversarial }))
        for (const whose of ['seed', 'everything'] as const) {
          const args = change(honest(tool, which));
          const request = { server: 'azure', primitive: 'tools', name: tool, arguments: args } as const;
          const decision = deciders[whose](dana, request);
          if (decision.outcome !== 'allow') continue;
          allowed[whose] += 1;
          for (const { scope } of decision.requirements) assert.ok(scope.startsWith(dev), `${tool}, ${way}: ${scope}`);
        }
  assert.equal(allowed.seed, 6, 'three tools, with few arguments or all');
  assert.ok(allowed.everything > 100, `${allowed.everything} calls are allowed`);
});

test('what is called honestly and allowed is listed', () => {
  for (const tool of Object.keys(tools))
    if (call(tool, honest(tool, 'required')).outcome === 'allow')
      assert.ok(visible(dana, { server: 'azure', primitive: 'tools', name: tool }), tool);
});

test('the machines and accounts that NotActions protect cannot be deleted, and nothing else of Azure can', () => {
  for (const [tool, [hint]] of Object.entries(tools)) {
    const decision = call(tool, honest(tool, 'required'));
    if (hint === 'destructive' && decision.outcome === 'allow')
      assert.ok(!decision.requirements.some(({ action }) => /\/delete$/i.test(action)), tool);
  }
  assert.equal(tell(call('compute_vm_delete', honest('compute_vm_delete', 'required'))), 'excluded');
});
