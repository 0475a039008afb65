// The official scenarios' tools that answer without asking anything.
import { setTimeout as pause } from 'node:timers/promises';
import { fromJsonSchema } from '@modelcontextprotocol/server';
import type { CallToolResult, JsonSchemaType, McpServer } from '@modelcontextprotocol/server';
import { audio, embedded, image, text } from './samples.ts';

/** Tells clients that a list has changed; how depends on the transport. */
export interface Changes {
  tools(): void;
  prompts(): void;
}

const stepMs = 50; // the scenarios want to see that notifications arrive one by one
const hungUpMs = 300; // long enough for a stream to be worth resuming
const readOnly = { readOnlyHint: true };

export function registerPlainTools(server: McpServer, changes: Changes): void {
  const answers = (name: string, description: string, ...content: CallToolResult['content']): void =>
    void server.registerTool(name, { description, annotations: readOnly }, () => ({ content }));

  answers('test_simple_text', 'Answers with text.', text('This is a simple text response for testing.'));
  answers('test_image_content', 'Answers with an image.', image);
  answers('test_audio_content', 'Answers with a sound.', audio);
  answers(
    'test_embedded_resource',
    'Answers with a resource.',
    embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  );
  answers(
    'test_multiple_content_types',
    'Answers with text, an image and a resource.',
    text('Multiple content types test:'),
    image,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  );

  server.registerTool('test_error_handling', { description: 'Always fails.' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });

  server.registerTool('test_tool_with_logging', { description: 'Logs three times.' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'Tool execution started');
    await pause(stepMs);
    await mcpReq.log('info', 'Tool processing data');
    await pause(stepMs);
    await mcpReq.log('info', 'Tool execution completed');
    return { content: [text('Logged three times.')] };
  });

  server.registerTool('test_logging_tool', { description: 'Logs once.' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'Only for those who asked for it');
    return { content: [text('Logged once.')] };
  });

  server.registerTool('test_tool_with_progress', { description: 'Reports progress.' }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100 };
      if (progressToken !== undefined) await mcpReq.notify({ method: 'notifications/progress', params });
      if (progress < 100) await pause(stepMs);
    }
    return { content: [text('Reported progress.')] };
  });

  server.registerTool('test_reconnection', { description: 'Hangs up in the middle of the call.' }, async ({ http }) => {
    http?.closeSSE?.();
    await pause(hungUpMs);
    return { content: [text('Answered after the reconnection.')] };
  });

  server.registerTool('test_trigger_tool_change', { description: 'Announces another list of tools.' }, () => {
    changes.tools();
    return { content: [text('Announced.')] };
  });

  server.registerTool('test_trigger_prompt_change', { description: 'Announces another list of prompts.' }, () => {
    changes.prompts();
    return { content: [text('Announced.')] };
  });

  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Shows what JSON Schema 2020-12 can say.', inputSchema: fromJsonSchema(elaborateSchema) },
    () => ({ content: [text('Valid.')] }),
  );

  server.registerTool(
    'test_mirrored_parameters',
    { description: 'Wants two parameters in headers too.', inputSchema: fromJsonSchema(mirroredSchema) },
    () => ({ content: [text('Both agree.')] }),
  );
}

/** MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters". */
const mirroredSchema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    limit: { type: 'integer', 'x-mcp-header': 'Limit' },
  },
} as JsonSchemaType;

const elaborateSchema: JsonSchemaType = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};
