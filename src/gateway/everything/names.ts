// Unique names at `/mcp`: made from server and name, looked up, never taken apart again.
import { createHash } from 'node:crypto';
import type { Primitive } from '../../access/decision.ts';

/** Server names cannot contain it (they have no underscore), so two different pairs never meet in one name. */
const separator = '__';

/** Longest tool name that the models behind MCP clients take. */
const maxLength = 64;

/** What a name may consist of. Tools: MCP 2025-11-25, tools, "Tool Names". People choose prompts, in any script, but not by what is invisible. */
const foreign: Record<Exclude<Primitive, 'resources'>, RegExp> = {
  tools: /[^A-Za-z0-9_.-]/g,
  prompts: /[\p{C}\p{Zl}\p{Zp}]/gu,
};

/**
 * The name under which a server's tool or prompt is shown at `/mcp`, at most 64 characters. One that is longer, or holds
 * characters that names must not have, is cut to size and ends in a hash of the whole.
 */
export function exposedName(server: string, name: string, primitive: Exclude<Primitive, 'resources'>): string {
  const full = `${server}${separator}${name}`;
  const fitting = full.replaceAll(foreign[primitive], '_');
  if (full.length <= maxLength && fitting === full) return full;
  const hash = createHash('sha256').update(full, 'utf16le').digest('hex').slice(0, 10);
  const start = fitting.slice(0, maxLength - hash.length - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${start}_${hash}`;
}
