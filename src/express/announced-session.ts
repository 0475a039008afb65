// The session that an MCP server announces in its answer: heard before the client hears of it, whichever SDK wrote it.
import type { ServerResponse } from 'node:http';

export interface Ears {
  /** Streamable HTTP: `Mcp-Session-Id` in the head. @returns false to break the answer off */
  readonly onHeader: (id: string) => boolean;
  /** HTTP+SSE: the first event says where to post (MCP 2024-11-05, transports, "HTTP with SSE"). Likewise. */
  readonly onEndpoint: (address: string) => boolean;
}

const endpointEvent = /^event: ?endpoint\r?\ndata: ?([^\r\n]{1,2048})\r?\n/;
const name = 'mcp-session-id';

/** Listens to an answer that has yet to begin. */
export function listenFor(response: ServerResponse, { onHeader, onEndpoint }: Ears): void {
  const { writeHead, write } = response;
  let begun = false;

  response.writeHead = function (this: ServerResponse, ...head: unknown[]) {
    const id = inHead(head.at(-1)) ?? response.getHeader(name);
    if (id !== undefined && !onHeader(String(id))) return response.destroy();
    return (writeHead as (...args: unknown[]) => ServerResponse).apply(this, head);
  } as ServerResponse['writeHead'];

  response.write = function (this: ServerResponse, ...written: unknown[]) {
    if (!begun && (typeof written[0] === 'string' || written[0] instanceof Uint8Array)) {
      begun = true;
      const [, address] = endpointEvent.exec(textOf(written[0])) ?? [];
      if (address !== undefined && !onEndpoint(address)) return !response.destroy();
    }
    return (write as (...args: unknown[]) => boolean).apply(this, written);
  } as ServerResponse['write'];
}

/** What Node takes for headers: an object, a list of pairs, or a list of names and values in turn. */
function inHead(headers: unknown): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const list: unknown[] = Array.isArray(headers) ? headers.flat() : Object.entries(headers).flat();
  const at = list.findIndex((each, index) => index % 2 === 0 && String(each).toLowerCase() === name);
  return at < 0 ? undefined : String(list[at + 1]);
}

const textOf = (chunk: string | Uint8Array): string =>
  typeof chunk === 'string' ? chunk.slice(0, 4096) : Buffer.from(chunk.subarray(0, 4096)).toString('utf8');
