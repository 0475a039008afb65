// Tests for the requests that servers make of a client: under which ids they are shown, answered and withdrawn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notification, request, result } from '../../protocol/message.ts';
import type { NotificationMessage, RequestMessage } from '../../protocol/message.ts';
import type { Line } from '../lines/line.ts';
import { Questions } from './questions.ts';

const line = (server: string): Line => ({ server, deliver: async () => undefined }) as unknown as Line;
const cancelled = (requestId: string | number): NotificationMessage =>
  notification('notifications/cancelled', { requestId });

test('servers that share a client have ids of their own, and what one withdraws is the others’ no matter', () => {
  const questions = new Questions('legacy');
  const [one, other] = [line('one'), line('other')];
  const shown = questions.ask(request(1, 'roots/list'), one, 'one') as RequestMessage;
  const others = questions.ask(request(1, 'roots/list'), other, 'other') as RequestMessage;
  assert.notEqual(shown.id, others.id);
  const withdrawn = questions.ask(cancelled(1), one, 'one') as NotificationMessage;
  assert.equal(withdrawn.params['requestId'], shown.id);
  assert.equal(questions.settle(result(shown.id, {})), undefined, 'nobody waits for it any more');
  const settled = questions.settle(result(others.id, {}))!;
  assert.deepEqual([settled.line, settled.response.id], [other, 1]);
});

test('a server that withdraws what it asks can ask for ever, and one alone keeps its bytes', () => {
  const questions = new Questions('legacy');
  const alone = line('alone');
  for (let id = 0; id < 100; id++) {
    const asked = request(id, 'roots/list');
    assert.equal(questions.ask(asked, alone), asked);
    const withdrawal = cancelled(id);
    assert.equal(questions.ask(withdrawal, alone), withdrawal);
  }
});

test('what one server has asked takes nothing from another, and goes when nobody waits for it any more', () => {
  const questions = new Questions('legacy');
  const [one, other] = [line('one'), line('other')];
  const ask = (id: number, of: Line) => questions.ask(request(id, 'roots/list'), of, of.server) as RequestMessage;
  const [first] = Array.from({ length: 64 }, (_, id) => ask(id, one));
  assert.equal(ask(64, one), undefined);
  assert.ok(ask(0, other));
  questions.drop(one);
  assert.equal(questions.settle(result(first!.id, {})), undefined);
  assert.ok(ask(64, one));
});
