// The headers that mirror parts of a message: refused when they disagree with the body, and written when we send one.
import type { IncomingHttpHeaders } from 'node:http';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { reservedPrefix } from './envelope.ts';
import { decodeHeaderValue, encodeHeaderValue } from './header-value.ts';
import type { Era, JsonObject, Message, RequestMessage } from './message.ts';
import { agrees, mirroredParams, mirroredValue } from './mirrored-params.ts';
import { eraOf, latestLegacy, revisionUnknown } from './revisions.ts';

/** Where `Mcp-Name` comes from (MCP 2026-07-28, Streamable HTTP, "Standard Request Headers"). */
const nameSources: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'], // extension io.modelcontextprotocol/tasks, "Routing Headers"
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

const revisionHeader = 'mcp-protocol-version';

interface ToolSchema {
  readonly inputSchema?: JsonObject;
}

/**
 * The family of revisions that a message belongs to: by its envelope, else by its header. `initialize` negotiates by
 * itself; without any claim 2025-03-26 is assumed (MCP 2025-11-25, transports, "Protocol Version Header"). Two claims that
 * disagree are refused before either is looked at: a revision that we do not know is then not the point.
 */
export function eraOfMessage(message: Message, headers: IncomingHttpHeaders): Era | Refusal {
  const header = single(headers[revisionHeader]);
  const claimed = message.kind === 'request' ? claimedRevision(message.params) : undefined;
  if (claimed !== undefined && header !== undefined && claimed !== header) return mismatch('MCP-Protocol-Version');
  const initializes = message.kind === 'request' && message.method === 'initialize';
  const revision = claimed ?? (initializes ? latestLegacy : (header ?? '2025-03-26'));
  return eraOf(revision) ?? revisionUnknown(revision);
}

/**
 * Compares the headers of a POST with its body, so that nothing in front of us can have decided on something else than
 * what is carried out. Modern requests must have the headers; legacy ones may, and then they must agree just so. A header
 * that was sent twice reaches us as a list and agrees with nothing.
 * @param headers names in lower case, as `node:http` hands them over
 * @param era from `eraOfMessage`
 */
export function checkHeaders(message: Message, headers: IncomingHttpHeaders, era: Era): Refusal | undefined {
  const required = era === 'modern' && message.kind === 'request';
  return (
    checkRevision(message, headers, era, required) ??
    (message.kind === 'response' ? undefined : checkMethodAndName(message, headers, required))
  );
}

function checkRevision(
  message: Message,
  headers: IncomingHttpHeaders,
  era: Era,
  required: boolean,
): Refusal | undefined {
  const header = single(headers[revisionHeader]);
  if (header === undefined) return required ? mismatch('MCP-Protocol-Version') : undefined;
  const claimed = message.kind === 'response' ? undefined : claimedRevision(message.params);
  if (claimed !== undefined && claimed !== header) return mismatch('MCP-Protocol-Version');
  const spoken = eraOf(header);
  if (spoken === undefined) return revisionUnknown(header);
  return spoken === era ? undefined : mismatch('MCP-Protocol-Version');
}

function checkMethodAndName(
  message: Exclude<Message, { kind: 'response' }>,
  headers: IncomingHttpHeaders,
  required: boolean,
): Refusal | undefined {
  const method = single(headers['mcp-method']);
  if (method === undefined ? required : method !== message.method) return mismatch('Mcp-Method');

  const source = nameSources.get(message.method);
  const named = source === undefined ? undefined : message.params[source];
  if (typeof named !== 'string') return undefined; // nothing to compare with, nothing that could be used
  const header = single(headers['mcp-name']);
  if (header === undefined ? required : decodeHeaderValue(header) !== named) return mismatch('Mcp-Name');
  return undefined;
}

/**
 * Compares the `Mcp-Param-*` headers of a modern `tools/call` with its arguments, once the tool is known. Headers that
 * the schema does not name are not ours to judge; they are not passed on either.
 */
export function checkParamHeaders(
  tool: ToolSchema,
  args: JsonObject,
  headers: IncomingHttpHeaders,
): Refusal | undefined {
  for (const param of mirroredParams(tool.inputSchema)) {
    const header = single(headers[param.header]);
    const body = mirroredValue(param, args);
    if (header === undefined && body === undefined) continue;
    const said = header === undefined ? undefined : decodeHeaderValue(header);
    if (said === undefined || body === undefined || !agrees(param, said, body)) return mismatch(param.header);
  }
  return undefined;
}

/** The headers that belong to a modern request that we send; names in lower case. */
export function modernHeaders(message: RequestMessage, tool?: ToolSchema): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { 'mcp-method': message.method };
  const revision = claimedRevision(message.params);
  if (revision !== undefined) headers[revisionHeader] = revision;

  const named = message.params[nameSources.get(message.method) ?? ''];
  if (typeof named === 'string') headers['mcp-name'] = encodeHeaderValue(named);

  for (const param of mirroredParams(tool?.inputSchema)) {
    const value = mirroredValue(param, message.params['arguments']);
    if (value !== undefined) headers[param.header] = encodeHeaderValue(value);
  }
  return headers;
}

function claimedRevision(params: JsonObject): string | undefined {
  const claimed = (params['_meta'] as JsonObject | null | undefined)?.[`${reservedPrefix}protocolVersion`];
  return typeof claimed === 'string' ? claimed : undefined;
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value;

const mismatch = (header: string): Refusal => refuse('inspect_header_mismatch', { header }, { outcome: 'block' });
