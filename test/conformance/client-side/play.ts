// What any client does with a server that it meets: connects, lists what there is, uses all of it, answers what it is asked.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ToolCall } from './authorization.ts';

export interface Play {
  /** Address of the server at Genkan. */
  readonly url: string;
  readonly token: string;
  readonly revision: string;
  /** What to call; otherwise every tool once, with arguments that its schema asks for. */
  readonly toolCalls: readonly ToolCall[] | undefined;
  /** Opens the address in the person's browser. @returns what is shown in the end */
  signIn(address: string): Promise<string>;
}

interface Tool {
  readonly name: string;
  readonly inputSchema: Schema;
}

interface Schema {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** A person gives up when a server asks to sign in again and again. */
const maxSignIns = 2;

/** @returns what went wrong on the way, for a closer look: the suite judges by what reached its server */
export async function playClient(play: Play): Promise<string[]> {
  const said: string[] = [];

  /** Does something, and again after the person has signed in where that is asked for. */
  async function signedIn<Value>(what: string, attempt: () => Promise<Value>): Promise<Value | undefined> {
    for (let signIns = 0; ; signIns++) {
      try {
        return await attempt();
      } catch (error) {
        said.push(`${what}: ${String(error)}`);
        const address = signInAddress(error);
        if (address === undefined || signIns === maxSignIns) return undefined;
        said.push(await play.signIn(address));
      }
    }
  }

  const client = await signedIn('connect', () => connect(play));
  if (client === undefined) return said;
  try {
    const { tools, resources, prompts } = client.getServerCapabilities() ?? {};
    if (tools !== undefined) {
      // As Genkan lists them: the SDK's own list leaves out what no client may use.
      const raw = await signedIn('tools/list', () => client.request({ method: 'tools/list' }));
      await signedIn('tools/list', () => client.listTools()); // so that the SDK knows what to mirror into headers
      for (const call of play.toolCalls ?? callsOf((raw?.tools ?? []) as readonly Tool[]))
        await signedIn(call.name, () => client.callTool({ name: call.name, arguments: withoutNull(call.arguments) }));
    }
    if (resources !== undefined) {
      const listed = await signedIn('resources/list', () => client.listResources());
      for (const { uri } of listed?.resources ?? []) await signedIn(uri, () => client.readResource({ uri }));
    }
    if (prompts !== undefined) {
      const listed = await signedIn('prompts/list', () => client.listPrompts());
      for (const { name } of listed?.prompts ?? []) await signedIn(name, () => client.getPrompt({ name }));
    }
  } finally {
    await client.close();
  }
  return said;
}

async function connect({ url, token, revision }: Play): Promise<Client> {
  const mode = revision === '2026-07-28' ? { pin: revision } : 'legacy';
  const client = new Client(
    { name: 'client of a person', version: '1.0.0' },
    {
      capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
      versionNegotiation: { mode },
    },
  );
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: {} }));
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

/** Where the person has to sign in before the server can be used. */
function signInAddress(error: unknown): string | undefined {
  const { data, cause } = error as { data?: { url?: unknown }; cause?: unknown };
  if (typeof data?.url === 'string') return data.url;
  return cause === undefined ? undefined : signInAddress(cause);
}

const callsOf = (tools: readonly Tool[]): ToolCall[] =>
  tools.map(({ name, inputSchema }) => ({ name, arguments: argumentsFor(inputSchema, tools[0]!) }));

/** The least that a schema asks for. A tool that wants to see a schema is shown that of the first tool. */
function argumentsFor({ required = [], properties = {} }: Schema, first: Tool): Record<string, unknown> {
  const value = (name: string): unknown =>
    name === 'schema' ? first.inputSchema : samples[String(properties[name]?.type)];
  return Object.fromEntries(required.map((name) => [name, value(name) ?? 'text']));
}

const samples: Readonly<Record<string, unknown>> = { number: 1.5, integer: 1, boolean: true, object: {}, array: [] };

/** An argument that has no value is left out: null is a value, and none that these schemas allow. */
const withoutNull = (given: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
