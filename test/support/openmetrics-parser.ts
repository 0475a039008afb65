// Reads what /metrics says, in either of its formats, as strictly as the specifications are written: Prometheus text 0.0.4 and OpenMetrics 1.0.
import assert from 'node:assert/strict';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly atSeconds: number;
  };
}

export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const quoted = String.raw`"(?:[^"\\\n]|\\[\\"n])*"`;
const labelSet = String.raw`\{((?:[a-zA-Z_][a-zA-Z0-9_]*=${quoted},?)*)\}`;
const numeral = String.raw`(?:[+-]?Inf|NaN|-?[0-9.]+(?:e[+-]?[0-9]+)?)`;
const sampleLine = new RegExp(
  `^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:${labelSet})? (${numeral})(?: # ${labelSet} (${numeral}) ([0-9.]+))?$`,
);
const ends: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

export function parseMetrics(text: string, format: 'prometheus' | 'openmetrics'): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  const open = format === 'openmetrics';
  assert.ok(text.endsWith(open ? '\n# EOF\n' : '\n'));
  let family: Family | undefined;
  let help: readonly [name: string, text: string] | undefined;
  for (const line of text
    .slice(0, open ? -'# EOF\n'.length : undefined)
    .split('\n')
    .slice(0, -1)) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') help = [name, rest];
    else if (word === 'TYPE') {
      assert.equal(help?.[0], name, line);
      assert.ok(!families.has(name) && rest in ends, line);
      family = { name, type: rest, help: help![1], samples: [] };
      families.set(name, family);
    } else {
      const read = sampleLine.exec(line);
      assert.ok(read !== null && family !== undefined, line);
      const [, sample = '', labels = '', value = '', about, seen, at] = read;
      const allowed = !open && family.type === 'counter' ? [''] : ends[family.type]!;
      assert.ok(
        allowed.some((end) => sample === family!.name + end),
        line,
      );
      if (about !== undefined) assert.ok(open && sample.endsWith('_bucket'), line);
      const exemplar =
        about === undefined ? undefined : { labels: labelsIn(about), value: Number(seen), atSeconds: Number(at) };
      family.samples.push({
        name: sample,
        labels: labelsIn(labels),
        value: valueOf(value),
        ...(exemplar && { exemplar }),
      });
    }
  }
  for (const { type, samples } of families.values()) if (type === 'histogram') checkHistogram(samples, open);
  return families;
}

const valueOf = (text: string): number => (text === '+Inf' ? Infinity : Number(text));

const labelsIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(new RegExp(`([a-zA-Z0-9_]+)=(${quoted})`, 'g'))].map(([, name, value]) => [
      name,
      JSON.parse(value!),
    ]),
  );

function checkHistogram(samples: readonly Sample[], open: boolean): void {
  let before = { bound: -Infinity, count: 0 };
  for (const { name, labels, value, exemplar } of samples) {
    if (!name.endsWith('_bucket')) {
      if (name.endsWith('_count')) assert.equal(value, before.count, 'the last bucket holds all');
      before = name.endsWith('_count') ? { bound: -Infinity, count: 0 } : before;
      continue;
    }
    const bound = valueOf(labels['le']!);
    if (open && bound !== Infinity) assert.match(labels['le']!, /[.e]/, 'a canonical number');
    assert.ok(bound > before.bound && value >= before.count);
    if (exemplar !== undefined) assert.ok(exemplar.value <= bound && exemplar.value > before.bound);
    before = { bound, count: value };
  }
}
