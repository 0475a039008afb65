// Whether an address can be reached from this machine alone.
import { isIP } from 'node:net';

/**
 * `true` for loopback addresses (127.0.0.0/8, ::1) and the name `localhost` (RFC 6761 §6.3).
 * @param host host of a listener or of a parsed URL, in which other ways of writing an address are already undone; IPv6 with or
 *   without brackets
 */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
