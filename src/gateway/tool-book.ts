// The tools of one conversation with one server, as the server last described them: for schemas and hints.
import type { JsonObject, ResponseMessage } from '../protocol/message.ts';
import type { Tool } from './conversation.ts';

/** Asks the server for one page of `tools/list`. */
type Page = (cursor: string | undefined) => Promise<ResponseMessage>;

const maxPages = 100; // a server that never stops paging does not hold us for ever

/** Tools that many conversations share are kept once, so that their compiled schemas are shared too. Bounded. */
const interned = new Map<string, Tool>();
const maxInterned = 5000;

export class ToolBook {
  readonly #page: Page;
  #tools = new Map<string, Tool>();
  #loading: Promise<void> | undefined;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The tool of that name; asks the server when it is not known yet. Undefined when the server has no such tool. */
  async find(name: string): Promise<Tool | undefined> {
    const known = this.#tools.get(name);
    if (known !== undefined) return known;
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    await this.#loading;
    return this.#tools.get(name);
  }

  /** Learns from a `tools/list` result that passes by. */
  learn(result: JsonObject | undefined): void {
    const listed = result?.['tools'];
    if (!Array.isArray(listed)) return;
    for (const tool of listed as unknown[]) if (isTool(tool)) this.#tools.set(tool.name, intern(tool));
  }

  /** Forgets everything: the server said that its list has changed. */
  forget(): void {
    this.#tools = new Map();
  }

  async #load(): Promise<void> {
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page++) {
      const { result } = await this.#page(cursor);
      this.learn(result);
      const next = result?.['nextCursor'];
      if (typeof next !== 'string' || next === cursor) return;
      cursor = next;
    }
  }
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
