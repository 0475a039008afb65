// Reading and naming our own cookies. Those of the authorization server are its own affair.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { unguessableId } from '../base/ids.ts';

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

const browserCookie = (issuer: string): ReturnType<typeof hostCookie> => hostCookie(issuer, 'genkan_browser');

/** The secret by which a browser is known again when it comes back from elsewhere. */
export const browserCookieOf = (request: IncomingMessage, issuer: string): string | undefined =>
  cookieOf(request, browserCookie(issuer).name);

/** The browser's secret; one that has none, or one that is not ours, gets one with the answer. */
export function browserSecret(request: IncomingMessage, response: ServerResponse, issuer: string): string {
  const held = browserCookieOf(request, issuer);
  const secret = held !== undefined && /^[\w-]{32}$/.test(held) ? held : unguessableId();
  const { name, attributes } = browserCookie(issuer);
  response.appendHeader('set-cookie', `${name}=${secret}; ${attributes}`);
  return secret;
}
