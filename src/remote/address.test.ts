// Which addresses of a Genkan elsewhere are taken, and which would lead tokens astray.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remoteAddress } from './address.ts';

test('an address is known by its origin, and a bare name by https', () => {
  for (const written of ['https://genkan.example.com', 'HTTPS://Genkan.Example.com/', 'genkan.example.com'])
    assert.equal(remoteAddress(written), 'https://genkan.example.com');
  assert.equal(remoteAddress('genkan.example.com:8443'), 'https://genkan.example.com:8443');
  for (const here of ['http://127.0.0.1:7300', 'http://localhost:7300', 'http://[::1]:7300'])
    assert.equal(remoteAddress(here), here);
});

test('nothing goes unencrypted to another machine, nor to anything but an origin', () => {
  for (const written of [
    'http://genkan.example.com',
    'http://127.0.0.1.example.com',
    'https://dana@genkan.example.com',
    'https://genkan.example.com/mcp',
    'https://genkan.example.com/?x',
    'https://genkan.example.com/#x',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://',
    '',
  ])
    assert.equal((remoteAddress(written) as { code: string }).code, 'remote_address_invalid', written);
});
