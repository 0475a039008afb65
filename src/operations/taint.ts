// Operations on taint: what conversations have read that may not go everywhere, and forgetting it. Never offered over MCP.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { Mark } from '../inspect/taint/marks.ts';
import { readings } from '../inspect/taint/settings.ts';
import { defineOperation } from './operation.ts';
import { idOf, nameOrId } from './person-id.ts';
import { table } from './table.ts';

const markView = z.object({
  person: z.string().describe('Principal id.'),
  client: z.string().optional().describe('Where each client is a conversation of its own.'),
  reads: z.enum(readings),
  server: z.string(),
  name: z.string().describe('Tool, prompt or resource that was used last.'),
  readAt: z.iso.datetime(),
  lastUsed: z.iso.datetime().describe('When the conversation went on last; written down only so often.'),
  correlationId: z.string().describe('Of the call, in the audit log.'),
});

const viewOf = ({ person, client, reads, server, name, correlationId, readAtMs, usedAtMs }: Mark) => ({
  person,
  ...(client !== '' && { client }),
  reads,
  server,
  name,
  readAt: new Date(readAtMs).toISOString(),
  lastUsed: new Date(usedAtMs).toISOString(),
  correlationId,
});

const named = nameOrId.describe('Id or sign-in name.');

const columns = {
  person: ({ person, client }: z.output<typeof markView>) => (client === undefined ? person : `${person} (${client})`),
  reads: ({ reads }: z.output<typeof markView>) => reads,
  source: ({ server, name }: z.output<typeof markView>) => `${server}/${name}`.slice(0, 80),
  'read at': ({ readAt }: z.output<typeof markView>) => readAt,
  'last used': ({ lastUsed }: z.output<typeof markView>) => lastUsed,
};

const list = defineOperation({
  id: 'taint.list',
  summary: 'List what conversations have read that may not go everywhere from there',
  action: 'genkan/taint/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    person: named.optional(),
    limit: z.int().min(1).max(10_000).default(500).describe('At most so many.'),
  }),
  positional: ['person'],
  output: z.object({ marks: z.array(markView) }),
  async run({ taint, people }, { person, limit }) {
    if (taint === undefined) return refuse('inspect_taint_off');
    const id = person === undefined ? undefined : await idOf(people, person);
    return { marks: (await taint.list(limit, id)).map(viewOf) };
  },
  print: ({ marks }) => (marks.length === 0 ? 'no conversation has read anything of the kind' : table(marks, columns)),
});

const clear = defineOperation({
  id: 'taint.clear',
  summary: "Forget what a person's conversations have read, so that they may send again",
  about:
    'For when the person has begun anew in their client: what the assistant still has before it, it can send from now on. Nobody does it for themselves.',
  action: 'genkan/taint/clear',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    person: named,
    why: z.string().min(1).max(500).describe('For the record.'),
  }),
  positional: ['person'],
  output: z.object({ person: z.string(), forgotten: z.array(markView) }),
  resource: ({ person }) => `/principals/${person}`,
  noted: ({ forgotten }) => ({
    forgotten: forgotten.slice(0, 50).map(({ reads, server, name, correlationId }) => ({
      reads,
      server,
      name: name.slice(0, 128),
      correlationId,
    })),
  }),
  async run({ taint, people }, { person }, { principal }) {
    if (taint === undefined) return refuse('inspect_taint_off');
    const id = await idOf(people, person);
    if (id === principal.id) return refuse('inspect_taint_own');
    return { person: id, forgotten: (await taint.clear(id)).map(viewOf) };
  },
  print: ({ person, forgotten }) =>
    forgotten.length === 0 ? `there was nothing of ${person}` : `forgotten of ${person}:\n${table(forgotten, columns)}`,
});

export const taintOperations = [list, clear];
