// The least that any proxy in Node does: node:http in, undici dispatch out, nothing looked at. The yardstick for CPU per call.
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';

const upstream = new Pool(process.argv[2]!, { connections: 64, pipelining: 1 });

const server = createServer((request, response) => {
  const { 'content-length': length, 'content-type': type, accept, ...headers } = request.headers;
  upstream.dispatch(
    {
      path: request.url!,
      method: 'POST',
      headers: { ...copied(headers), 'content-type': type, 'content-length': length, accept } as Record<string, string>,
      body: request,
    },
    relay(response),
  );
});

/** The MCP headers of a request; hop-by-hop ones stay behind. */
function copied(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('mcp-')));
}

function relay(response: ServerResponse): Parameters<Pool['dispatch']>[1] {
  return {
    onRequestStart() {},
    onResponseStart(_controller, status, headers) {
      const { 'content-type': type, 'content-length': length } = headers;
      response.writeHead(status, {
        'content-type': String(type),
        ...(length !== undefined && { 'content-length': String(length) }),
      });
    },
    onResponseData(_controller, chunk) {
      response.write(chunk);
    },
    onResponseEnd() {
      response.end();
    },
    onResponseError() {
      response.destroy();
    },
  };
}

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('SIGTERM', () => process.exit(0));
