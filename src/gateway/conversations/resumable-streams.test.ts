// What is kept for clients that come back is bounded in bytes and in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../answer.ts';
import { ResumableStreams } from './resumable-streams.ts';

const megabyte = 1_048_576;
const answer = {} as Answer;

test('a stream is kept up to a megabyte; what goes beyond has no id, and nothing is kept any more', () => {
  const stream = new ResumableStreams().begin(answer);
  assert.match(stream.prime().toString(), /^id: 0\.0\nretry: \d+\ndata: \n\n$/);
  assert.match(stream.encode(Buffer.alloc(megabyte / 2, '1')).toString(), /^id: 0\.1\ndata: 1/);
  assert.equal(stream.after(0)?.length, 1);
  assert.match(
    stream
      .encode(Buffer.alloc(megabyte / 2, '2'))
      .subarray(0, 100)
      .toString(),
    /^data: 2/,
  );
  assert.equal(stream.kept, false);
  assert.equal(stream.after(0), undefined);
});

test('the streams of a session are bounded together, however small they are; the oldest give way', () => {
  for (const size of [0, megabyte / 2]) {
    const streams = new ResumableStreams();
    const begun = Array.from({ length: 1000 }, () => {
      const stream = streams.begin(answer);
      stream.encode(Buffer.alloc(size, '1'));
      return stream;
    });
    const kept = begun.filter((stream) => stream.kept);
    assert.ok(kept.length > 10 && kept.length * (size + 16_384) <= 8 * megabyte, `${kept.length} streams are kept`);
    assert.deepEqual(kept, begun.slice(-kept.length));
  }
});

test('a stream is let go five minutes after its end, and at once with its session', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const streams = new ResumableStreams();
  const [ended, open] = [streams.begin(answer), streams.begin(answer)];
  ended.end();
  t.mock.timers.tick(299_000);
  assert.ok(ended.kept);
  t.mock.timers.tick(2000);
  assert.deepEqual([ended.kept, open.kept], [false, true]);
  streams.dropAll();
  assert.equal(open.kept, false);
});
