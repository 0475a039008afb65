// Changing one entry of a settings file: everything else stays as it is, to the byte.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenkanError } from '../base/errors.ts';
import { readJsonDocument } from './json-document.ts';

const entry = { type: 'http', url: 'http://127.0.0.1:7300/mcp' };
const path = ['servers', 'genkan'];
const changed = (text: string): string => readJsonDocument('mcp.json', text).withEntry(path, entry);

function refusal(text: string): Record<string, string | number> {
  try {
    changed(text);
  } catch (error) {
    assert.ok(error instanceof GenkanError && error.code === 'connect_file_invalid');
    return error.params as Record<string, string | number>;
  }
  assert.fail('nothing was refused');
}

test('adds an entry after the last one, in the indentation of the file, and leaves comments with what they are about', () => {
  const before = [
    '// mine',
    '{',
    '\t/* the servers */',
    '\t"servers": {',
    '\t\t"a": { "command": "a" }, // keep, with its comma',
    '\t\t"b": { "command": "b" } // about b',
    '\t\t// the end of the list',
    '\t},',
    '\t"inputs": [ 1,2 ,3 ],',
    '}',
    '',
  ].join('\n');
  const after = before.replace(
    '"b": { "command": "b" } // about b\n',
    '"b": { "command": "b" }, // about b\n\t\t"genkan": {\n\t\t\t"type": "http",\n\t\t\t"url": "http://127.0.0.1:7300/mcp"\n\t\t},\n'.replace(
      '},\n',
      '}\n',
    ),
  );
  assert.equal(changed(before), after);
});

test('goes on behind a trailing comma, also when it begins the next line', () => {
  assert.equal(
    changed('{\n  "servers": {\n    "a": {},\n  },\n}'),
    '{\n  "servers": {\n    "a": {},\n    "genkan": {\n      "type": "http",\n      "url": "http://127.0.0.1:7300/mcp"\n    }\n  },\n}',
  );
  const commaFirst = changed('{\n  "servers": {\n    "a": {} // a\n    , // comma\n  }\n}');
  assert.deepEqual(readJsonDocument('x', commaFirst).valueAt(path), entry);
  assert.match(commaFirst, /\/\/ a\n {4}, \/\/ comma\n {4}"genkan"/);
});

test('keeps CRLF and the byte order mark', () => {
  const after = changed('\uFEFF{\r\n  "servers": {\r\n    "a": {}\r\n  }\r\n}\r\n');
  assert.ok(after.startsWith('\uFEFF{\r\n'));
  assert.equal(after.replaceAll('\r\n', '').includes('\n'), false);
  assert.ok(after.endsWith('    }\r\n  }\r\n}\r\n'), JSON.stringify(after));
});

test('makes what is missing: the object of servers, or all of the file', () => {
  assert.equal(
    changed(''),
    '{\n  "servers": {\n    "genkan": {\n      "type": "http",\n      "url": "http://127.0.0.1:7300/mcp"\n    }\n  }\n}\n',
  );
  assert.equal(changed('{}'), changed('').trimEnd());
  assert.equal(changed('{"a":1}'), `{"a":1, "servers": {"genkan":${JSON.stringify(entry)}}}`);
  assert.match(changed('{\n  // nothing yet\n}'), /^\{\n {2}\/\/ nothing yet\n {2}"servers": \{[^]*\n {2}\}\n\}$/);
  assert.match(changed('{ "servers": {} /* none */ }'), /"servers": \{\n[^]*\} \/\* none \*\/ \}$/);
});

test('replaces an entry where it stands', () => {
  const before = '{\n  "servers": {\n    "genkan": { "url": "old" }, // ours\n    "z": {}\n  }\n}';
  assert.equal(
    changed(before),
    '{\n  "servers": {\n    "genkan": {\n      "type": "http",\n      "url": "http://127.0.0.1:7300/mcp"\n    }, // ours\n    "z": {}\n  }\n}',
  );
});

test('refuses a file that is not valid, and says where', () => {
  assert.deepEqual(refusal('{\n  "servers": {\n    "a": }\n}'), {
    file: 'mcp.json',
    line: 3,
    column: 10,
    reason: 'Value expected',
  });
  for (const text of [
    '{',
    '[]',
    '"x"',
    '{"servers": []}',
    '{"servers": null}',
    '{"a":1}}',
    "{'a':1}",
    '{"a":1} {"b":2}',
  ])
    refusal(text);
  assert.match(String(refusal(`{"x": ${'['.repeat(100_000)}`)['reason']), /too deeply/);
});

test('refuses a key that stands twice on the way, since readers differ on which of them counts', () => {
  assert.equal(refusal('{\n"servers": {},\n"servers": {}\n}')['line'], 3);
  refusal('{"servers": {"genkan": {}, "genkan": {}}}');
  assert.ok(changed('{"x": {"a":1,"a":2}}').includes('"a":1,"a":2'));
});

test('says nothing of the content in its refusals', () => {
  assert.doesNotMatch(
    JSON.stringify(refusal('{"servers": {"a": {"env": {"TOKEN": "hunter2-hunter2" "x": 1}}}}')),
    /hunter/,
  );
});

test('whatever the layout, all else stays', () => {
  const pieces = ['', ' ', '\n', '// c\n', '/* c */', '/* c\n c */', '\t'];
  let seed = 7;
  const any = (): string => pieces[(seed = (seed * 48271) % 2147483647) % pieces.length]!;
  for (let round = 0; round < 500; round++) {
    const members = Array.from(
      { length: round % 3 },
      (_, index) => `${any()}"k${index}"${any()}:${any()}{${any()}"u":${index}${any()}}${any()}`,
    );
    const text = `${any()}{${any()}"servers"${any()}:${any()}{${any()}${members.join(',')}${round % 2 === 0 && members.length > 0 ? ',' : ''}${any()}}${any()}}${any()}`;
    const document = readJsonDocument('x', changed(text));
    assert.deepEqual(document.valueAt(path), entry, text);
    for (let index = 0; index < round % 3; index++)
      assert.deepEqual(document.valueAt(['servers', `k${index}`]), { u: index });
  }
});
