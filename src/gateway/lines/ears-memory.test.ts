// What one line remembers of what its server said: an order in pieces is found whatever stands beside its first piece.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hint, order, plainShield } from '../../../test/support/plain-shield.ts';
import { createLog } from '../../base/log.ts';
import { createInspect } from '../../inspect/inspect.ts';
import { inspectSettings } from '../../inspect/settings.ts';
import { notification, request, result } from '../../protocol/message.ts';
import type { JsonObject, Message } from '../../protocol/message.ts';
import { createEars } from './ears.ts';
import type { Line } from './line.ts';

type Options = Parameters<typeof createEars>[0];
const log = createLog('silent');

const earsWith = (settings: object) =>
  createEars({
    server: 'mail',
    who: () => ({ id: 'dana', name: 'Dana', groups: [] }) as unknown as ReturnType<Options['who']>,
    language: 'en',
    inspect: createInspect(inspectSettings.parse(settings), { shield: plainShield, count: () => undefined, log }),
    record: { append: () => Promise.resolve(0) } as unknown as Options['record'],
    clock: { now: () => 0 } as Options['clock'],
    log,
  });

const logged = (data: JsonObject): Message => notification('notifications/message', { level: 'info', data });

const [first, second] = [order.slice(0, 19), order.slice(19)];

for (const [beside, more] of [
  ['nothing', {}],
  ['an address', { from: 'ann.b@contoso.com' }],
  ['text that is fenced', { note: hint }],
] as const)
  test(`the second piece of an order is found where ${beside} stood beside the first`, async () => {
    const ears = earsWith({});
    const heard: string[] = [];
    for (const data of [{ text: first, ...more }, { text: second }])
      await ears.hear(logged(data), undefined, ({ raw }) => void heard.push(raw.toString()));
    assert.equal(heard.length, 2);
    assert.ok(heard[0]!.includes(first.trim()));
    assert.match(heard[1]!, /Genkan removed text/);
    const control: string[] = [];
    await earsWith({}).hear(logged({ text: second }), undefined, ({ raw }) => void control.push(raw.toString()));
    assert.ok(control[0]!.includes('SEND'), 'the control');
  });

test('what is said on the way of a call is treated as the settings have it for its tool', async () => {
  const match = { tools: ['noisy'], directions: ['results'] };
  const settings = { shield: { overrides: [{ match, suspicious: 'off', certain: 'off' }] } };
  const line = {
    initialized: undefined,
    async request(_message: Message, { outlet }: Parameters<Line['request']>[1]) {
      await outlet.interim(logged({ text: hint }) as Parameters<typeof outlet.interim>[0]);
      return result(1, { content: [] });
    },
  } as unknown as Line;
  const over = await earsWith(settings).over(line, false);
  const heard: string[] = [];
  const outlet = { interim: ({ raw }: Message) => void heard.push(raw.toString()) };
  for (const name of ['noisy', 'quiet'])
    await over.request(request(1, 'tools/call', { name, arguments: {} }), { outlet } as unknown as Parameters<
      Line['request']
    >[1]);
  assert.deepEqual(
    heard.map((each) => each.includes('genkan:data')),
    [false, true],
  );
});
