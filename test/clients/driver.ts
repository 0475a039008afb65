// What every client is made to look like, so that all of them go through the same visit.

/** One client on its way to one address. */
export interface Knock {
  /** MCP address, e.g. `http://127.0.0.1:7300/mcp/legacy`. */
  readonly url: string;
  /** Whom to choose at the stand-in identity provider. */
  readonly person: string;
  /** A folder of its own, for what the client keeps. */
  readonly folder: string;
  /** Answers a question of a server. */
  readonly answer: (message: string) => Record<string, string>;
}

/** A client that has come in. */
export interface Caller {
  /** Names of the tools that it is shown. */
  tools(): Promise<readonly string[]>;
  /** What the tool says; rejects with what the person reads. */
  call(tool: string, args: Record<string, unknown>): Promise<string>;
  /** What a prompt says: for clients that call no tool that was not listed. */
  prompt?(name: string): Promise<string>;
  close(): Promise<void>;
}

export interface Driver {
  /** The package and how it is used. */
  readonly client: string;
  /** Revision that it speaks towards Genkan, or the transport of 2024-11-05. */
  readonly speaks: '2025-11-25' | '2026-07-28' | 'HTTP+SSE';
  /** Whether a server can ask the person something through it. */
  readonly asksPeople: boolean;
  open(knock: Knock): Promise<Caller>;
}

/** The text of a tool's result; a failed one rejects, as people see it. */
export function textOfResult(result: unknown): string {
  const { content = [], isError } = result as { content?: { text?: string }[]; isError?: boolean };
  const text = content.map((part) => part.text ?? '').join('\n');
  if (isError === true) throw new Error(text);
  return text;
}
