// Operations on exports: how far each sink is, whether it works, and where it goes on.
import { z } from 'zod';
import { isRefusal } from '../base/errors.ts';
import type { ExportView } from '../record/export/exports.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const sinkName = z.string().min(1).max(40).describe('Name of the sink.');

const shape = z.object({
  sink: z.string(),
  type: z.string(),
  acknowledged: z.int().describe('Index of the last record that the sink needs no more; -1 before the first.'),
  waiting: z.int().describe('Records that wait.'),
  setAside: z.int().describe('Records that the sink refuses; see `export retry`.'),
  failures: z.int().describe('Attempts in a row that were not acknowledged.'),
  lastError: z.string().optional(),
  nextAttemptAt: z.iso.datetime().optional(),
  deliveredAt: z.iso.datetime().optional(),
  behindSince: z.iso.datetime().optional().describe('Since when records have waited for more than a minute.'),
});

const iso = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : new Date(atMs).toISOString();

const shown = (view: ExportView): z.output<typeof shape> => ({
  ...view,
  acknowledged: view.size - 1 - view.waiting,
  failures: view.failures ?? 0,
  nextAttemptAt: iso(view.dueAtMs),
  deliveredAt: iso(view.deliveredAtMs),
  behindSince: iso(view.behindSinceMs),
});

const list = defineOperation({
  id: 'export.list',
  summary: 'List where audit records go besides, and how far each sink is behind',
  action: 'genkan/export/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({ sinks: z.array(shape) }),
  run: async ({ exports }) => ({ sinks: (await exports.list()).map(shown) }),
  print: ({ sinks }) =>
    table(sinks, {
      sink: ({ sink }) => sink,
      type: ({ type }) => type,
      acknowledged: ({ acknowledged }) => String(acknowledged),
      waiting: ({ waiting }) => String(waiting),
      'behind since': ({ behindSince = '' }) => behindSince,
      'set aside': ({ setAside }) => String(setAside),
      'last error': ({ lastError = '' }) => lastError,
      'next attempt': ({ nextAttemptAt = '' }) => nextAttemptAt,
    }),
});

const test = defineOperation({
  id: 'export.test',
  summary: 'Deliver a record that says it is a test to a sink now, and say what the receiver answered',
  about: 'It is marked with the action export.test and stands in no log; how far the sink is does not change.',
  action: 'genkan/export/test',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ sink: sinkName }),
  positional: ['sink'],
  output: z.object({ sink: z.string(), ms: z.number() }),
  resource: ({ sink }) => `/exports/${sink}`,
  async run({ exports }, { sink }, { principal, sourceIP, userAgent }) {
    const ms = await exports.test(sink, { user: principal.id, sourceIP, userAgent });
    return isRefusal(ms) ? ms : { sink, ms };
  },
  print: ({ sink, ms }) => `${sink} has acknowledged the test record after ${ms} ms`,
});

const reset = defineOperation({
  id: 'export.reset',
  summary: 'Let a sink go on with another record',
  about:
    'With an earlier one, it gets records once more, under the same event ids. With a later one, it never gets those between.',
  action: 'genkan/export/reset',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    sink: sinkName,
    to: z.int().min(0).describe('Index of the record that is delivered next.'),
  }),
  positional: ['sink'],
  output: shape,
  resource: ({ sink }) => `/exports/${sink}`,
  async run({ exports }, { sink, to }) {
    const view = await exports.reset(sink, to);
    return isRefusal(view) ? view : shown(view);
  },
  print: ({ sink, acknowledged }) => `${sink} goes on with record ${acknowledged + 1}`,
});

const retry = defineOperation({
  id: 'export.retry',
  summary: 'Try a sink again now: what waits, and what it has refused',
  action: 'genkan/export/retry',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ sink: sinkName }),
  positional: ['sink'],
  output: z.object({
    sink: z.string(),
    delivered: z.int().describe('Records set aside that it has taken now.'),
    refused: z.int().describe('Records that it refuses still.'),
  }),
  resource: ({ sink }) => `/exports/${sink}`,
  async run({ exports }, { sink }) {
    const done = await exports.retry(sink);
    return isRefusal(done) ? done : { sink, ...done };
  },
  print: ({ sink, delivered, refused }) =>
    `${sink} is tried again; of the records set aside it has taken ${delivered} and refuses ${refused}`,
});

export const exportOperations = [list, test, reset, retry];
