// Which requests to an app are for its MCP server, and for which resource of it a token must have been issued.
import { audienceOf } from '../identity/audiences.ts';

export interface Entrance {
  readonly path: string;
  /** The resource as clients know it, by its address (RFC 9728 §3.3). */
  readonly address: string;
  /** The `aud` of tokens for it. */
  readonly audience: string;
  /** Clients of the HTTP+SSE transport post here, and name their session in the query. */
  readonly takesMessages: boolean;
}

/** As Express hands requests over. */
export interface Addressed {
  readonly path: string;
  readonly baseUrl: string;
}

export type FindEntrance = (request: Addressed) => Entrance | undefined;

export function createEntrances(publicUrl: string, resources: readonly string[], messages: string): FindEntrance {
  const at = (path: string, of = path): Entrance => ({
    path,
    address: publicUrl + of,
    audience: audienceOf(publicUrl + of),
    takesMessages: path !== of,
  });
  const sse = resources.find((path) => path.endsWith('/sse'));
  const entrances = [...resources.map((path) => at(path)), ...(sse === undefined ? [] : [at(messages, sse)])];
  // The longest first, so that /mcp/admin is not taken for /mcp.
  entrances.sort((one, other) => other.path.length - one.path.length);
  return ({ baseUrl, path }) => {
    const plain = plainPath(baseUrl + path);
    return entrances.find((entrance) => plain === entrance.path || plain.startsWith(`${entrance.path}/`));
  };
}

/**
 * Express takes `/MCP/` for `/mcp`, and handlers behind patterns may take more. What could be meant for an entrance is:
 * to ask for a token in vain harms nobody.
 */
function plainPath(path: string): string {
  const squeezed = path.replace(/[/\\]+/g, '/').toLowerCase();
  try {
    return decodeURIComponent(squeezed)
      .replace(/[/\\]+/g, '/')
      .toLowerCase();
  } catch {
    return squeezed;
  }
}
