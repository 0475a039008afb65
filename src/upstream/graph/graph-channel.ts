// A conversation with the built-in server `graph`, in either family of revisions: its list of tools, and their one answer.
import { genkan } from '../../base/genkan.ts';
import { INVALID_PARAMS, METHOD_NOT_FOUND } from '../../protocol/between-families.ts';
import { failure, result } from '../../protocol/message.ts';
import type { Era, JsonObject, Message, RequestMessage, ResponseMessage } from '../../protocol/message.ts';
import { eraOf, latestLegacy, modernRevisions } from '../../protocol/revisions.ts';
import type { SendOptions } from '../channel.ts';
import type { ChannelEvents, OpenChannel } from '../transport.ts';
import type { Profile } from './profile.ts';

export interface GraphChannelOptions extends Pick<ChannelEvents, 'onFault' | 'onOver'> {
  readonly server: string;
  readonly era: Era;
  readonly fields: readonly string[];
  readonly profile: Profile;
}

/** The second one is what other servers call it. */
const toolNames = ['getUserDetails', 'GetUserDetailsFromGraph'];
const listedMs = 3_600_000;

export class GraphChannel implements OpenChannel {
  readonly era: Era;
  readonly deaf = true;
  readonly #options: GraphChannelOptions;
  #active = 0;
  #over = false;
  lastUsedMs = performance.now();

  constructor(options: GraphChannelOptions) {
    this.era = options.era;
    this.#options = options;
  }

  get active(): number {
    return this.#active;
  }

  begin({ id, params }: RequestMessage): Promise<ResponseMessage> {
    const { protocolVersion: asked } = params;
    const protocolVersion = eraOf(asked) === 'legacy' ? asked : latestLegacy;
    return Promise.resolve(result(id, { protocolVersion, ...self }));
  }

  send(message: RequestMessage, options?: SendOptions): Promise<ResponseMessage>;
  send(message: Exclude<Message, RequestMessage>, options?: SendOptions): Promise<undefined>;
  async send(message: Message, options: SendOptions = {}): Promise<ResponseMessage | undefined> {
    this.lastUsedMs = performance.now();
    if (message.kind !== 'request') return undefined;
    this.#active++;
    try {
      return await this.#answer(message, options.signal);
    } catch (error) {
      this.#options.onFault(error as Error);
      throw error;
    } finally {
      this.#active--;
    }
  }

  close(): Promise<void> {
    if (!this.#over) this.#options.onOver();
    this.#over = true;
    return Promise.resolve();
  }

  async #answer({ id, method, params }: RequestMessage, signal?: AbortSignal): Promise<ResponseMessage> {
    const { era } = this.#options;
    const complete = era === 'modern' ? { resultType: 'complete' } : {};
    const lasting = era === 'modern' ? { ...complete, ttlMs: listedMs, cacheScope: 'private' } : {};
    if (method === 'tools/list') return result(id, { ...lasting, tools: toolsFor(this.#options.fields) });
    if (method === 'server/discover' && era === 'modern')
      return result(id, { ...lasting, supportedVersions: [...modernRevisions], ...self });
    if (method === 'ping' && era === 'legacy') return result(id, {});
    if (method !== 'tools/call') return failure(id, { code: METHOD_NOT_FOUND, message: 'Method not found' });
    if (!toolNames.includes(String(params['name'])))
      return failure(id, { code: INVALID_PARAMS, message: 'Unknown tool' });
    signal?.throwIfAborted();
    const profile = await this.#options.profile.read(signal);
    const content = [{ type: 'text', text: JSON.stringify(profile) }];
    return result(id, { ...complete, content, structuredContent: profile });
  }
}

const self = { capabilities: { tools: {} }, serverInfo: { ...genkan, name: 'genkan-graph', title: 'Microsoft Graph' } };

function toolsFor(fields: readonly string[]): JsonObject[] {
  const text = { type: ['string', 'null'] };
  const texts = { type: ['array', 'null'], items: { type: 'string' } };
  const properties = Object.fromEntries(fields.map((field) => [field, field === 'businessPhones' ? texts : text]));
  return toolNames.map((name) => ({
    name,
    title: 'Who am I at Microsoft',
    description: 'Tells what the directory (Microsoft Graph) knows of the person who calls, and of nobody else.',
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
    outputSchema: { type: 'object', properties, required: [...fields], additionalProperties: false },
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  }));
}
