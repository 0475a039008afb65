// Finds out whether a server speaks a family of revisions, by asking in it.
import { GenkanError } from '../base/errors.ts';
import { genkan } from '../base/genkan.ts';
import { modernHeaders } from '../protocol/headers.ts';
import { isJsonObject, request } from '../protocol/message.ts';
import type { Era, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { ownEnvelope } from '../protocol/own-envelope.ts';
import { eraOf, latestLegacy } from '../protocol/revisions.ts';
import { HttpStatusFault } from './http-link.ts';

/** The part of a channel that a probe uses. */
export interface ProbeChannel {
  readonly era: Era;
  send(message: RequestMessage, options: { headers: Readonly<Record<string, string>> }): Promise<ResponseMessage>;
  begin(initialize: RequestMessage): Promise<ResponseMessage>;
  close(): Promise<void>;
}

const UNSUPPORTED_VERSION = -32022;

/** Opens a legacy conversation on our own account. */
export const ownInitialize = (): RequestMessage =>
  request('genkan-initialize', 'initialize', {
    protocolVersion: latestLegacy,
    capabilities: {},
    clientInfo: genkan,
  });

/**
 * Asks a server whether it speaks the family of revisions of the channel.
 * @param channel used for one request and closed
 * @throws GenkanError when the server cannot be reached, refuses us, is busy or faulty: none of this says what it speaks
 */
export async function speaks(channel: ProbeChannel): Promise<boolean> {
  try {
    return await (channel.era === 'modern' ? speaksModern(channel) : speaksLegacy(channel));
  } catch (error) {
    if (!saysNo(error)) throw error;
    return false;
  } finally {
    await channel.close();
  }
}

/** Asks a modern server what it speaks. */
export const ownDiscover = (): RequestMessage => request('genkan-discover', 'server/discover', ownEnvelope);

/** Whether the answer to `server/discover` names a modern revision that we speak. */
export function saysModern({ result, error }: ResponseMessage): boolean {
  // "Unsupported protocol version" is how a modern server begins to negotiate (MCP 2026-07-28, Versioning).
  const refused = error?.code === UNSUPPORTED_VERSION && isJsonObject(error.data) ? error.data['supported'] : undefined;
  const versions = result?.['supportedVersions'] ?? refused;
  return Array.isArray(versions) && versions.some((version) => eraOf(version) === 'modern');
}

/** Whether the answer to `initialize` opens a conversation that we can hold. */
export const saysLegacy = ({ result }: ResponseMessage): boolean => eraOf(result?.['protocolVersion']) === 'legacy';

async function speaksModern(channel: ProbeChannel): Promise<boolean> {
  const discover = ownDiscover();
  return saysModern(await channel.send(discover, { headers: modernHeaders(discover) }));
}

const speaksLegacy = async (channel: ProbeChannel): Promise<boolean> =>
  saysLegacy(await channel.begin(ownInitialize()));

/** Whether a fault is the server's way of not understanding the question. */
export function saysNo(error: unknown): boolean {
  if (error instanceof HttpStatusFault) return notUnderstood.has(error.status);
  return error instanceof GenkanError && error.code === 'upstream_answer_invalid';
}

const notUnderstood = new Set([400, 404, 405, 406, 415, 422, 501]);
