// Operations on limits: what they are and who uses most of them, and letting somebody begin anew.
import { z } from 'zod';
import { refuse } from '../base/errors.ts';
import { defineOperation } from './operation.ts';
import { table } from './table.ts';

const used = z.object({
  key: z.string().describe('Who or what is counted, e.g. `user=…,tool=files/tools/write_file`.'),
  burstUsed: z.int().optional().describe('Of the burst, now.'),
  usedToday: z.int().optional().describe('Of the daily quota.'),
  underWay: z.int().optional().describe('Calls and streams.'),
});

const limitView = z.object({
  name: z.string(),
  per: z.array(z.string()),
  burst: z.int().optional(),
  perSecond: z.number().optional(),
  daily: z.int().optional(),
  concurrency: z.int().optional(),
  top: z.array(used).describe('Who uses most, the nearest to the limit first.'),
});

const list = defineOperation({
  id: 'limit.list',
  summary: 'List the limits, and who is nearest to each of them',
  about:
    'Where several processes count together in Redis the figures are those of all of them; otherwise, and while Redis is away, those of the process that answers.',
  action: 'genkan/limit/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    top: z.int().min(0).max(1000).default(10).describe('How many users of each limit.'),
  }),
  output: z.object({
    counting: z
      .enum(['process', 'together', 'apart'])
      .describe(
        '`process`: one process alone. `together`: in Redis. `apart`: Redis is away or cannot count all of them; of these each process allows its share.',
      ),
    processes: z.int(),
    limits: z.array(limitView),
  }),
  async run({ limits }, { top }) {
    const rows = await limits.list(top);
    return {
      counting: limits.counting(),
      processes: limits.processes(),
      limits: rows.map(({ limit: { name, per, rate, day, concurrency }, top: heaviest }) => ({
        name,
        per: [...per],
        ...(rate && {
          burst: Math.floor(rate.toleranceMicros / rate.emissionMicros),
          perSecond: 1e6 / rate.emissionMicros,
        }),
        daily: day?.quota,
        concurrency,
        top: heaviest.map(({ shown, rateUsed, dayUsed, underWay }) => ({
          key: shown,
          ...(rate && { burstUsed: rateUsed }),
          ...(day && { usedToday: dayUsed }),
          ...(concurrency !== undefined && { underWay }),
        })),
      })),
    };
  },
  print({ limits, counting, processes }) {
    const rows = limits.flatMap(({ name, top, burst, daily, concurrency }) => {
      const of = (part: number | undefined, whole: number | undefined): string =>
        whole === undefined ? '' : `${part ?? 0} of ${whole}`;
      const users = top.length === 0 ? [{ key: '' }] : top;
      return users.map((user: z.output<typeof used>) => ({
        limit: name,
        key: user.key,
        burst: of(user.burstUsed, burst),
        today: of(user.usedToday, daily),
        underWay: of(user.underWay, concurrency),
      }));
    });
    const how = {
      process: '',
      together: `counted in Redis, ${processes} processes`,
      apart: 'Redis does not count all of them',
    }[counting];
    const shown = table(rows, {
      limit: ({ limit }) => limit,
      for: ({ key }) => key,
      burst: ({ burst }) => burst,
      today: ({ today }) => today,
      'under way': ({ underWay }) => underWay,
    });
    return how === '' ? shown : `${shown}\n${how}`;
  },
});

const reset = defineOperation({
  id: 'limit.reset',
  summary: 'Let somebody begin anew: what they have used of rates and quotas is forgotten',
  about: 'What is under way still counts. Without Redis it concerns the process that answers.',
  action: 'genkan/limit/reset',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z
    .strictObject({
      limit: z.string().min(1).optional().describe('Only of this limit.'),
      user: z.string().min(1).optional().describe('Whatever is counted for this person, by id or sign-in name.'),
      key: z.string().min(1).optional().describe('A key from `limit list`.'),
    })
    .refine(({ user, key }) => (user === undefined) !== (key === undefined), 'give either --user or --key'),
  output: z.object({ forgotten: z.int().describe('Number of counts.') }),
  resource: ({ limit }) => (limit === undefined ? '/limits' : `/limits/${limit}`),
  async run({ limits, people }, { limit, user, key }) {
    const known = (await limits.list(0)).map(({ limit: { name } }) => name);
    if (limit !== undefined && !known.includes(limit))
      return refuse('operation_not_found', { kind: 'limit', name: limit });
    const person = user === undefined ? undefined : ((await people.find(user))?.id ?? user);
    return {
      forgotten: await limits.reset({
        ...(limit !== undefined && { limit }),
        ...(person !== undefined && { user: person }),
        ...(key !== undefined && { key }),
      }),
    };
  },
  print: ({ forgotten }) => `${forgotten} forgotten`,
});

export const limitOperations = [list, reset];
