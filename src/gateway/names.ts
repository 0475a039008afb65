// Unique names at `/mcp`: made from server and name, looked up, never taken apart again.
import { createHash } from 'node:crypto';

/** Server names cannot contain it (they have no underscore), so two different pairs never meet in one name. */
const separator = '__';

/** Longest tool name that the models behind MCP clients take. */
const maxLength = 64;

/** The name under which a server's tool or prompt is shown at `/mcp`, at most 64 characters: longer ones end in a hash of the whole. */
export function exposedName(server: string, name: string): string {
  const full = `${server}${separator}${name}`;
  if (full.length <= maxLength) return full;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 10);
  return `${full.slice(0, maxLength - hash.length - 1)}_${hash}`;
}
