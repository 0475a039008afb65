// What every modern request says about itself in `_meta`: revision, client and capabilities (MCP 2026-07-28, "_meta").
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { isJsonObject } from './message.ts';
import type { JsonObject, RequestMessage } from './message.ts';
import { modernRevisions, revisionUnknown } from './revisions.ts';
import type { ModernRevision } from './revisions.ts';

export interface Envelope {
  readonly protocolVersion: ModernRevision;
  /** Self-reported: for display and records, never for decisions. */
  readonly clientInfo?: JsonObject & { readonly name: string; readonly version: string };
  readonly clientCapabilities: JsonObject;
  readonly logLevel?: LogLevel;
}

/** RFC 5424 §6.2.1, as MCP spells them. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The prefix of the `_meta` members that belong to the protocol itself. */
export const reservedPrefix = 'io.modelcontextprotocol/';

/** Reads the envelope of a modern request; refuses one that is missing, malformed or of a revision that is not spoken. */
export function readEnvelope(message: RequestMessage): Envelope | Refusal {
  const meta = message.params['_meta'];
  if (!isJsonObject(meta)) return invalid('_meta', 'is missing');
  const field = (name: string): unknown => meta[reservedPrefix + name];

  const protocolVersion = field('protocolVersion');
  if (typeof protocolVersion !== 'string') return invalid('protocolVersion', 'is not a string');
  if (!isModern(protocolVersion)) return revisionUnknown(protocolVersion);

  const clientCapabilities = field('clientCapabilities');
  if (!isJsonObject(clientCapabilities)) return invalid('clientCapabilities', 'is not an object');

  const clientInfo = field('clientInfo');
  if (clientInfo !== undefined && !isImplementation(clientInfo))
    return invalid('clientInfo', 'has no name or no version');

  const logLevel = field('logLevel');
  if (logLevel !== undefined && !isLogLevel(logLevel)) return invalid('logLevel', 'is not a level of RFC 5424');

  return { protocolVersion, clientCapabilities, clientInfo, logLevel };
}

function invalid(member: string, problem: string): Refusal {
  const key = member === '_meta' ? member : reservedPrefix + member;
  return refuse('inspect_envelope_invalid', { reason: `${key} ${problem}` }, { data: { envelope: { key, problem } } });
}

const isModern = (value: string): value is ModernRevision => (modernRevisions as readonly string[]).includes(value);
const isLogLevel = (value: unknown): value is LogLevel => (logLevels as readonly unknown[]).includes(value);
export const isImplementation = (value: unknown): value is NonNullable<Envelope['clientInfo']> =>
  isJsonObject(value) && typeof value['name'] === 'string' && typeof value['version'] === 'string';
