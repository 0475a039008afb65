// Names at /mcp: unique, usable, whatever servers call their tools.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exposedName } from './names.ts';

test('a name that fits stands behind the name of its server', () => {
  assert.equal(exposedName('azure', 'compute_vm.get-1', 'tools'), 'azure__compute_vm.get-1');
});

test('a long name is cut to 64 characters, and two that differ at their ends stay two', () => {
  const [one, other] = ['a', 'b'].map((end) => exposedName('raw', 'x'.repeat(299) + end, 'tools'));
  assert.equal(one!.length, 64);
  assert.notEqual(one, other);
});

test('what must not stand in the name of a tool is replaced, and two that differ only in that stay two', () => {
  const names = ['a\u0000b', 'a\u0007b', 'a b', 'a/b', 'a_b'].map((name) => exposedName('raw', name, 'tools'));
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^raw__a_b(_[0-9a-f]{10})?$/);
});

test('a prompt may be called as people write, but not by what nobody sees', () => {
  assert.equal(exposedName('raw', '要約', 'prompts'), 'raw__要約');
  assert.match(exposedName('raw', 'a\u202eb\u2028c', 'prompts'), /^raw__a_b_c_[0-9a-f]{10}$/);
  assert.ok(exposedName('raw', '😀'.repeat(40), 'prompts').isWellFormed());
});
