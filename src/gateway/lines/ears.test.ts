// What one server says for a list or a greeting of all: what may not be heard is not put together with the words of others.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../base/log.ts';
import type { Examination } from '../../inspect/examination/examination.ts';
import { result } from '../../protocol/message.ts';
import { createEars } from './ears.ts';
import type { Line } from './line.ts';

const greeting = result(1, { protocolVersion: '2025-11-25', instructions: 'Orders.' });

function earsThat(block: boolean) {
  const said: Examination['said'] = function* ({ message }) {
    return { message, findings: [], tail: '', ...(block && { blocked: 'size' as const }) };
  };
  return createEars({
    server: 'mail',
    who: () =>
      ({ id: 'dana', name: 'Dana', groups: [] }) as unknown as ReturnType<Parameters<typeof createEars>[0]['who']>,
    language: 'en',
    inspect: { examination: { said } as Examination },
    record: { append: () => Promise.resolve(0) } as unknown as Parameters<typeof createEars>[0]['record'],
    clock: { now: () => 0 } as Parameters<typeof createEars>[0]['clock'],
    log: createLog('silent'),
  });
}

function lineOf() {
  const closed: string[] = [];
  const line = { server: 'mail', initialized: greeting, close: async () => void closed.push('mail') };
  return { line: line as unknown as Line, closed };
}

test('a greeting that is blocked does not come out, and the line that it came by is closed', async () => {
  const { line, closed } = lineOf();
  await assert.rejects(earsThat(true).over(line, true), { code: 'upstream_answer_invalid' });
  assert.deepEqual(closed, ['mail']);
  assert.equal((await earsThat(false).over(line, true)).initialized, greeting, 'the control');
});
