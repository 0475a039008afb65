// The attacker runs an upstream server, and writes input schemas that hang, break or fool whoever validates with them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Refusal } from '../../src/base/errors.ts';
import { createInspect } from '../../src/inspect/inspect.ts';
import { inspectSettings } from '../../src/inspect/settings.ts';
import type { JsonObject } from '../../src/protocol/message.ts';
import { unwatched } from '../support/plain-shield.ts';

const inspect = createInspect(inspectSettings.parse({}), { ...unwatched, log: pino({ level: 'silent' }) });
const check = (inputSchema: JsonObject, args: JsonObject = {}): Refusal | undefined =>
  inspect.checkArguments({ name: 'trap', inputSchema }, args);

/** Processor time of the slowest check allowed, with room for a busy machine; without the bounds each takes minutes. */
function withinSeconds(seconds: number, work: () => void): void {
  const startedAt = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(startedAt);
  assert.ok(user + system < seconds * 1e6, `${(user + system) / 1000} ms`);
}

test('a pattern that backtracks exponentially', () => {
  const pattern = '^(a+)+$';
  // Control: each further letter doubles the work of the engine of the language; with 50,000 it would outlast the sun.
  const slow = (letters: number): number => {
    const startedAt = performance.now();
    new RegExp(pattern).test(`${'a'.repeat(letters)}!`);
    return performance.now() - startedAt;
  };
  slow(10);
  const quickest = Math.min(...[1, 2, 3].map(() => slow(14)));
  assert.ok(slow(24) > quickest * 20);
  withinSeconds(2, () => {
    const refusal = check({ properties: { a: { type: 'string', pattern } } }, { a: `${'a'.repeat(50_000)}!` });
    assert.equal(refusal?.code, 'inspect_arguments_invalid');
  });
});

test('references that double at each of forty steps', () => {
  const $defs: Record<string, JsonObject> = { step40: {} };
  for (let at = 0; at < 40; at++) {
    const next = { $ref: `#/$defs/step${at + 1}` };
    $defs[`step${at}`] = { allOf: [next, next] };
  }
  withinSeconds(5, () => {
    const refusal = check({ $defs, $ref: '#/$defs/step0' });
    assert.equal(refusal?.params['reason'], 'they take too long to check');
  });
});

test('a schema that is its own part, and one that doubles with each level of the arguments', () => {
  withinSeconds(5, () => {
    assert.equal(check({ $ref: '#' })?.code, 'inspect_arguments_invalid');
    const node = { $ref: '#/$defs/node' };
    const tree = { $defs: { node: { properties: { c: { allOf: [node, node] } } } }, ...node };
    const deep = JSON.parse('{"c":'.repeat(50) + '{}' + '}'.repeat(50)) as JsonObject;
    assert.equal(check(tree, deep)?.params['reason'], 'they take too long to check');
  });
});

test('comparisons of everything with everything, and alternatives by the hundred for items by the hundred thousand', () => {
  withinSeconds(15, () => {
    const items = Array.from({ length: 50_000 }, (_, at) => ({ at }));
    assert.equal(check({ properties: { a: { type: 'array', uniqueItems: true } } }, { a: items }), undefined);
    const wide = { type: 'array', items: { anyOf: Array.from({ length: 400 }, () => ({ type: 'string' })).concat() } };
    (wide.items.anyOf as JsonObject[]).push({ type: 'number' });
    const numbers = Array.from({ length: 200_000 }, () => 1);
    assert.equal(check({ properties: { a: wide } }, { a: numbers })?.code, 'inspect_arguments_invalid');
    const lengths = Array.from({ length: 400 }, (_, at) => ({ minLength: at }));
    assert.equal(
      check({ properties: { a: { allOf: lengths } } }, { a: 'x'.repeat(4e6) })?.code,
      'inspect_arguments_invalid',
    );
  });
});

test('a schema too large or too deep to compile', () => {
  const properties = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`p${at}`, { type: 'string' }]));
  assert.equal(check({ properties })?.code, 'inspect_schema_refused');
  let deep: JsonObject = {};
  for (let level = 0; level < 60; level++) deep = { properties: { a: deep } };
  assert.equal(check(deep)?.code, 'inspect_schema_refused');
});

test('references to other machines, and keywords that change how a schema is compiled', () => {
  const schemas: JsonObject[] = [
    { properties: { a: { $ref: 'http://169.254.169.254/latest/meta-data' } } },
    { properties: { a: { $ref: 'file:///etc/passwd' } } },
    { properties: { a: { $ref: 'other.json#/x' } } },
    { properties: { a: { $ref: '#/description' } }, description: {} },
    { properties: { a: { $id: 'https://example.com/a' } } },
    { $async: true },
    { $dynamicRef: '#x' },
    { $schema: 'https://example.com/my-own-dialect' },
  ];
  for (const schema of schemas) assert.equal(check(schema)?.code, 'inspect_schema_refused', JSON.stringify(schema));
});

test('names that every object inherits, and values that are not what the keyword wants', () => {
  assert.equal(check({ required: ['constructor'] })?.code, 'inspect_arguments_invalid');
  assert.equal(
    check({ additionalProperties: false }, JSON.parse('{"__proto__":{}}') as JsonObject)?.code,
    'inspect_arguments_invalid',
  );
  for (const schema of ['text', null, [], true]) {
    assert.equal(check(schema as unknown as JsonObject)?.code, 'inspect_schema_refused');
  }
  const broken: JsonObject[] = [
    { properties: 5 },
    { properties: { a: { type: 'strin' } } },
    { properties: { a: 'string' } },
    { anyOf: {} },
    { required: 'a' },
    { properties: { a: { minLength: '1); process.exit(' } } },
    { properties: { "a'];process.exit();//": { enum: 7 } } },
  ];
  for (const schema of broken) assert.equal(check(schema)?.code, 'inspect_schema_refused', JSON.stringify(schema));
});
