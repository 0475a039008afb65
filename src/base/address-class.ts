// Which part of the network an IP address belongs to: this machine, an inner network, or the world.
import { BlockList, isIP } from 'node:net';

export type AddressClass = 'loopback' | 'private' | 'public';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

// What IANA's special-purpose registries (RFC 6890) call not globally reachable, and what nobody can be behind.
const inner = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['168.63.129.16', 32], // Azure's wire server: public by its number, and the host of every virtual machine
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  inner.addSubnet(network, prefix, 'ipv4');

// Of IPv6 only global unicast is public; in it, ways to wrap an inner IPv4 address and documentation are not.
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
const wrapping = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  wrapping.addSubnet(network, prefix, 'ipv6');

/** @param address an IP address without brackets; anything else is `private`, so that it is trusted with nothing */
export function addressClass(address: string): AddressClass {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return addressClass(mapped);
  const version = isIP(address);
  if (version === 0) return 'private';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (loopback.check(address, family)) return 'loopback';
  if (family === 'ipv4') return inner.check(address, family) ? 'private' : 'public';
  return globalUnicast.check(address, family) && !wrapping.check(address, family) ? 'public' : 'private';
}
