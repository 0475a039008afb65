// The tools of one conversation with one server, as the server last described them: for schemas and hints.
import type { JsonObject, ResponseMessage } from '../../protocol/message.ts';
import type { Tool } from '../conversations/conversation.ts';

/** Asks the server for one page of `tools/list`. */
type Page = (cursor: string | undefined) => Promise<ResponseMessage>;

/** A server that never stops paging, or grows without end, does not hold us for ever. */
const maxPages = 100;
const maxTools = 10_000;
/** Names that the server does not know are not asked for again sooner than this. */
const pauseMs = 2000;

/** Tools that many conversations share are kept once, so that their compiled schemas are shared too. Bounded. */
const interned = new Map<string, Tool>();
const maxInterned = 5000;

export class ToolBook {
  readonly #page: Page;
  #tools = new Map<string, Tool>();
  #loading: Promise<void> | undefined;
  #loadedAtMs = -Infinity;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The tool of that name; asks the server when it is not known yet. Undefined when the server has no such tool. */
  async find(name: string): Promise<Tool | undefined> {
    const known = this.#tools.get(name);
    if (known !== undefined || performance.now() - this.#loadedAtMs < pauseMs) return known;
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    await this.#loading;
    return this.#tools.get(name);
  }

  /** Learns from a `tools/list` result that passes by. */
  learn(result: JsonObject | undefined): void {
    collect(this.#tools, result);
  }

  /** Forgets everything: the server said that its list has changed. */
  forget(): void {
    this.#tools = new Map();
    this.#loadedAtMs = -Infinity;
  }

  async #load(): Promise<void> {
    const tools = new Map<string, Tool>();
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page++) {
      const { result } = await this.#page(cursor);
      collect(tools, result);
      const next = result?.['nextCursor'];
      if (typeof next !== 'string' || next === cursor) break;
      cursor = next;
    }
    this.#tools = tools;
    this.#loadedAtMs = performance.now();
  }
}

function collect(tools: Map<string, Tool>, result: JsonObject | undefined): void {
  const listed = result?.['tools'];
  if (!Array.isArray(listed)) return;
  for (const tool of listed as unknown[]) if (isTool(tool) && tools.size < maxTools) tools.set(tool.name, intern(tool));
}

function isTool(value: unknown): value is Tool {
  return typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string';
}

function intern(tool: Tool): Tool {
  const text = JSON.stringify(tool);
  const known = interned.get(text);
  if (known !== undefined) return known;
  if (interned.size >= maxInterned) interned.clear();
  interned.set(text, tool);
  return tool;
}
