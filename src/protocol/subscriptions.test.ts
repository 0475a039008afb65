// What lies below a resource that is watched: the same for clients and servers of both families.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWithin } from './subscriptions.ts';

test('a path, a query and a fragment lie below a resource, a longer name beside it does not', () => {
  for (const uri of ['file:///a', 'file:///a/b', 'file:///a?page=2', 'file:///a#x'])
    assert.ok(isWithin(uri, 'file:///a'));
  assert.ok(isWithin('file:///a/b', 'file:///a/'));
  for (const uri of ['file:///ab', 'file:///', 'file:///a.b/c', 'x']) assert.ok(!isWithin(uri, 'file:///a'));
});
