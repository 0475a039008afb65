// The official SDK in its second version, over Streamable HTTP, in both eras.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { VersionNegotiationMode } from '@modelcontextprotocol/client';
import { textOfResult } from '../driver.ts';
import type { Caller, Driver, Knock } from '../driver.ts';
import { rememberSignIn } from '../remembered-sign-in.ts';

export const drivers: readonly Driver[] = (['2025-11-25', '2026-07-28'] as const).map((speaks) => ({
  client: '@modelcontextprotocol/client',
  speaks,
  asksPeople: true,
  open: (knock) => open(knock, speaks === '2025-11-25' ? 'legacy' : { pin: speaks }),
}));

async function open({ url, person, answer }: Knock, mode: VersionNegotiationMode): Promise<Caller> {
  const { provider: authProvider, connect } = rememberSignIn(person);
  const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider });
  const attempt = async (): Promise<Client> => {
    const client = new Client(
      { name: 'SDK v2', version: '1' },
      { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode } },
    );
    client.setRequestHandler('elicitation/create', ({ params }) => ({
      action: 'accept',
      content: answer(params.message),
    }));
    await client.connect(transport());
    return client;
  };
  const finish = (back: URLSearchParams) => transport().finishAuth(back);
  const client = await connect(attempt, finish);
  return {
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, args) => textOfResult(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}
