// Which audience a resource stands for: the two transports of one MCP address differ by their URL, not by what they open.

/**
 * The `aud` of tokens for a resource (RFC 8707 §2: it may be mapped to a more general URI). `…/mcp/{server}/sse` is the
 * same as `…/mcp/{server}`, and `…/sse` the same as `…/mcp`.
 */
export function audienceOf(resource: string): string {
  const { origin, pathname } = new URL(resource);
  if (pathname === '/sse') return `${origin}/mcp`;
  const [, server] = /^(\/mcp\/[^/]+)\/sse$/.exec(pathname) ?? [];
  return server === undefined ? resource : `${origin}${server}`;
}
