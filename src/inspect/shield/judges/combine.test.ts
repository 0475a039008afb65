// Every combination of two opinions, written down: what follows from them is a table and not an opinion.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combine } from './combine.ts';
import type { Level, Opinion } from './combine.ts';

const says = (
  word: Opinion['says'],
  mayClear: Level = 'nothing',
  onFailure: Opinion['onFailure'] = 'ignore',
): Opinion => ({ says: word, mayClear, onFailure });

const [nothing, suspicious, certain] = ['nothing', 'suspicious', 'certain'] as const;

const table: readonly (readonly [own: Level, opinions: readonly Opinion[], together: Level])[] = [
  [nothing, [], nothing],
  [suspicious, [], suspicious],
  [certain, [], certain],
  [nothing, [says('attack')], certain],
  [suspicious, [says('attack')], certain],
  [certain, [says('attack')], certain],
  [nothing, [says('harmless')], nothing],
  [suspicious, [says('harmless')], suspicious],
  [certain, [says('harmless')], certain],
  [suspicious, [says('harmless', suspicious)], nothing],
  [certain, [says('harmless', suspicious)], certain],
  [suspicious, [says('harmless', certain)], nothing],
  [certain, [says('harmless', certain)], nothing],
  [nothing, [says('none')], nothing],
  [suspicious, [says('none', certain)], suspicious],
  [certain, [says('none', certain)], certain],
  [nothing, [says('none', nothing, 'block')], certain],
  [suspicious, [says('none', certain, 'block')], certain],
  [suspicious, [says('attack'), says('harmless', certain)], certain],
  [certain, [says('harmless', certain), says('attack')], certain],
  [suspicious, [says('harmless', suspicious), says('none')], nothing],
  [suspicious, [says('harmless', suspicious), says('none', nothing, 'block')], certain],
  [suspicious, [says('harmless', suspicious), says('harmless')], nothing],
];

for (const [own, opinions, together] of table)
  test(`${own}, and ${JSON.stringify(opinions)}, is ${together}`, () => assert.equal(combine(own, opinions), together));
