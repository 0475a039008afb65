// Countries by address: both versions, in the forms in which lists come.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { dataDirectory } from '../../../test/support/audit-directory.ts';
import { readCountries } from './countries.ts';

test('finds the country of an address, and says nothing where the file does not', (t) => {
  const file = path.join(dataDirectory(t), 'countries.csv');
  const lines = [
    '# ours',
    '198.51.100.0,198.51.100.255,us',
    '"203.0.113.0","203.0.113.127","JP"',
    '2001:db8::,2001:db8:ffff::,KR\r',
    '',
  ];
  writeFileSync(file, lines.join('\n'));
  const countries = readCountries(file);
  const expected = {
    '198.51.100.0': 'US',
    '198.51.100.255': 'US',
    '198.51.101.0': undefined,
    '203.0.113.127': 'JP',
    '203.0.113.128': undefined,
    '::ffff:203.0.113.1': 'JP',
    '2001:db8:1::5': 'KR',
    '2001:db9::': undefined,
    '0.0.0.0': undefined,
    'fe80::1%eth0': undefined,
    '': undefined,
    nonsense: undefined,
  };
  for (const [address, country] of Object.entries(expected)) assert.equal(countries.of(address), country, address);
  writeFileSync(file, 'start,end,country\n');
  assert.throws(() => readCountries(file), /line 1/);
});
