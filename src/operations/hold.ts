// Operations on legal holds: records that must neither be removed nor made unreadable. Never offered over MCP.
import { z } from 'zod';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Hold } from '../record/holds.ts';
import { nameOrId } from './person-id.ts';
import { defineOperation } from './operation.ts';
import { theirs } from './principal.ts';
import { table } from './table.ts';

const holdView = z.object({
  id: z.string(),
  reason: z.string(),
  user: z.string().optional().describe('Principal id; absent for everybody.'),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  placedBy: z.string(),
  placedAt: z.iso.datetime(),
});

const time = (atMs: number): string => new Date(atMs).toISOString();

const viewOf = ({ id, reason, user, fromMs, toMs, placedBy, placedAtMs }: Hold): z.output<typeof holdView> => ({
  id,
  reason,
  ...(user !== undefined && { user }),
  ...(fromMs !== undefined && { from: time(fromMs) }),
  ...(toMs !== undefined && { to: time(toMs) }),
  placedBy,
  placedAt: time(placedAtMs),
});

const place = defineOperation({
  id: 'hold.place',
  summary: 'Hold on to records: neither retention nor erasure touches them until the hold is released',
  about:
    'A name that nobody has is refused; an id is taken as it is, for somebody may be yet to come, and the answer says whether anything of it is on record. Without --user it covers everybody, without --from and --to all time, records to come included. Retention removes whole beginnings of the log, so everything after the first record on hold stays as well.',
  action: 'genkan/hold/place',
  effect: 'write',
  doors: ['cli', 'rest'],
  input: z.strictObject({
    reason: z.string().min(1).max(500).describe('Why, e.g. the number of the case.'),
    user: nameOrId.optional().describe('Only of this person: id or sign-in name.'),
    from: z.iso.datetime({ offset: true }).optional().describe('Only records of this time and later.'),
    to: z.iso.datetime({ offset: true }).optional().describe('Only records before this time.'),
  }),
  positional: ['reason'],
  output: z.object({
    hold: holdView,
    onRecord: z.boolean().describe('Whether anything of the person is in this log by now; true for everybody.'),
  }),
  noted: ({ hold }) => ({ hold: hold.id }),
  async run(house, { reason, user, from, to }, { principal }) {
    const { holds } = house.recordDesk;
    const person = user === undefined ? undefined : await theirs(house, user);
    // A hold for a name that nobody has would keep nothing, and nobody would hear of it.
    const id = person ?? (user !== undefined && holds.isOnRecord(user) ? user : undefined);
    if (user !== undefined && id === undefined) return refuse('operation_not_found', { kind: 'person', name: user });
    const wish = {
      reason,
      ...(id !== undefined && { user: id }),
      ...(from !== undefined && { fromMs: Date.parse(from) }),
      ...(to !== undefined && { toMs: Date.parse(to) }),
    };
    return { hold: viewOf(await holds.place(wish, principal)), onRecord: id === undefined || holds.isOnRecord(id) };
  },
  print: ({ hold, onRecord }) =>
    `on hold: ${hold.id}${onRecord ? '' : `; nothing of ${hold.user} is in this log so far: is the id right?`}`,
});

const list = defineOperation({
  id: 'hold.list',
  summary: 'List legal holds on records',
  action: 'genkan/hold/list',
  effect: 'read',
  doors: ['cli', 'rest'],
  input: z.strictObject({}),
  output: z.object({ holds: z.array(holdView) }),
  run: async ({ recordDesk }) => ({ holds: (await recordDesk.holds.list()).map(viewOf) }),
  print: ({ holds }) =>
    holds.length === 0
      ? 'nothing is on hold'
      : table(holds, {
          hold: ({ id }) => id,
          reason: ({ reason }) => reason,
          user: ({ user }) => user ?? 'everybody',
          from: ({ from }) => from ?? '',
          to: ({ to }) => to ?? '',
          'placed by': ({ placedBy }) => placedBy,
        }),
});

const release = defineOperation({
  id: 'hold.release',
  summary: 'Release a legal hold: retention and erasure may touch its records again',
  action: 'genkan/hold/release',
  effect: 'destroy',
  doors: ['cli', 'rest'],
  input: z.strictObject({ hold: z.string().min(1).max(64).describe('Id of the hold.') }),
  positional: ['hold'],
  output: z.object({ hold: holdView }),
  resource: ({ hold }) => `/holds/${hold}`,
  async run({ recordDesk }, { hold }, { principal }) {
    const released = await recordDesk.holds.release(hold, principal);
    return isRefusal(released) ? released : { hold: viewOf(released) };
  },
  print: ({ hold }) => `released: ${hold.reason}`,
});

export const holdOperations = [place, list, release];
