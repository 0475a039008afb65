// Between node:http and web-standard handlers, which is what the official SDK makes.
import type { ServerResponse } from 'node:http';
import type { SeenRequest } from './http-upstream.ts';

export function webRequest({ method, headers, body }: SeenRequest): Request {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  const init = { method, headers: entries as [string, string][] };
  return new Request(`http://${headers.host}/mcp`, body.length > 0 ? { ...init, body: new Uint8Array(body) } : init);
}

/** Sends the answer piece by piece, as it comes. */
export async function reply(response: ServerResponse, answer: Response): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).flushHeaders();
  if (answer.body === null) return void response.end();
  const reader = answer.body.getReader();
  response.on('close', () => void reader.cancel().catch(() => {}));
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) response.write(piece.value);
  response.end();
}
