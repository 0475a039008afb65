// Paths of tiles: those of the specification, and one spelling for each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTilePath, writeTilePath } from './tile-path.ts';

test('reads and writes the paths of c2sp.org/tlog-tiles', () => {
  const paths: [string, ReturnType<typeof readTilePath>][] = [
    ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
    ['tile/0/000', { level: 0, index: 0, width: 256 }],
    ['tile/1/000.p/17', { level: 1, index: 0, width: 17 }],
    ['tile/63/999.p/255', { level: 63, index: 999, width: 255 }],
    ['tile/entries/x001/000.p/1', { level: 'entries', index: 1000, width: 1 }],
  ];
  for (const [path, tile] of paths) {
    assert.deepEqual(readTilePath(path), tile, path);
    assert.equal(writeTilePath(tile!), path);
  }
});

test('reads no other spelling', () => {
  const wrong = [
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/00/000',
  ];
  const more = [
    'tile/64/000',
    'tile/-1/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/entries',
    'tile/Entries/000',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/x999/x999/x999/x999/x999/999',
  ];
  for (const path of [...wrong, ...more]) assert.equal(readTilePath(path), undefined, path);
});
