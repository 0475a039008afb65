// The MCP server that every measured system stands in front of: plain node:http, no SDK, both eras, four tools.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const schema = { type: 'object', properties: { text: { type: 'string' } } };
const annotations = { readOnlyHint: true };
const tools = [
  { name: 'echo', description: 'Returns its text.', inputSchema: schema, annotations },
  { name: 'page', description: 'Returns a list of 4 KiB.', inputSchema: schema, annotations },
  { name: 'large', description: 'Returns 64 KiB of text.', inputSchema: schema, annotations },
  {
    name: 'steps',
    description: 'Reports ten steps of progress, then returns its text.',
    inputSchema: schema,
    annotations,
  },
];
const large = 'The quick brown fox jumps over the lazy dog. '.repeat(1457).slice(0, 65_536);
const page = JSON.stringify(
  Array.from({ length: 36 }, (_, index) => ({
    name: `web-${index}`,
    location: index % 2 === 0 ? 'japaneast' : 'koreacentral',
    size: 'Standard_D2s_v5',
    state: 'running',
    tags: { team: 'storefront' },
  })),
);
const texts: Readonly<Record<string, string>> = { page, large };
const modern = { resultType: 'complete' };
const listing = { ttlMs: 0, cacheScope: 'private' };
const capabilities = { tools: {} };
const serverInfo = { name: 'raw', version: '1' };

interface Call {
  readonly id: number | string;
  readonly method: string;
  readonly params?: { name?: string; arguments?: { text?: string }; _meta?: Record<string, unknown> };
}

const text = (value: string): object => ({ content: [{ type: 'text', text: value }] });

function answer({ method, params }: Call): object {
  if (method === 'initialize') return { protocolVersion: '2025-11-25', capabilities, serverInfo };
  if (method === 'server/discover') return { ...modern, ...listing, supportedVersions: ['2026-07-28'], capabilities };
  if (method === 'tools/list') return { ...modern, ...listing, tools };
  return { ...modern, ...text(texts[params?.name ?? ''] ?? params?.arguments?.text ?? '') };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method !== 'POST') return response.writeHead(405).end();
    const call = JSON.parse(Buffer.concat(chunks).toString()) as Call;
    if (call.id === undefined) return response.writeHead(202).end();
    const body = JSON.stringify({ jsonrpc: '2.0', id: call.id, result: answer(call) });
    if (call.params?.name !== 'steps') {
      return response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let progress = 1; progress <= 10; progress++) {
      const params = { progressToken: call.params._meta?.['progressToken'] ?? 0, progress, total: 10 };
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })}\n\n`);
    }
    return response.end(`data: ${body}\n\n`);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('SIGTERM', () => process.exit(0));
