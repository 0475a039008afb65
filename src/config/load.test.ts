// Loading a configuration that is right: defaults, overrides, variables, and what is shown of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createConfigurationDesk } from './configuration-desk.ts';
import { configJsonSchema } from './json-schema.ts';
import { checkConfig, loadConfig } from './load.ts';
import type { Config, ConfigOverrides } from './load.ts';

const root = path.join(import.meta.dirname, '../..');
const identity = 'identity: { provider: { issuer: https://login.example.com, clientId: genkan } }\n';

function read(text: string, overrides?: ConfigOverrides): Config {
  const checked = checkConfig('/etc/genkan/genkan.yaml', identity + text, overrides);
  if ('config' in checked) return checked.config;
  throw new Error(JSON.stringify(checked.mistakes));
}

test('needs no more than an identity provider: everything else has a default', () => {
  const { listen, publicUrl, dataDirectory, settings } = read('');
  assert.deepEqual(listen, { host: '127.0.0.1', port: 7300 });
  assert.equal(publicUrl, 'http://127.0.0.1:7300');
  assert.equal(dataDirectory, '/etc/genkan/.genkan');
  assert.deepEqual(settings.servers, {});
});

test('the command line may choose port and data directory', () => {
  const { listen, publicUrl, dataDirectory } = read('', { port: 7400, dataDirectory: 'here' });
  assert.equal(listen.port, 7400);
  assert.equal(publicUrl, 'http://127.0.0.1:7400');
  assert.equal(dataDirectory, path.resolve('here'));
});

test('writes an IPv6 host in brackets where it is part of an address, and only there', () => {
  const { listen, publicUrl } = read("listen: '[::1]:7300'\n");
  assert.equal(listen.host, '::1');
  assert.equal(publicUrl, 'http://[::1]:7300');
});

test('takes a public address without its final slash', () => {
  assert.equal(
    read('listen: 0.0.0.0:7300\npublicUrl: https://mcp.example.com/\n').publicUrl,
    'https://mcp.example.com',
  );
});

test('fills variables into access values once, and nowhere else', () => {
  const { settings } = read(`
variables: { subscription-id: 0-1, trick: '{subscription-id}' }
access:
  assignments:
    - { principal: { group: '{trick}' }, role: r, scope: '/subscriptions/{subscription-id}' }
servers:
  web: { url: 'http://127.0.0.1/{subscription-id}' }
`);
  const [assignment] = settings.access.assignments;
  assert.equal(assignment?.scope, '/subscriptions/0-1');
  assert.deepEqual(assignment?.principal, { group: '{subscription-id}' });
  assert.match(JSON.stringify(settings.servers), /\{subscription-id\}/);
});

test('the sample configuration of the trial is right, and shows no secret', async () => {
  const file = path.join(root, 'examples/trial/genkan.yaml');
  assert.deepEqual((await createConfigurationDesk(file).check({ resolve: false })).mistakes, []);
  assert.equal(loadConfig(file).dataDirectory, path.join(root, '.genkan'));
});

test('shows the configuration in force with references as they are and literals masked', () => {
  const { settings } = read(`
servers:
  files:
    command: [node, server.js, --api-key, hunter2, https://user:hunter2@example.com]
    env: { APP_CREDENTIALS: hunter2, GITHUB_TOKEN: { source: env, name: GITHUB_TOKEN } }
`);
  const shown = JSON.stringify(createConfigurationDesk('genkan.yaml', 'en', settings).show());
  assert.doesNotMatch(shown, /hunter2/);
  assert.match(shown, /"GITHUB_TOKEN":\{"source":"env","name":"GITHUB_TOKEN"\}/);
});

test('says so when the file cannot be read', () => {
  assert.throws(() => loadConfig('/nowhere/genkan.yaml'), { code: 'config_missing' });
});

test('the JSON Schema in docs/reference is the one that the settings make', () => {
  const kept = readFileSync(path.join(root, 'docs/reference/genkan.schema.json'), 'utf8');
  assert.deepEqual(
    JSON.parse(kept),
    JSON.parse(JSON.stringify(configJsonSchema())),
    'run: npm run -s genkan -- config schema > docs/reference/genkan.schema.json',
  );
});

test('every setting is described', () => {
  const silent: string[] = [];
  const visit = (schema: Record<string, unknown>, place: string): void => {
    for (const [name, property] of Object.entries(
      (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>,
    )) {
      const described =
        property['description'] !== undefined || property['$ref'] !== undefined || property['const'] !== undefined;
      if (!described) silent.push(`${place}${name}`);
      visit(property, `${place}${name}.`);
    }
    for (const key of ['items', 'additionalProperties']) {
      const inner = schema[key];
      if (typeof inner === 'object' && inner !== null) visit(inner as Record<string, unknown>, place);
    }
    for (const key of ['anyOf', 'oneOf'])
      for (const inner of (schema[key] ?? []) as Record<string, unknown>[]) visit(inner, place);
  };
  visit(configJsonSchema(), '');
  assert.deepEqual(silent, []);
});
