// The tools of one conversation with one server, as the server last described them: for schemas and hints.
import { createHash } from 'node:crypto';
import type { JsonObject, ResponseMessage } from '../../protocol/message.ts';
import type { Tool } from '../conversations/conversation.ts';

/** Asks the server for one page of `tools/list`. */
type Page = (cursor: string | undefined, signal: AbortSignal) => Promise<ResponseMessage>;

/** A server that never stops paging, or grows without end, does not hold us for ever. */
const maxPages = 100;
const maxTools = 10_000;
/** Of all definitions together, as JSON. */
const maxSize = 2_097_152;
/** For all pages together. */
const maxLoadMs = 30_000;
/** The server is not asked again sooner than this, neither for names that it does not know nor for what is stale at once. */
const pauseMs = 2000;

/** A definition that many conversations share is kept once, so that its compiled schema is shared too: as long as one of them has it. */
const interned = new Map<string, WeakRef<Tool>>();
const released = new FinalizationRegistry<string>((digest) => {
  if (interned.get(digest)?.deref() === undefined) interned.delete(digest);
});

export class ToolBook {
  readonly #page: Page;
  #tools = new Shelf();
  #loading: Promise<void> | undefined;
  #loadedAtMs = -Infinity;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The tool of that name; asks the server when it is not known, or not any more. Undefined when the server has no such tool. */
  async find(name: string): Promise<Tool | undefined> {
    const known = this.#tools.get(name);
    const nowMs = performance.now();
    const isFresh = known !== undefined && nowMs < known.freshUntilMs;
    if (isFresh || nowMs - this.#loadedAtMs < pauseMs) return known?.tool;
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    await this.#loading;
    return this.#tools.get(name)?.tool;
  }

  /** Learns from a `tools/list` result that passes by. */
  learn(result: JsonObject | undefined): void {
    this.#tools.collect(result);
  }

  /** Lets go of a tool: it may not be used as the server shows it now. */
  drop(name: string): void {
    this.#tools.drop(name);
  }

  /** Forgets everything: the server said that its list has changed. */
  forget(): void {
    this.#tools = new Shelf();
    this.#loadedAtMs = -Infinity;
  }

  async #load(): Promise<void> {
    const tools = new Shelf();
    const signal = AbortSignal.timeout(maxLoadMs);
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page++) {
      const { result } = await this.#page(cursor, signal);
      const next = result?.['nextCursor'];
      if (!tools.collect(result) || typeof next !== 'string' || next === cursor) break;
      cursor = next;
    }
    this.#tools = tools;
    this.#loadedAtMs = performance.now();
  }
}

interface Known {
  readonly tool: Tool;
  readonly size: number;
  readonly freshUntilMs: number;
}

/** Definitions by name, no more than fit. */
class Shelf {
  readonly #tools = new Map<string, Known>();
  #size = 0;

  get(name: string): Known | undefined {
    return this.#tools.get(name);
  }

  /** @returns whether there is room for more */
  collect(result: JsonObject | undefined): boolean {
    const listed = result?.['tools'];
    if (!Array.isArray(listed)) return true;
    const freshUntilMs = performance.now() + lifetimeMs(result!['ttlMs']);
    return (listed as unknown[]).filter((tool) => isTool(tool) && !this.#put(tool, freshUntilMs)).length === 0;
  }

  drop(name: string): void {
    this.#size -= this.#tools.get(name)?.size ?? 0;
    this.#tools.delete(name);
  }

  /** @returns whether it fits; what was known under its name is not true any more, fit or not */
  #put(tool: Tool, freshUntilMs: number): boolean {
    const { name } = tool;
    const text = JSON.stringify(tool);
    this.drop(name);
    if (this.#size + text.length > maxSize || this.#tools.size >= maxTools) return false;
    this.#size += text.length;
    this.#tools.set(name, { tool: intern(tool, text), size: text.length, freshUntilMs });
    return true;
  }
}

/** MCP 2026-07-28, caching, "Time-to-Live (TTL) Field". An older server says nothing of it: it announces that its list has changed. */
const lifetimeMs = (ttlMs: unknown): number => (typeof ttlMs === 'number' ? Math.max(ttlMs, pauseMs) : Infinity);

function isTool(value: unknown): value is Tool {
  return typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string';
}

function intern(tool: Tool, text: string): Tool {
  const digest = createHash('sha256').update(text).digest('base64url');
  const known = interned.get(digest)?.deref();
  if (known !== undefined) return known;
  interned.set(digest, new WeakRef(tool));
  released.register(tool, digest);
  return tool;
}
