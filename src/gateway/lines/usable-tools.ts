// Leaves tools out that no client may use, so that one malformed definition does not keep the others from being used.
import type { Log } from '../../base/log.ts';
import { isJsonObject, result } from '../../protocol/message.ts';
import type { JsonObject, ResponseMessage } from '../../protocol/message.ts';
import { isWellAnnotated } from '../../protocol/mirrored-params.ts';

/**
 * The result of `tools/list` without tools whose `x-mcp-header` annotations are not allowed (MCP 2026-07-28, Streamable
 * HTTP, "Schema Extension"). A list in which nothing changes keeps its original bytes.
 */
export function usableTools(response: ResponseMessage, server: string, log: Log): ResponseMessage {
  const tools: unknown = response.result?.['tools'];
  if (!Array.isArray(tools)) return response;
  const usable = (tools as unknown[]).filter(
    (tool) => !isJsonObject(tool) || isWellAnnotated(tool['inputSchema'] as JsonObject | undefined),
  );
  const dropped = tools.length - usable.length;
  if (dropped === 0) return response;
  const names = (tools as JsonObject[]).filter((tool) => !usable.includes(tool)).map(({ name }) => name);
  log.warn({ server, tools: names.slice(0, 16), dropped }, 'tools with annotations that are not allowed are left out');
  return result(response.id!, { ...response.result, tools: usable });
}
