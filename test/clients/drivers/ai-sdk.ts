// The MCP client of the AI SDK: asks for the newest revision first; in the older one only when told to.
import { auth, createMCPClient, ElicitationRequestSchema } from '@ai-sdk/mcp';
import type { MCPClient } from '@ai-sdk/mcp';
import { textOfResult } from '../driver.ts';
import type { Caller, Driver, Knock } from '../driver.ts';
import { rememberSignIn } from '../remembered-sign-in.ts';

export const drivers: readonly Driver[] = (['2025-11-25', '2026-07-28'] as const).map((speaks) => ({
  client: '@ai-sdk/mcp',
  speaks,
  asksPeople: true,
  open: (knock) => open(knock, speaks === '2026-07-28'),
}));

async function open({ url, person, answer }: Knock, protocolVersionDiscovery: boolean): Promise<Caller> {
  const { provider: authProvider, connect } = rememberSignIn(person);
  const attempt = async (): Promise<MCPClient> => {
    const client = await createMCPClient({
      transport: { type: 'http', url, authProvider },
      protocolVersionDiscovery,
      capabilities: { elicitation: { form: {} } },
    });
    client.onElicitationRequest(ElicitationRequestSchema, ({ params }) => ({
      action: 'accept',
      content: answer(params.message),
    }));
    return client;
  };
  const finish = (back: URLSearchParams) => {
    const given = (name: string): string => back.get(name)!;
    return auth(authProvider, {
      serverUrl: url,
      authorizationCode: given('code'),
      callbackState: given('state'),
      callbackIssuer: given('iss'),
    });
  };
  const client = await connect(attempt, finish);
  return {
    tools: async () => Object.keys(await client.tools()),
    call: async (name, args) => textOfResult(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}
