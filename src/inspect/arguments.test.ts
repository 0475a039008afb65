// Arguments against input schemas as servers really write them: every dialect in use, and errors that tell no secrets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { JsonObject } from '../protocol/message.ts';
import { unwatched } from '../../test/support/plain-shield.ts';
import { createInspect } from './inspect.ts';
import { inspectSettings } from './settings.ts';

const logged: JsonObject[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line) as JsonObject) });
const inspect = createInspect(inspectSettings.parse({}), { ...unwatched, log });
const reason = (inputSchema: JsonObject | undefined, args: JsonObject): unknown =>
  inspect.checkArguments({ name: 'tool', inputSchema }, args)?.params['reason'];

test('lets arguments pass that match, and everything where a tool has no schema', () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string', minLength: 1 }, size: { type: 'integer' }, tags: { type: 'array' } },
    required: ['name'],
    additionalProperties: false,
  };
  assert.equal(reason(schema, { name: 'x', size: 3, tags: [] }), undefined);
  assert.equal(reason(schema, { name: 'x', size: 3.0 }), undefined);
  assert.equal(reason(undefined, { anything: true }), undefined);
  assert.equal(reason({ type: 'object' }, { anything: true }), undefined);
});

test('says where and what is wrong', () => {
  const schema = {
    type: 'object',
    properties: { vm: { type: 'object', properties: { size: { type: 'integer', minimum: 1 } }, required: ['size'] } },
    required: ['vm'],
    additionalProperties: false,
  };
  assert.equal(reason(schema, {}), "they must have required property 'vm'");
  assert.equal(reason(schema, { vm: {} }), "/vm must have required property 'size'");
  assert.equal(reason(schema, { vm: { size: 'big' } }), '/vm/size must be integer');
  assert.equal(reason(schema, { vm: { size: 0 } }), '/vm/size must be >= 1');
  assert.equal(reason(schema, { vm: { size: 1 }, wm: 1 }), 'they must not have the member "wm"');
});

test('never tells a value', () => {
  const secret = 'hunter2-hunter2';
  const schemas: JsonObject[] = [
    { enum: ['a', 'b'] },
    { const: 'a' },
    { type: 'number' },
    { pattern: '^a$' },
    { format: 'uuid' },
    { maxLength: 2 },
    { not: {} },
    { anyOf: [{ type: 'number' }, { const: 1 }] },
  ];
  for (const schema of schemas) {
    const refusal = inspect.checkArguments({ name: 'tool', inputSchema: { properties: { p: schema } } }, { p: secret });
    assert.ok(refusal !== undefined, JSON.stringify(schema));
    assert.ok(!JSON.stringify(refusal).includes('hunter2'), JSON.stringify(refusal));
  }
});

test('follows the dialect that a schema declares, and guesses between the two in use when it declares none', () => {
  const pair = [{ type: 'string' }, { type: 'number' }];
  const wrong = { t: ['a', 'b'] };
  const draft07 = 'http://json-schema.org/draft-07/schema#';
  const newest = 'https://json-schema.org/draft/2020-12/schema';
  assert.equal(reason({ $schema: newest, properties: { t: { prefixItems: pair } } }, wrong), '/t/1 must be number');
  assert.equal(reason({ $schema: draft07, properties: { t: { items: pair } } }, wrong), '/t/1 must be number');
  assert.equal(reason({ properties: { t: { prefixItems: pair } } }, wrong), '/t/1 must be number');
  assert.equal(reason({ properties: { t: { items: pair } } }, wrong), '/t/1 must be number');
  const definitions = { name: { type: 'string' } };
  const referring = { $schema: draft07, definitions, properties: { n: { $ref: '#/definitions/name' } } };
  assert.equal(reason(referring, { n: 1 }), '/n must be string');
  const unknown = { $schema: 'http://json-schema.org/draft-04/schema#' };
  assert.match(String(reason(unknown, {})), /^its dialect .* is not supported$/);
});

test('follows references inside a schema, recursive ones too', () => {
  const tree = {
    $id: 'https://example.com/tree',
    properties: { children: { type: 'array', items: { $ref: '#' } }, label: { $ref: '#/$defs/a~1b' } },
    $defs: { 'a/b': { type: 'string' }, named: { $anchor: 'here', type: 'integer' } },
    additionalProperties: { $ref: '#here' },
  };
  assert.equal(reason(tree, { label: 'x', children: [{ label: 'y', children: [] }], other: 1 }), undefined);
  assert.equal(
    reason(tree, { children: [{ children: [{ label: 1 }] }] }),
    '/children/0/children/0/label must be string',
  );
  assert.equal(reason(tree, { other: 'x' }), '/other must be integer');
});

test('compares items whatever the order of their members', () => {
  const schema = { properties: { a: { type: 'array', uniqueItems: true } } };
  assert.equal(reason(schema, { a: [1, '1', [1], { x: 1, y: [2] }] }), undefined);
  assert.equal(
    reason(schema, {
      a: [
        { x: 1, y: 2 },
        { y: 2, x: 1 },
      ],
    }),
    '/a must NOT have duplicate items',
  );
});

test('runs patterns, and logs those that it cannot run in linear time instead of guessing', () => {
  assert.equal(reason({ properties: { a: { pattern: '^\\p{L}{2,4}-\\d+$' } } }, { a: '日本-7' }), undefined);
  assert.match(String(reason({ properties: { a: { pattern: '^[a-z]+$' } } }, { a: 'A' })), /must match pattern/);
  logged.length = 0;
  assert.equal(reason({ properties: { a: { pattern: '^(?!x)a' } } }, { a: 'anything' }), undefined);
  assert.equal(logged.length, 1);
  assert.deepEqual(logged[0]?.['patterns'], ['^(?!x)a']);
});

test('asserts the formats that servers assert, and treats others as annotations', () => {
  assert.match(String(reason({ properties: { a: { format: 'email' } } }, { a: 'nobody' })), /must match format/);
  assert.equal(reason({ properties: { a: { format: 'email' } } }, { a: 'a@example.com' }), undefined);
  assert.equal(reason({ properties: { a: { format: 'azure-region' } } }, { a: 'anything' }), undefined);
});

test('compiles a schema once', () => {
  const tool = { name: 'tool', inputSchema: { type: 'object', properties: { a: { pattern: '(?=a)' } } } };
  logged.length = 0;
  for (let round = 0; round < 3; round++) inspect.checkArguments(tool, { a: 'x' });
  assert.equal(logged.length, 1, 'the pattern is noticed at compilation only');
});

test('takes its limits from the settings', () => {
  assert.deepEqual(inspect.limits, { maxBytes: 4_194_304, maxDepth: 64 });
  assert.deepEqual(inspect.replyLimits, { maxBytes: 16_777_216, maxDepth: 64 });
});
