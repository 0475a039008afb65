// Tests of where a request comes from, behind proxies and without any.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxiesIn } from '../config/trusted-proxies.ts';
import { createSourceAddress } from './source-address.ts';

const from = (trusted: string[], remoteAddress: string | undefined, forwarded?: string): string =>
  createSourceAddress(trusted)({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress } as never,
  });
const proxies = ['10.0.0.5', '10.1.0.0/24', '2001:db8:1::/64'];

test('without trusted proxies, and from anybody else than them, the header is not looked at', () => {
  assert.equal(from([], '10.0.0.5', '203.0.113.7'), '10.0.0.5');
  assert.equal(from([], '::ffff:10.0.0.5', '203.0.113.7'), '10.0.0.5');
  assert.equal(from([], undefined), '');
  for (const peer of ['10.0.0.6', '198.51.100.9', '2001:db8:2::1', undefined])
    assert.equal(from(proxies, peer, '203.0.113.7'), peer ?? '');
});

test('of a trusted proxy the first hop from the right that is none of ours is the caller', () => {
  for (const peer of ['10.0.0.5', '::ffff:10.0.0.5', '10.1.0.77', '2001:db8:1::9'])
    assert.equal(from(proxies, peer, '198.51.100.9'), '198.51.100.9', peer);
  assert.equal(from(proxies, '10.0.0.5', '203.0.113.7, 198.51.100.9'), '198.51.100.9', 'the caller wrote the first');
  assert.equal(from(proxies, '10.0.0.5', 'nonsense,, 198.51.100.9,10.1.0.3 , 2001:db8:1::1'), '198.51.100.9');
  assert.equal(from(proxies, '10.0.0.5', '10.1.0.4, 10.1.0.3'), '10.1.0.4', 'a proxy asks by itself');
  assert.equal(from(proxies, '10.0.0.5'), '10.0.0.5', 'nobody is behind it');
});

test('an address is read with a port, in brackets and wrapped in IPv6', () => {
  for (const [hop, address] of [
    ['198.51.100.9:4711', '198.51.100.9'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['::ffff:198.51.100.9', '198.51.100.9'],
    ['[::ffff:198.51.100.9]:80', '198.51.100.9'],
  ] as const)
    assert.equal(from(proxies, '10.0.0.5', hop), address, hop);
});

test('what cannot be read makes the proxy the caller', () => {
  for (const hop of [
    '',
    'unknown',
    '_hidden',
    '198.51.100.900',
    '[198.51.100.9]:80',
    '198.51.100.9:',
    '[::1',
    '1.2.3.4;5',
  ])
    assert.equal(from(proxies, '10.0.0.5', `203.0.113.7, ${hop}`), '10.0.0.5', hop);
});

test('ranges that nobody could mean are refused', () => {
  for (const range of ['proxy.example', '10.0.0.0/33', '0.0.0.0/0', '::/0', '10.0.0.5, 10.0.0.6'])
    assert.equal(proxiesIn([range]), undefined, range);
});
