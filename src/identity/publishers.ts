// Who publishes a client that is named by a URL, and whether the administrator trusts them.
export interface Publisher {
  readonly host: string;
  readonly trusted: boolean;
}

/** `example.com`, or `*.example.com` for everything below it. */
export const hostPattern = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

/** @returns undefined for a client that has introduced itself and was given its id here */
export function publisherOf(clientId: string, trusted: readonly string[]): Publisher | undefined {
  const url = URL.parse(clientId);
  if (url?.protocol !== 'https:') return undefined;
  const { hostname, host } = url;
  return { host, trusted: url.port === '' && trusted.some((pattern) => matches(pattern, hostname)) };
}

const matches = (pattern: string, hostname: string): boolean =>
  pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : hostname === pattern;
