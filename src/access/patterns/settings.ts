// The settings of a map by patterns: what an administrator says of the tools of a server that has no map of its own.
import { z } from 'zod';

// A star alone would be a row for everything, tools of tomorrow included.
const toolPattern = z
  .string()
  .max(256)
  .regex(/[A-Za-z0-9].*[A-Za-z0-9]/, 'A pattern needs at least two letters or digits; there is no row for every tool.');

const action = z
  .string()
  .max(256)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9.-]*(\/[A-Za-z0-9._-]+)+$/,
    'An action is words between slashes, without a star: issues/read, Microsoft.Compute/disks/write.',
  );

const row = z.strictObject({
  actions: z
    .array(action)
    .min(1)
    .max(32)
    .describe(
      'All that a call needs: issues/read is mcp/servers/NAME/issues/read; operations of Azure as Azure writes them.',
    ),
  dataActions: z.array(action).max(32).default([]).describe('Operations of Azure that DataActions grant.'),
  effect: z
    .enum(['read', 'write', 'destroy'])
    .optional()
    .describe('What a call does, worst of all. Without it the last words of the actions say it.'),
  scope: z
    .string()
    .max(1024)
    .optional()
    .describe(
      'Where operations of Azure are needed: /subscriptions/{arguments.subscription}/resourceGroups/{arguments.group}. It ends before an argument that a call leaves out.',
    ),
  attributes: z
    .partialRecord(
      z.enum(['location', 'sku', 'tier', 'count', 'publicIp', 'publicNetworkAccess', 'sourcePrefix', 'tags']),
      z.string().min(1).max(128),
    )
    .optional()
    .describe('What conditions may know, and the argument that says it: { location: region }.'),
});

export const patternMapSettings = z.strictObject({
  map: z.literal('patterns').describe('A map by patterns, for servers other than @azure/mcp.'),
  trustNames: z
    .boolean()
    .default(false)
    .describe(
      'Believe what the names of tools say: list_issues needs mcp/servers/NAME/issue/read. The server chooses its names.',
    ),
  trustAnnotations: z
    .boolean()
    .default(false)
    .describe('Believe readOnlyHint and destructiveHint of this server. They are claims of the server.'),
  tools: z
    .record(toolPattern, row)
    .default({})
    .describe(
      'Tools by name or by a pattern such as list_*; a name goes before a pattern, a longer pattern before a shorter one.',
    ),
});

export type PatternMapSettings = z.output<typeof patternMapSettings>;
export type PatternRowSettings = PatternMapSettings['tools'][string];
