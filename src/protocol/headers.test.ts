// Headers that mirror the body: demanded and compared on the way in, written on the way out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';
import { checkHeaders, checkParamHeaders, eraOfMessage, modernHeaders } from './headers.ts';
import { notification, request, result } from './message.ts';
import { isWellAnnotated, mirroredParams } from './mirrored-params.ts';

const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
const call = request(1, 'tools/call', { name: 'get_weather', arguments: {}, _meta });
const agreeing = {
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'get_weather',
};

test('tells the era of a message by its envelope, its header or its method', () => {
  const ping = request(1, 'ping');
  assert.equal(eraOfMessage(call, agreeing), 'modern');
  assert.equal(eraOfMessage(call, {}), 'modern');
  assert.equal(eraOfMessage(ping, { 'mcp-protocol-version': '2025-11-25' }), 'legacy');
  assert.equal(eraOfMessage(ping, {}), 'legacy');
  assert.equal(eraOfMessage(request(1, 'initialize', { protocolVersion: '1900-01-01' }), {}), 'legacy');
  assert.equal(eraOfMessage(result(1, {}), { 'mcp-protocol-version': '2025-06-18' }), 'legacy');
});

test('refuses an unknown revision with those that it speaks, but first of all two claims that disagree', () => {
  const claiming = (version: string) =>
    request(1, 'ping', { _meta: { 'io.modelcontextprotocol/protocolVersion': version } });
  const code = (message: typeof call, header: string): unknown => {
    const era = eraOfMessage(message, { 'mcp-protocol-version': header });
    return typeof era === 'string' ? era : era.code;
  };
  assert.equal(code(claiming('2999-01-01'), '2026-07-28'), 'inspect_header_mismatch');
  assert.equal(code(claiming('2026-07-28'), '2999-01-01'), 'inspect_header_mismatch');
  assert.equal(code(request(1, 'ping'), '2999-01-01'), 'inspect_revision_unknown');
  const unknown = eraOfMessage(claiming('2999-01-01'), { 'mcp-protocol-version': '2999-01-01' });
  assert.ok(typeof unknown !== 'string');
  assert.deepEqual(unknown.data, { supported: ['2026-07-28'], requested: '2999-01-01' });
});

test('lets a modern request pass whose headers say what its body says', () => {
  assert.equal(checkHeaders(call, agreeing, 'modern'), undefined);
  assert.equal(checkHeaders(call, { ...agreeing, 'mcp-name': '=?base64?Z2V0X3dlYXRoZXI=?=' }, 'modern'), undefined);
  const read = request(1, 'resources/read', { uri: 'file:///ä', _meta });
  const headers = { ...agreeing, 'mcp-method': 'resources/read', 'mcp-name': encodeHeaderValue('file:///ä') };
  assert.equal(checkHeaders(read, headers, 'modern'), undefined);
});

test('refuses a modern request with a header missing, different, malformed or sent twice', () => {
  for (const name of Object.keys(agreeing)) {
    const { [name as keyof typeof agreeing]: _absent, ...others } = agreeing;
    assert.equal(checkHeaders(call, others, 'modern')?.code, 'inspect_header_mismatch', `without ${name}`);
    const twice = { ...agreeing, [name]: `${agreeing[name as keyof typeof agreeing]}, other` };
    assert.equal(checkHeaders(call, twice, 'modern')?.code, 'inspect_header_mismatch', `${name} twice`);
  }
  for (const value of ['delete_all', 'GET_WEATHER', '=?base64?Z2V0X3dlYXRoZXI?=', '=?BASE64?Z2V0X3dlYXRoZXI=?=']) {
    const refusal = checkHeaders(call, { ...agreeing, 'mcp-name': value }, 'modern');
    assert.equal(refusal?.code, 'inspect_header_mismatch', value);
  }
  const older = checkHeaders(call, { ...agreeing, 'mcp-protocol-version': '2025-11-25' }, 'modern');
  assert.equal(older?.code, 'inspect_header_mismatch');
});

test('demands nothing of a legacy message, but refuses what disagrees with it', () => {
  const legacy = request(1, 'tools/call', { name: 'get_weather' });
  assert.equal(checkHeaders(legacy, {}, 'legacy'), undefined);
  assert.equal(checkHeaders(legacy, { 'mcp-protocol-version': '2025-06-18' }, 'legacy'), undefined);
  const refusals = [
    [{ 'mcp-method': 'tools/list' }, 'inspect_header_mismatch'],
    [{ 'mcp-name': 'other' }, 'inspect_header_mismatch'],
    [{ 'mcp-protocol-version': '2026-07-28' }, 'inspect_header_mismatch'],
    [{ 'mcp-protocol-version': '1900-01-01' }, 'inspect_revision_unknown'],
  ] as const;
  for (const [headers, code] of refusals) assert.equal(checkHeaders(legacy, headers, 'legacy')?.code, code);
  assert.equal(checkHeaders(result(1, {}), { 'mcp-method': 'whatever' }, 'legacy'), undefined);
  const initialized = notification('notifications/initialized');
  assert.equal(checkHeaders(initialized, { 'mcp-method': 'tools/call' }, 'legacy')?.code, 'inspect_header_mismatch');
});

test('writes and reads header values as the specification shows', () => {
  const examples = {
    'us-west1': 'us-west1',
    'Hello, 世界': '=?base64?SGVsbG8sIOS4lueVjA==?=',
    ' padded ': '=?base64?IHBhZGRlZCA=?=',
    'line1\nline2': '=?base64?bGluZTEKbGluZTI=?=',
    '=?base64?literal?=': '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=',
  };
  for (const [value, header] of Object.entries(examples)) {
    assert.equal(encodeHeaderValue(value), header);
    assert.equal(decodeHeaderValue(header), value);
  }
});

test('reads no value from malformed headers', () => {
  for (const header of [
    'caf\u00e9',
    'a\u0000b',
    '=?base64?****?=',
    '=?base64?QQ?=',
    '=?base64?QR==?=',
    '=?base64?/w==?=',
  ]) {
    assert.equal(decodeHeaderValue(header), undefined, header);
  }
});

const inputSchema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    limit: { type: 'integer', 'x-mcp-header': 'Limit' },
    deep: { type: 'object', properties: { dry: { type: 'boolean', 'x-mcp-header': 'Dry-Run' } } },
  },
};

test('compares mirrored arguments, whole numbers as numbers', () => {
  const args = { region: 'us-west1', limit: 42, deep: { dry: true } };
  const headers = { 'mcp-param-region': 'us-west1', 'mcp-param-limit': '42.0', 'mcp-param-dry-run': 'true' };
  assert.equal(checkParamHeaders({ inputSchema }, args, headers), undefined);
  assert.equal(checkParamHeaders({ inputSchema }, {}, {}), undefined);
  assert.equal(checkParamHeaders({ inputSchema }, { region: null }, {}), undefined);
  const disagreements = [
    { ...headers, 'mcp-param-region': 'eu-north1' },
    { ...headers, 'mcp-param-region': undefined },
    { ...headers, 'mcp-param-limit': '0x2a' },
    { ...headers, 'mcp-param-dry-run': 'True' },
  ];
  for (const wrong of disagreements) {
    assert.equal(checkParamHeaders({ inputSchema }, args, wrong)?.code, 'inspect_header_mismatch');
  }
  assert.equal(
    checkParamHeaders({ inputSchema }, {}, { 'mcp-param-region': 'us-west1' })?.code,
    'inspect_header_mismatch',
    'a header for an argument that is not there',
  );
});

test('writes the headers of a modern request, arguments included', () => {
  const message = request(1, 'tools/call', { name: '天気', arguments: { region: 'a b', limit: 7 }, _meta });
  assert.deepEqual(modernHeaders(message, { inputSchema }), {
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': '=?base64?5aSp5rCX?=',
    'mcp-param-region': 'a b',
    'mcp-param-limit': '7',
  });
  assert.deepEqual(modernHeaders(request(1, 'tools/list')), { 'mcp-method': 'tools/list' });
});

test('does not follow annotations that the specification forbids', () => {
  const forbidden = {
    properties: {
      number: { type: 'number', 'x-mcp-header': 'Number' },
      object: { type: 'object', 'x-mcp-header': 'Object' },
      injected: { type: 'string', 'x-mcp-header': 'A\r\nCookie' },
      empty: { type: 'string', 'x-mcp-header': '' },
      list: { type: 'array', items: { type: 'string', 'x-mcp-header': 'Item' } },
      first: { type: 'string', 'x-mcp-header': 'Same' },
      second: { type: 'string', 'x-mcp-header': 'SAME' },
    },
    anyOf: [{ properties: { x: { type: 'string', 'x-mcp-header': 'X' } } }],
  };
  assert.deepEqual(mirroredParams(forbidden), [{ header: 'mcp-param-same', path: ['first'], type: 'string' }]);
});

test('takes a tool with an annotation that the specification forbids for unusable, wherever the annotation stands', () => {
  const region = { type: 'string', 'x-mcp-header': 'Region' };
  const forbidden = [
    { 'x-mcp-header': 'Root' },
    { properties: { value: { type: 'string', 'x-mcp-header': null } } },
    { properties: { value: { type: 'number', 'x-mcp-header': 'Number' } } },
    { properties: { value: { type: ['string', 'null'], 'x-mcp-header': 'Several' } } },
    { properties: { one: region, other: { ...region, 'x-mcp-header': 'REGION' } } },
    { properties: { list: { type: 'array', items: region } } },
    { properties: { list: { type: 'array', prefixItems: [region] } } },
    { $defs: { region }, properties: { value: { $ref: '#/$defs/region' } } },
    { allOf: [{ properties: { region } }] },
  ];
  for (const schema of forbidden) assert.equal(isWellAnnotated(schema), false, JSON.stringify(schema));
  const allowed = [
    undefined,
    { type: 'object' },
    { properties: { outer: { type: 'object', properties: { region } } } },
    { properties: { 'x-mcp-header': { type: 'string' } } },
    { properties: { value: { enum: [{ 'x-mcp-header': 'Data' }], default: region } } },
  ];
  for (const schema of allowed) assert.equal(isWellAnnotated(schema), true, JSON.stringify(schema));
});
