// Whom the update of a resource concerns, and what finding out costs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWatchedResources } from './watched-resources.ts';

test('an update concerns whoever watches the resource, or one that it lies below', async () => {
  const watched = createWatchedResources<string>(() => Promise.resolve(true));
  const { signal } = new AbortController();
  await watched.watch(['file:///a', 'file:///a/b/', 'file:///c'], 'dana', signal);
  const concerned = (uri: string): string[] => watched.concerned(uri).map((place) => place.uri);
  assert.deepEqual(concerned('file:///a/b/c'), ['file:///a', 'file:///a/b/']);
  assert.deepEqual(concerned('file:///a?page=2'), ['file:///a']);
  assert.deepEqual(concerned('file:///abc'), []);
});

test('a URI that lies below thousands of others costs nothing but a look at what is watched', async () => {
  const watched = createWatchedResources<string>(() => Promise.resolve(true));
  await watched.watch(['file:///a'], 'dana', new AbortController().signal);
  const deep = `file:///b${'/x'.repeat(1_000_000)}`;
  const beginning = performance.now();
  for (let times = 0; times < 1000; times++) assert.deepEqual(watched.concerned(deep), []);
  assert.ok(performance.now() - beginning < 2000);
});
