// Calls of every tool of the Azure MCP Server as somebody would make them who wants to reach more than they may.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { argumentKinds, compileRow } from '../../src/access/azure/compiled-row.ts';
import type { ArgumentKind } from '../../src/access/azure/compiled-row.ts';
import { azureRows } from '../../src/access/azure/rows.ts';

export const home = '00000000-0000-0000-0000-000000000001';
export const elsewhere = '00000000-0000-0000-0000-00000000000a';

type Args = Readonly<Record<string, unknown>>;

export interface AdversarialCall {
  readonly tool: string;
  /** What is tried, e.g. `resource-group: a pattern`. */
  readonly what: string;
  readonly args: Args;
  /** `refused` before any role is looked at; `judged` means that what it needs must not be narrower than what it reaches. */
  readonly outcome: 'refused' | 'judged';
}

const golden = JSON.parse(readFileSync(path.join(import.meta.dirname, '../golden/azure-tools.json'), 'utf8')) as {
  readonly tools: Readonly<Record<string, readonly [hint: string, args: string]>>;
};

interface Argument {
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly required: boolean;
  readonly type: string;
  /** What an id must be an id of. */
  readonly idType: string | undefined;
}

const around = {
  own: { scope: '/servers/azure/tools/t', action: 'mcp/servers/azure/tools/t' },
  reach: '/',
  locate: () => undefined,
  isAnyLocated: () => false,
};

/** The tool's own arguments with what the map takes them for. */
export function argumentsOf(tool: string): readonly Argument[] {
  const kinds = argumentKinds(azureRows[tool]!);
  const { idTypes } = compileRow(azureRows[tool]!, around);
  return golden.tools[tool]![1].split(' ')
    .filter((word) => word !== '' && word !== 'common')
    .map((word) => {
      const [, name = '', star, type = 'string'] = /^([^*:]+)(\*?)(?::(\w+))?$/.exec(word) ?? [];
      return { name, kind: kinds.get(name)!, required: star === '*', type, idType: idTypes.get(name) };
    });
}

export function resourceId(
  subscription: string,
  type = 'Microsoft.Network/virtualNetworks',
  group = 'dev-web',
): string {
  const [namespace = '', ...types] = type.split('/');
  const pairs = types.flatMap((each, at) => [each, `r${at}`]);
  return [`/subscriptions/${subscription}/resourceGroups/${group}/providers/${namespace}`, ...pairs].join('/');
}

function ordinary({ kind, type, idType }: Argument): unknown {
  if (kind === 'subscription') return home;
  if (kind === 'group') return 'dev-web';
  if (kind === 'id') return type === 'array' ? [resourceId(home, idType)] : resourceId(home, idType);
  if (kind === 'type') return 'Microsoft.Compute/virtualMachines';
  if (kind === 'endpoint') return 'https://listed.example';
  if (kind === 'name' || kind === 'host') return 'web1';
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return 1;
  return type === 'array' ? ['word'] : 'word';
}

/** A call that anybody might make: every argument of the tool, or only those that it must have. */
export const ordinaryCall = (tool: string, which: 'all' | 'required'): Args =>
  Object.fromEntries(
    argumentsOf(tool)
      .filter(({ required }) => which === 'all' || required)
      .map((argument) => [argument.name, ordinary(argument)]),
  );

/** Values that are no name of anything, whatever the argument is; by what they try. */
const notNames: Readonly<Record<string, unknown>> = {
  'a pattern': 'dev-*',
  'a star': '*',
  nothing: '',
  blanks: '  ',
  'a way up': '..',
  'a way up within': 'dev-web/../prod',
  'an encoded way up': 'dev-web%2f..%2fprod',
  'a path': 'dev-web/providers/Microsoft.Compute',
  'an encoded letter': '%70rod',
  'a query': 'web1?api-version=2024',
  'a fragment': 'web1#x',
  'a backslash': 'dev-web\\prod',
  'a look-alike (Cyrillic)': 'dеv-web',
  'a look-alike (full width)': 'ｄev-web',
  'an invisible letter': 'dev-web\u200b',
  'a control character': 'dev\u0000web',
  'a line break': 'dev-web\nprod',
  'a trailing dot': 'dev-web.',
  'an option': '--subscription=x',
  'a file of options': '@/etc/passwd',
  'a list': ['dev-web', 'prod'],
  'a list of one': ['dev-web'],
  'a list in a list': [['dev-web']],
  'an object': { value: 'dev-web' },
  'a number': 7,
  'a truth': true,
  'very much': 'x'.repeat(10_000),
};

/** Of those, what arguments that only carry a value may hold: there it changes no place. */
const harmlessText = new Set(Object.keys(notNames).filter((what) => !/option|list in|object/.test(what)));
const harmlessWord = new Set(['a list', 'a list of one', 'a number', 'a truth', 'a trailing dot']);

const isHarmless = (kind: ArgumentKind, what: string): boolean =>
  kind === 'inert' ? harmlessText.has(what) : kind === 'word' && harmlessWord.has(what);

const foreignIds = (type: string | undefined): Readonly<Record<string, string>> => {
  const own = resourceId(home, type);
  return {
    'an id with a way up': own.replace('dev-web', '..'),
    'an id with an empty part': own.replace('/providers', '//providers'),
    'an id that ends in a slash': `${own}/`,
    'an id without its slash': own.slice(1),
    'an id with an encoded letter': own.replace('dev-web', '%64ev-web'),
    'an id with a query': `${own}?api-version=1`,
    'an id with a star': own.replace('dev-web', '*'),
    'an id in braces': own.replace(home, `{${home}}`),
    'an id of a subscription by its name': own.replace(home, 'Home'),
    'an id of a management group': '/providers/Microsoft.Management/managementGroups/root',
    'an address in place of an id': 'https://evil.example/subscriptions',
    'two ids, one of them bent': `${own},${own}/..`,
    ...(type !== undefined && { 'an id of another type': resourceId(home, 'Microsoft.Other/things') }),
  };
};

const strangeNames = [
  ...['resourceGroup', 'Resource-Group', 'RESOURCE-GROUP', '--resource-group', 'resource_group', 'g', 'Subscription'],
  ...['SUBSCRIPTION', 'subscriptionId', 'Tenant', 'tenantId', 'authMethod', 'name ', 'vnet', 'nsg', 'l', '-l', 'learn'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'raw-mcp-tool-input', 'command', 'cloud', 'authority'],
  ...['authority-host', 'url', 'webhook', 'callback', 'proxy', 'baseUrl', 'management-endpoint', 'ѕubscription', ''],
];

/** JSON as it comes over the wire: `__proto__` is an ordinary member there. */
const withMember = (args: Args, name: string, value: unknown): Args =>
  JSON.parse(
    `{${[...Object.entries(args), [name, value]].map(([key, held]) => `${JSON.stringify(key)}:${JSON.stringify(held)}`).join()}}`,
  ) as Args;

/** Everything that is tried on one tool. */
export function adversarialCalls(tool: string): AdversarialCall[] {
  const calls: AdversarialCall[] = [];
  const add = (what: string, args: Args, outcome: AdversarialCall['outcome']): void =>
    void calls.push({ tool, what, args, outcome });
  const all = ordinaryCall(tool, 'all');
  const own = argumentsOf(tool);
  add('nothing but what it must have', ordinaryCall(tool, 'required'), 'judged');

  for (const { name, kind, idType } of own) {
    const without = Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
    add(`${name}: left out`, without, 'judged');
    add(`${name}: null`, { ...all, [name]: null }, 'judged');
    for (const [what, value] of Object.entries(notNames)) {
      add(`${name}: ${what}`, { ...all, [name]: value }, isHarmless(kind, what) ? 'judged' : 'refused');
    }
    if (kind === 'subscription') {
      add(`${name}: another, by its GUID`, { ...all, [name]: elsewhere }, 'judged');
      add(`${name}: another, in capitals`, { ...all, [name]: elsewhere.toUpperCase() }, 'judged');
      add(`${name}: another, by its name`, { ...all, [name]: 'Elsewhere' }, 'judged');
      for (const value of ['elsewhere', 'Unknown', `{${home}}`, `${home}/`, ` ${home}`, home.slice(1), 'default'])
        add(`${name}: ${value}`, { ...all, [name]: value }, 'refused');
    }
    if (kind === 'group') add(`${name}: in capitals`, { ...all, [name]: 'PROD' }, 'judged');
    if (kind === 'name' || kind === 'host') add(`${name}: another`, { ...all, [name]: 'victim' }, 'judged');
    if (kind === 'endpoint')
      for (const value of [
        'https://evil.example',
        'https://listed.example.evil.example',
        'https://listed.example/',
        'http://listed.example',
        'https://listed.example@evil.example',
      ])
        add(`${name}: ${value}`, { ...all, [name]: value }, 'refused');
    if (kind === 'host')
      for (const value of [
        'kv.evil.example',
        'kv@evil',
        'kv.vault.azure.net#',
        'evil.example/kv',
        '127.0.0.1',
        'kv:443',
      ])
        add(`${name}: ${value}`, { ...all, [name]: value }, 'refused');
    if (kind === 'id') {
      add(`${name}: of another subscription`, { ...all, [name]: resourceId(elsewhere, idType) }, 'judged');
      add(
        `${name}: of another group, and its own`,
        { ...all, [name]: [resourceId(home, idType, 'prod'), resourceId(home, idType)] },
        'judged',
      );
      for (const [what, value] of Object.entries(foreignIds(idType)))
        add(`${name}: ${what}`, { ...all, [name]: value }, 'refused');
    }
  }
  for (const name of strangeNames) {
    if (own.some((argument) => argument.name === name)) continue;
    add(`an argument called ${JSON.stringify(name)}`, withMember(all, name, 'prod'), 'refused');
  }
  for (const name of ['tenant', 'auth-method'])
    for (const value of ['fabrikam', 'Key', elsewhere, ['contoso'], { a: 1 }, 1, true, ''])
      add(`${name}: ${JSON.stringify(value)}`, { ...all, [name]: value }, 'refused');
  return calls;
}
