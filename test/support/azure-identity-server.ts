// An MCP server over stdio on the Azure SDK: it says whose tokens it gets as a managed identity, and what lies in its environment.
import { ManagedIdentityCredential } from '@azure/identity';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { readdirSync } from 'node:fs';
import { z } from 'zod';

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

serveStdio(() => {
  const server = new McpServer({ name: 'azure-identity', version: '1.0.0' });
  server.registerTool('token', { inputSchema: z.object({ resource: z.string() }) }, async ({ resource }) => {
    const credential = new ManagedIdentityCredential();
    try {
      return said((await credential.getToken(`${resource}/.default`)).token);
    } catch (error) {
      return { ...said((error as Error).message), isError: true };
    }
  });
  server.registerTool('surroundings', { inputSchema: z.object({}) }, () =>
    said(JSON.stringify({ environment: process.env, home: readdirSync(process.env['HOME']!) })),
  );
  return server;
});
