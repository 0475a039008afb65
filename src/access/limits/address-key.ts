// Whom an address stands for: an IPv4 address one household, of IPv6 the first half of it.

/**
 * Whoever has one IPv6 address has the other 2^64 of the same network as well (RFC 4291 §2.5.4), and must not have as many
 * limits.
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address;
  const [plain = ''] = address.split('%', 1);
  const [head = '', tail] = plain.split('::', 2);
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    const missing = 8 - groups.length - after.length - (tail.includes('.') ? 1 : 0);
    for (let left = missing; left > 0; left--) groups.push('0');
    groups.push(...after);
  }
  const network = groups.slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
  return `${network.join(':')}::/64`;
}
