// LangChain's adapters: tools for agents. They cannot ask people anything.
import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { auth } from '@modelcontextprotocol/sdk/client/auth.js';
import { textOfResult } from '../driver.ts';
import type { Caller, Driver, Knock } from '../driver.ts';
import { rememberSignIn } from '../remembered-sign-in.ts';

export const drivers: readonly Driver[] = [
  { client: '@langchain/mcp-adapters', speaks: '2025-11-25', asksPeople: false, open },
];

async function open({ url, person }: Knock): Promise<Caller> {
  const { provider: authProvider, connect } = rememberSignIn(person);
  const attempt = async (): Promise<MultiServerMCPClient> => {
    const client = new MultiServerMCPClient({
      useStandardContentBlocks: true,
      mcpServers: { genkan: { transport: 'http', url, authProvider, automaticSSEFallback: false } },
    });
    await client.initializeConnections();
    return client;
  };
  const finish = (back: URLSearchParams) =>
    auth(authProvider, { serverUrl: url, authorizationCode: back.get('code')! });
  const client = await connect(attempt, finish);
  return {
    tools: async () => (await client.getTools()).map(({ name }) => name),
    async call(name, args) {
      const tool = (await client.getTools()).find((each) => each.name === name);
      if (tool !== undefined) return JSON.stringify(await tool.invoke(args));
      const connection = await client.getClient('genkan'); // it was not listed
      return textOfResult(await connection!.callTool({ name, arguments: args }));
    },
    close: () => client.close(),
  };
}
