// Reading and naming our own cookies. Those of the authorization server are its own affair.
import type { IncomingMessage } from 'node:http';

/** The value of a cookie, or `undefined`. If it was sent twice, somebody planted one of them: neither is believed. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  const values = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
}

/**
 * Name and attributes for a cookie of the whole origin. `__Host-` keeps other hosts and plain http from setting it; it
 * needs Secure, which plain http on loopback cannot rely on (RFC 6265bis §4.1.3.2).
 */
export function hostCookie(issuer: string, name: string): { readonly name: string; readonly attributes: string } {
  const secure = issuer.startsWith('https:');
  return {
    name: secure ? `__Host-${name}` : name,
    attributes: `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  };
}
