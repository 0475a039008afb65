// Leaves tools out that no client may use, so that one malformed definition does not keep the others from being used.
import type { Log } from '../../base/log.ts';
import { oneLine } from '../../base/one-line.ts';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject, ResponseMessage } from '../../protocol/message.ts';
import { isWellAnnotated } from '../../protocol/mirrored-params.ts';
import { shorterList } from '../../protocol/shorter-list.ts';

/** What the log says of them: names are texts of the server, of any length. */
const maxNames = 16;

/**
 * The result of `tools/list` without tools whose `x-mcp-header` annotations are not allowed (MCP 2026-07-28, Streamable
 * HTTP, "Schema Extension"). A list in which nothing changes keeps its original bytes.
 */
export function usableTools(response: ResponseMessage, server: string, log: Log): ResponseMessage {
  const tools: unknown = response.result?.['tools'];
  if (!Array.isArray(tools)) return response;
  const usable: unknown[] = [];
  const dropped: unknown[] = [];
  for (const tool of tools as unknown[]) {
    if (!isJsonObject(tool) || isWellAnnotated(tool['inputSchema'] as JsonObject | undefined)) usable.push(tool);
    else dropped.push(tool['name']);
  }
  if (dropped.length === 0) return response;
  const names = dropped.slice(0, maxNames).map((name) => (typeof name === 'string' ? oneLine(name) : ''));
  log.warn(
    { server, tools: names, dropped: dropped.length },
    'tools with annotations that are not allowed are left out',
  );
  return shorterList(response, 'tools', usable);
}
