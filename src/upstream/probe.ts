// Finds out which families of revisions an HTTP server speaks, by asking in both.
import { GenkanError } from '../base/errors.ts';
import { modernHeaders } from '../protocol/headers.ts';
import { request } from '../protocol/message.ts';
import type { Era, RequestMessage, ResponseMessage } from '../protocol/message.ts';
import { eraOf, latestLegacy, latestModern } from '../protocol/revisions.ts';
import { HttpStatusFault } from './http-link.ts';

/** The part of a channel that a probe uses. */
export interface ProbeChannel {
  send(message: RequestMessage, options: { headers: Readonly<Record<string, string>> }): Promise<ResponseMessage>;
  begin(initialize: RequestMessage): Promise<ResponseMessage>;
  close(): Promise<void>;
}

const clientInfo = { name: 'genkan', version: '0.1.0' };

/** Opens a legacy conversation on our own account. */
export const ownInitialize = (): RequestMessage =>
  request('genkan-initialize', 'initialize', { protocolVersion: latestLegacy, capabilities: {}, clientInfo });

/**
 * @param open opens a channel that is used for one request and closed
 * @throws GenkanError when the server cannot be reached, refuses us, is busy or faulty: none of this says what it speaks;
 *   and when it speaks neither
 */
export async function probeEras(server: string, open: (era: Era) => ProbeChannel): Promise<ReadonlySet<Era>> {
  const eras = new Set<Era>();
  if (await holds(open('modern'), speaksModern)) eras.add('modern');
  if (await holds(open('legacy'), speaksLegacy)) eras.add('legacy');
  if (eras.size > 0) return eras;
  throw new GenkanError('upstream_unavailable', { server }, { detail: 'it speaks no revision of MCP that we know' });
}

async function speaksModern(channel: ProbeChannel): Promise<boolean> {
  const discover = request('genkan-discover', 'server/discover', {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': latestModern,
      'io.modelcontextprotocol/clientInfo': clientInfo,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  });
  const versions = (await channel.send(discover, { headers: modernHeaders(discover) })).result?.['supportedVersions'];
  return Array.isArray(versions) && versions.some((version) => eraOf(version) === 'modern');
}

async function speaksLegacy(channel: ProbeChannel): Promise<boolean> {
  return eraOf((await channel.begin(ownInitialize())).result?.['protocolVersion']) === 'legacy';
}

async function holds(channel: ProbeChannel, speaks: (channel: ProbeChannel) => Promise<boolean>): Promise<boolean> {
  try {
    return await speaks(channel);
  } catch (error) {
    if (!saysNo(error)) throw error;
    return false;
  } finally {
    await channel.close();
  }
}

/** Whether a fault is the server's way of not understanding the question. */
function saysNo(error: unknown): boolean {
  if (error instanceof HttpStatusFault) return notUnderstood.has(error.status);
  return error instanceof GenkanError && error.code === 'upstream_answer_invalid';
}

const notUnderstood = new Set([400, 404, 405, 406, 415, 422, 501]);
