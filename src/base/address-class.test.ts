// Checks that addresses are told apart by the part of the network that they belong to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressClass } from './address-class.ts';

const cases = {
  loopback: ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'],
  private: [
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    'fd00::1',
    'fe80::1',
    '::',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2001:db8::1',
    'no address',
  ],
  public: ['8.8.8.8', '168.63.129.17', '20.1.2.3', '172.32.0.1', '2606:4700::1111', '2a01:4f8::1'],
} as const;

for (const [expected, addresses] of Object.entries(cases)) {
  for (const address of addresses) {
    test(`${address} is ${expected}`, () => assert.equal(addressClass(address), expected));
  }
}
