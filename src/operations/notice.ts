// Operations on notices: where people hear of things, what has gone out, and whether a channel works.
import { z } from 'zod';
import { isRefusal } from '../base/errors.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const channels = defineOperation({
  id: 'notice.channels',
  summary: 'List the channels by which people hear of approvals, alarms and reviews',
  action: 'genkan/notice/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({
    channels: z.array(
      z.object({ name: z.string(), type: z.string(), kinds: z.array(z.string()).describe('Empty for all of them.') }),
    ),
  }),
  run: ({ notices }) =>
    Promise.resolve({ channels: notices.channels().map((channel) => ({ ...channel, kinds: [...channel.kinds] })) }),
  print: ({ channels: listed }) =>
    table(listed, {
      channel: ({ name }) => name,
      type: ({ type }) => type,
      notices: ({ kinds }) => kinds.join(' ') || 'all',
    }),
});

const list = defineOperation({
  id: 'notice.list',
  summary: 'List notices, whether they were delivered, and why not',
  action: 'genkan/notice/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    state: z.enum(['waiting', 'delivered', 'given-up']).optional().describe('Only in this state.'),
    limit: z.int().min(1).max(1000).default(50).describe('How many at most, newest first.'),
  }),
  output: z.object({
    notices: z.array(
      z.object({
        id: z.string(),
        channel: z.string(),
        kind: z.string(),
        severity: z.enum(['info', 'warning', 'critical']),
        title: z.string(),
        state: z.enum(['waiting', 'delivered', 'given-up']),
        attempts: z.int(),
        createdAt: z.iso.datetime(),
        lastError: z.string().optional(),
      }),
    ),
  }),
  run: async ({ notices }, { state, limit }) => ({
    notices: (await notices.list({ ...(state && { state }), limit })).map(({ content, createdAtMs, ...delivery }) => ({
      ...delivery,
      title: content.title,
      createdAt: new Date(createdAtMs).toISOString(),
    })),
  }),
  print: ({ notices }) =>
    table(notices, {
      when: ({ createdAt }) => createdAt,
      channel: ({ channel }) => channel,
      severity: ({ severity }) => severity,
      notice: ({ title }) => title,
      state: ({ state }) => state,
      attempts: ({ attempts }) => String(attempts),
      'last error': ({ lastError = '' }) => lastError,
    }),
});

const test = defineOperation({
  id: 'notice.test',
  summary: 'Send a test notice by a channel now, and say whether it was taken',
  action: 'genkan/notice/test',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({ channel: z.string().min(1).max(40).describe('Name of the channel.') }),
  positional: ['channel'],
  output: z.object({ channel: z.string() }),
  resource: ({ channel }) => `/notices/${channel}`,
  async run({ notices }, { channel }) {
    const refused = await notices.test(channel);
    return isRefusal(refused) ? refused : { channel };
  },
  print: ({ channel }) => `${channel} has taken the test notice`,
});

export const noticeOperations = [channels, list, test];
