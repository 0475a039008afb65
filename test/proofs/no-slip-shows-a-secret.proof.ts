// Whatever character of a configuration is left out, added or another: what is said of the mistake holds no secret of the file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSlips } from '../support/config-slips.ts';

test('no slip of one character anywhere in the file brings a secret to light', () => {
  const { telling, mistaken } = makeSlips(1);
  assert.deepEqual(telling, []);
  assert.ok(mistaken > 1000, 'the slips are mistakes');
});
