// An MCP server with the names that the official conformance scenarios expect, for either era.
import { McpServer } from '@modelcontextprotocol/server';
import { appExtension, registerApp } from './app.ts';
import { askByRequest, askByResult, requestState } from './ask.ts';
import { registerAskingTools } from './asking-tools.ts';
import { registerPlainTools } from './plain-tools.ts';
import type { Changes } from './plain-tools.ts';
import { registerPrompts } from './prompts.ts';
import { registerResources } from './resources.ts';

const changing = { listChanged: true };

/**
 * @param era decides how it asks: a legacy server by requests of its own, a modern one in its results
 * @param changes how it announces changed lists; by the server itself unless given
 */
export function createFixture(era: 'legacy' | 'modern', changes?: Changes): McpServer {
  const server = new McpServer(
    { name: 'conformance-upstream', version: '1.0.0' },
    {
      capabilities: {
        logging: {},
        completions: {},
        tools: changing,
        prompts: changing,
        resources: { ...changing, subscribe: true },
        extensions: { [appExtension]: {} },
      },
      instructions: 'Has whatever the official scenarios ask for.',
      requestState: { verify: requestState.verify },
    },
  );
  const ask = era === 'legacy' ? askByRequest : askByResult;
  registerApp(server);
  registerPlainTools(server, changes ?? ownChanges(server));
  registerAskingTools(server, ask);
  registerPrompts(server, ask);
  registerResources(server, era === 'legacy');
  return server;
}

function ownChanges(server: McpServer): Changes {
  return { tools: () => server.sendToolListChanged(), prompts: () => server.sendPromptListChanged() };
}
