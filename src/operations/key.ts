// Operations on the keys that seal stored secrets: which there are, and changing to a new one while everything goes on.
import { z } from 'zod';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const list = defineOperation({
  id: 'key.list',
  summary: 'List the keys that seal stored secrets; the keys themselves are not shown',
  action: 'genkan/key/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    source: z.string().describe('Where the keys are kept.'),
    keys: z.array(
      z.object({
        id: z.string(),
        state: z
          .enum(['sealing', 'opening', 'retired', 'unused', 'missing'])
          .describe(
            'sealing: used for everything new; opening: only for what was sealed before; missing: needed, but not there.',
          ),
        dataKeys: z.int().describe('How many owners of secrets depend on it.'),
        addedAt: z.iso.datetime().optional(),
        retiredAt: z.iso.datetime().optional(),
      }),
    ),
  }),
  run: async ({ keys }) => ({
    source: keys.source,
    keys: (await keys.list()).map(({ id, state, present, dataKeys, addedAtMs, retiredAtMs }) => ({
      id,
      state: state !== 'retired' && !present ? ('missing' as const) : state,
      dataKeys,
      ...(addedAtMs !== undefined && { addedAt: new Date(addedAtMs).toISOString() }),
      ...(retiredAtMs !== undefined && { retiredAt: new Date(retiredAtMs).toISOString() }),
    })),
  }),
  problems: ({ keys }) => keys.some(({ state }) => state === 'missing'),
  print: ({ source, keys }) =>
    `${table(keys, {
      key: ({ id }) => id,
      state: ({ state }) => state,
      'data keys': ({ dataKeys }) => String(dataKeys),
      added: ({ addedAt = '' }) => addedAt,
      retired: ({ retiredAt = '' }) => retiredAt,
    })}\nkept in ${source}`,
});

const rotate = defineOperation({
  id: 'key.rotate',
  summary: 'Seal stored secrets with a new key and retire the old one; nothing stops meanwhile',
  action: 'genkan/key/rotate',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    abandonMissing: z
      .boolean()
      .default(false)
      .describe('Give up what was sealed with keys that are lost for good; those people sign in again.'),
  }),
  output: z.object({
    key: z.string().describe('The key that seals now.'),
    rewrapped: z.int().describe('Data keys that were wrapped anew.'),
    lost: z.int().describe('Data keys that were given up or found damaged.'),
    retired: z.array(z.string()).describe('Keys that open nothing any more.'),
    leftBehind: z
      .array(z.string())
      .describe('Retired keys that Genkan has no right to take away; delete or disable them.'),
  }),
  run: async ({ keys }, { abandonMissing }) => {
    const { retired, leftBehind, ...rotation } = await keys.rotate({ abandonMissing });
    return { ...rotation, retired: [...retired], leftBehind: [...leftBehind] };
  },
  problems: ({ lost, leftBehind }) => lost > 0 || leftBehind.length > 0,
  print: ({ key, rewrapped, lost, retired, leftBehind }) =>
    [
      `${key} seals from now on; ${rewrapped} data keys were wrapped anew`,
      ...(retired.length > 0 ? [`retired: ${retired.join(', ')}`] : []),
      ...(lost > 0 ? [`lost: ${lost} data keys; the people concerned sign in again`] : []),
      ...(leftBehind.length > 0
        ? [`Genkan may not take these away; disable them yourself: ${leftBehind.join(', ')}`]
        : []),
    ].join('\n'),
});

export const keyOperations = [list, rotate];
