// Reads what a client sent, the body of a POST or a line, into one JSON-RPC message or a batch, within the limits.
import type { IncomingMessage } from 'node:http';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { isBatch, parseBatch } from '../protocol/batch.ts';
import type { Message } from '../protocol/message.ts';
import { parseMessage } from '../protocol/parse.ts';
import type { HttpArrival } from './arrival.ts';

/** Several messages in one POST or line; whether they may come so is for the session to say. */
export interface Batch {
  readonly kind: 'batch';
  readonly members: readonly Message[];
}

export interface MessageLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/**
 * @param limits a body that declares or sends more is refused without being read further
 * @throws when the client breaks the connection off
 */
export async function readMessage(arrival: HttpArrival, limits: MessageLimits): Promise<Message | Batch | Refusal> {
  const { headers } = arrival;
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';', 1);
  if (mediaType.trim().toLowerCase() !== 'application/json' || headers['content-encoding'] !== undefined) {
    return refuse('inspect_media_type');
  }
  const tooLarge = refuse('inspect_body_too_large', { limit: limits.maxBytes });
  if (Number(headers['content-length'] ?? 0) > limits.maxBytes) return tooLarge;
  const body = await readBody(arrival.body, limits.maxBytes);
  return body === undefined ? tooLarge : parsePosted(body, limits);
}

export function parsePosted(raw: Buffer, limits: MessageLimits): Message | Batch | Refusal {
  if (!isBatch(raw)) return parseMessage(raw, limits);
  const members = parseBatch(raw, limits);
  return isRefusal(members) ? members : { kind: 'batch', members };
}

/** Listens to the stream directly: an async iterator over it would cost more than the parsing. Undefined when it is too large. */
function readBody(stream: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) return void chunks.push(chunk);
      stream.pause();
      resolve(undefined);
    });
    stream.once('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes)));
    stream.once('error', reject); // also when the client breaks off: node:http then reports ECONNRESET
  });
}
