// Records that say what cannot be, in every format.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportContext, exportRecord } from '../../../../test/support/export-records.ts';
import { formats } from './formats.ts';
import { logsRequest } from './otlp.ts';

test('a call that is said to have taken for ever is written in every format', () => {
  for (const durationMs of [1e300, Number.MAX_SAFE_INTEGER, -1, 0]) {
    const record = exportRecord({ action: 'tools/call', durationMs });
    for (const write of Object.values(formats)) assert.doesNotThrow(() => JSON.stringify(write(record, exportContext)));
    assert.doesNotThrow(() => JSON.stringify(logsRequest([record], exportContext)));
  }
});
