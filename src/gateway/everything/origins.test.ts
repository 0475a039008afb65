// Whose a name or URI is at /mcp when servers disagree, come late or go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrigins, createOwners } from './origins.ts';

const same = (...names: string[]): Map<string, string> => new Map(names.map((name) => [name, name]));
const both = (): readonly string[] => ['first', 'second'];
const report = 'file:///report';

test('of two servers that list the same resource the first by name has it, whichever came first', () => {
  const origins = createOrigins(both, createOwners());
  origins.learn('resources', 'second', same(report));
  assert.equal(origins.find('resources', report)?.server, 'second');
  origins.learn('resources', 'first', same(report));
  assert.equal(origins.find('resources', report)?.server, 'first');
  assert.deepEqual(
    ['first', 'second'].map((server) => origins.owns('resources', server, report)),
    [true, false],
  );
});

test('a server that is late in one conversation does not lose what it is known to own from another', () => {
  const owners = createOwners();
  createOrigins(both, owners).learn('resources', 'first', same(report));
  const origins = createOrigins(both, owners);
  origins.learn('resources', 'second', same(report, 'file:///own'));
  assert.equal(origins.find('resources', report)?.server, 'first');
  assert.equal(origins.owns('resources', 'second', report), false);
  assert.equal(origins.find('resources', 'file:///own')?.server, 'second');
  origins.learn('resources', 'first', same());
  assert.equal(origins.find('resources', report)?.server, 'second', 'here, the first does not list it');
});

test('what one person was shown leads nobody else to it', () => {
  const owners = createOwners();
  createOrigins(both, owners).learn('resources', 'first', same('file:///only/for/dana'));
  assert.equal(createOrigins(both, owners).find('resources', 'file:///only/for/dana'), undefined);
});

test('a server that may not be used any more owns nothing', () => {
  let servers = both();
  const origins = createOrigins(() => servers, createOwners());
  origins.learn('resources', 'first', same(report));
  origins.learn('resources', 'second', same(report));
  servers = ['second'];
  assert.equal(origins.find('resources', report)?.server, 'second');
});

test('a template owns what begins as it does: the longest beginning first, then the first by name; a listed resource before all', () => {
  const origins = createOrigins(both, createOwners());
  origins.learn('resourceTemplates', 'first', same('file:///{path}', 'file:///shared/{path}'));
  origins.learn('resourceTemplates', 'second', same('file:///deep/{path}', 'file:///shared/{path}', '{anything}'));
  origins.learn('resources', 'first', same('file:///deep/listed'));
  const owner = (uri: string): string | undefined => origins.find('resources', uri)?.server;
  assert.equal(owner('file:///deep/x'), 'second');
  assert.equal(owner('file:///deep/listed'), 'first');
  assert.equal(owner('file:///shared/x'), 'first');
  assert.equal(owner('other:x'), undefined, 'a template that begins with a variable says nothing');
});

test('a server forgets what it no longer lists, and takes no room from others', () => {
  const origins = createOrigins(both, createOwners());
  origins.learn(
    'tools',
    'first',
    new Map(Array.from({ length: 5000 }, (_, index) => [`first__${index}`, String(index)])),
  );
  origins.learn('tools', 'second', new Map([['second__a', 'a']]));
  assert.deepEqual(origins.find('tools', 'second__a'), { server: 'second', name: 'a' });
  origins.learn('tools', 'first', new Map());
  assert.equal(origins.find('tools', 'first__1'), undefined);
});

test('what a server was last seen to list long ago, or too much else ago, is held against nobody', () => {
  let now = 0;
  const owners = createOwners(() => now);
  owners.learn('first', [report]);
  now += 23 * 3600 * 1000;
  assert.ok(owners.has('first', report));
  owners.learn('first', [report]);
  now += 23 * 3600 * 1000;
  assert.ok(owners.has('first', report), 'it was listed again');
  now += 2 * 3600 * 1000;
  assert.ok(!owners.has('first', report));
  owners.learn('first', [report]);
  owners.learn(
    'first',
    Array.from({ length: 10_000 }, (_, index) => `file:///${index}`),
  );
  assert.ok(!owners.has('first', report));
  assert.ok(owners.has('first', 'file:///9999'));
});
