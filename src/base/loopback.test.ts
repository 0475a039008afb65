// Addresses of this machine, and those that only look like them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './loopback.ts';

test('knows the addresses that only this machine can reach', () => {
  for (const host of ['127.0.0.1', '127.9.8.7', 'localhost', 'LOCALHOST', '::1', '[::1]'])
    assert.ok(isLoopback(host), host);
});

test('is not fooled by addresses and names that only look like them', () => {
  for (const host of [
    ...[
      '0.0.0.0',
      '::',
      '[::]',
      '',
      '127.0.0.1.example.com',
      '127.example.com',
      'localhost.example.com',
      '127.1',
      '127.0.0.999',
    ],
    ...['[::ffff:192.0.2.1]', '192.168.0.1', '[::1', '::1]', '127.0.0.1:80', '[[::1]]', '１２７.0.0.1'],
  ])
    assert.ok(!isLoopback(host), host);
});
