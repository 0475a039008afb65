// The official SDK in its first version, over Streamable HTTP and over HTTP+SSE.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { textOfResult } from '../driver.ts';
import type { Caller, Driver, Knock } from '../driver.ts';
import { rememberSignIn } from '../remembered-sign-in.ts';

const client = '@modelcontextprotocol/sdk';
type Transport = typeof StreamableHTTPClientTransport | typeof SSEClientTransport;

export const drivers: readonly Driver[] = [
  { client, speaks: '2025-11-25', asksPeople: true, open: (knock) => open(knock, StreamableHTTPClientTransport) },
  { client, speaks: 'HTTP+SSE', asksPeople: true, open: (knock) => open(knock, SSEClientTransport) },
];

async function open({ url, person, answer }: Knock, Transport: Transport): Promise<Caller> {
  const { provider: authProvider, connect } = rememberSignIn(person);
  const transport = () => new Transport(new URL(url), { authProvider });
  const attempt = async (): Promise<Client> => {
    const client = new Client({ name: 'SDK v1', version: '1' }, { capabilities: { elicitation: { form: {} } } });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => ({
      action: 'accept',
      content: answer(params.message),
    }));
    await client.connect(transport());
    return client;
  };
  const finish = (back: URLSearchParams) => transport().finishAuth(back.get('code')!);
  const client = await connect(attempt, finish);
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOfResult(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}
