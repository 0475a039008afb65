// Threat: a server that fetches what it is told to is given an address inside the network that it stands in (SSRF), however spelt.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { argumentSettings } from '../../src/inspect/types/settings.ts';
import { createTypeCheck } from '../../src/inspect/types/typed-arguments.ts';

let hits = 0;
const inner = createServer((_, response) => void (hits++, response.end('keys of the machine')));
before(() => new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve)));
after(() => new Promise((resolve) => inner.close(resolve)));

const types = { '/url': { type: 'url', schemes: ['http', 'https'], ports: [80, 443] } };

/** Which rule it breaks. */
function verdict(url: string): string | undefined {
  const check = createTypeCheck(argumentSettings.parse([{ match: { tools: ['fetch'] }, types }]));
  const refusal = check({ server: 's', primitive: 'tools', name: 'fetch', tool: {}, arguments: { url } });
  return refusal?.data?.['rule'] as string | undefined;
}

const spellings = [
  '127.0.0.1',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0x7f.1',
  '127.0.0.1.',
  '１２７.０.０.１',
  '%31%32%37.0.0.1',
  'localhost',
  'LOCALHOST',
  '①27.0.0.1',
  '127。0。0。1',
];

for (const host of spellings) {
  test(`http://${host}/ is this machine, and is refused`, async () => {
    const { port } = inner.address() as AddressInfo;
    const before = hits;
    await fetch(`http://${host}:${port}/`).then((response) => response.text());
    assert.equal(hits, before + 1, 'control: whoever fetches it is answered by the inner server');
    assert.match(verdict(`http://${host}/`) ?? 'none', /^host-/);
  });
}

const elsewhere = [
  '169.254.169.254',
  '[fd00:ec2::254]',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:169.254.169.254]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[::]',
  '[fe80::1]',
  '0.0.0.0',
  '10.0.0.1',
  '172.31.255.1',
  '192.168.1.1',
  '100.64.0.1',
  '168.63.129.16.localhost',
  'metadata.google.internal',
  'intranet',
  'printer.local',
  'a.svc.cluster.local',
  '[::127.0.0.1]',
  '0xa9fea9fe',
  '2852039166',
  'x.home.arpa',
];
test('addresses of metadata services, inner networks and wrapped IPv4 are refused', () => {
  for (const host of elsewhere) {
    assert.match(verdict(`http://${host}/latest/meta-data`) ?? 'none', /^host-/, host);
    assert.ok(URL.canParse(`http://${host}/`), `control: ${host} is a host to whoever fetches`);
  }
});

test('tricks that make two readers see two hosts are refused', () => {
  for (const url of [
    'http://example.com@127.0.0.1/',
    'http://example.com#@127.0.0.1/',
    'http://127.0.0.1\\@example.com/',
    'http:\\\\127.0.0.1/',
    'http://exa\tmple.com/',
    ' http://example.com/',
    'http://example.com?@127.0.0.1/',
    'http://user:pass@example.com/',
    'http://exаmple.com/',
    'http://ex%61mple.com/',
    'http:///127.0.0.1/',
    'http:127.0.0.1',
    '//127.0.0.1/',
    'http://example.com:22/',
    'jar:http://x!/',
    'file:///etc/passwd',
  ])
    assert.notEqual(verdict(url), undefined, url);
});

test('a public address passes', () => {
  for (const url of ['https://learn.microsoft.com/azure/?a=b#c', 'https://1.1.1.1/', 'http://example.com/'])
    assert.equal(verdict(url), undefined, url);
});
