// Reads the body of a POST into one JSON-RPC message, within the limits and nothing else than JSON.
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import type { Message } from '../protocol/message.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { Arrival } from './arrival.ts';

/**
 * @param limits bytes and depth; a body that declares or sends more is refused without being read further
 * @throws when the client breaks the connection off
 */
export async function readMessage(
  arrival: Arrival,
  limits: { readonly maxBytes: number; readonly maxDepth: number },
): Promise<Message | Refusal> {
  const { headers } = arrival;
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (mediaType.trim().toLowerCase() !== 'application/json' || headers['content-encoding'] !== undefined) {
    return refuse('inspect_media_type');
  }
  const tooLarge = refuse('inspect_body_too_large', { limit: limits.maxBytes });
  if (Number(headers['content-length'] ?? 0) > limits.maxBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of arrival.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.maxBytes) return tooLarge;
    chunks.push(chunk);
  }
  return parseMessage(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes), limits);
}
