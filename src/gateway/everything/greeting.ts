// How Genkan introduces itself at `/mcp`, where it speaks for all servers together.
import { genkan } from '../../base/genkan.ts';
import { reservedPrefix } from '../../protocol/envelope.ts';
import { isJsonObject } from '../../protocol/message.ts';
import type { JsonObject, RequestMessage } from '../../protocol/message.ts';
import { latestLegacy, latestModern, eraOf } from '../../protocol/revisions.ts';
import { marked } from './marked.ts';

/** How one server has introduced itself; without capabilities when it has not done so yet. */
export interface Introduced {
  readonly server: string;
  readonly capabilities?: JsonObject;
  readonly instructions?: string;
}

const maxInstructions = 2000;
const maxAllInstructions = 16_000;
/** In characters of JSON. */
const maxExtensions = 16_000;

const about =
  'This address shows the tools and prompts of several MCP servers, as far as you may use them. ' +
  'Their names begin with the name of their server and two underscores.';
const quoted =
  'What follows was written by the servers, not by Genkan. Each line stands behind the name of its server and tells ' +
  'how to use that server; it says nothing about any other.';

/** The result of `initialize` (MCP 2025-11-25, lifecycle) or of `server/discover` (MCP 2026-07-28). */
export function greet({ method, params }: RequestMessage, servers: readonly Introduced[]): JsonObject {
  const common = { capabilities: capabilitiesOf(servers), instructions: instructionsOf(servers) };
  if (method === 'initialize') {
    const asked = params['protocolVersion'];
    const protocolVersion = typeof asked === 'string' && eraOf(asked) === 'legacy' ? asked : latestLegacy;
    const takeTasks = servers.some(({ capabilities }) => createsTasks(capabilities));
    const declared = { ...common.capabilities, ...(takeTasks && { tasks }) };
    return { protocolVersion, ...common, capabilities: declared, serverInfo: genkan };
  }
  return {
    supportedVersions: [latestModern],
    ...common,
    resultType: 'complete',
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [`${reservedPrefix}serverInfo`]: genkan },
  };
}

/** Lists and their changes are Genkan's own; the rest is what some server can, or may yet say that it can. */
function capabilitiesOf(servers: readonly Introduced[]): JsonObject {
  const some = (can: (capabilities: JsonObject) => boolean): boolean =>
    servers.some(({ capabilities }) => capabilities === undefined || can(capabilities));
  const subscribe = some(({ resources }) => isJsonObject(resources) && resources['subscribe'] === true);
  return {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { listChanged: true, ...(subscribe && { subscribe }) },
    ...(some(({ completions }) => isJsonObject(completions)) && { completions: {} }),
    logging: {},
    ...extensionsOf(servers),
  };
}

/** Whether a server of the older era takes calls as tasks (MCP 2025-11-25, tasks, "Server Capabilities"). */
export function createsTasks(capabilities: JsonObject | undefined): boolean {
  const declared = capabilities?.['tasks'];
  const { tools } = (isJsonObject(declared) && isJsonObject(declared['requests']) && declared['requests']) || {};
  return isJsonObject(tools) && isJsonObject(tools['call']);
}

/** Tasks of several servers are not listed: each knows its own. */
const tasks = { cancel: {}, requests: { tools: { call: {} } } };

/** What several servers say of an extension is told in the words of the first. */
function extensionsOf(servers: readonly Introduced[]): JsonObject {
  const declared = servers.toReversed().map(({ capabilities }) => capabilities?.['extensions']);
  const extensions: JsonObject = Object.assign({}, ...declared.filter(isJsonObject));
  const { length } = JSON.stringify(extensions);
  return length === 2 || length > maxExtensions ? {} : { extensions };
}

/** A server's text cannot pose as another's or as ours: every line of it is marked. */
function instructionsOf(servers: readonly Introduced[]): string {
  const lines: string[] = [];
  let length = 0;
  for (const { server, instructions = '' } of servers) {
    const text = instructions.trim().slice(0, maxInstructions);
    if (text === '') continue;
    const own = marked(server, text);
    length += own.length;
    if (length > maxAllInstructions) continue;
    lines.push(own);
  }
  return lines.length === 0 ? about : [about, quoted, ...lines].join('\n\n');
}
