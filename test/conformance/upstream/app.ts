// An MCP app (extension `io.modelcontextprotocol/ui`): a tool whose result a client may show in a page of the server's.
import type { McpServer } from '@modelcontextprotocol/server';
import { text } from './samples.ts';

export const appExtension = 'io.modelcontextprotocol/ui';
export const appPage = 'ui://conformance/clock.html';
export const appMimeType = 'text/html;profile=mcp-app';

/** The page may be shown in a frame that loads nothing from anywhere. */
const ui = { csp: { connectDomains: [], resourceDomains: [] }, prefersBorder: true };

export function registerApp(server: McpServer): void {
  const described = {
    description: 'Shows a clock.',
    annotations: { readOnlyHint: true },
    _meta: { ui: { resourceUri: appPage, visibility: ['model', 'app'] } },
  };
  server.registerTool('show_clock', described, () => {
    const capabilities = server.server.getClientCapabilities() as { extensions?: Record<string, unknown> } | undefined;
    return { content: [text(JSON.stringify(capabilities?.extensions?.[appExtension] ?? null))] };
  });
  server.registerResource('clock', appPage, { mimeType: appMimeType, _meta: { ui } }, ({ href: uri }) => ({
    contents: [{ uri, mimeType: appMimeType, text: '<!doctype html><title>Clock</title>', _meta: { ui } }],
  }));
}
