// What Genkan costs: ratios against the bare upstream, a bare proxy and other relays, all within one interleaved run.
import { availableParallelism } from 'node:os';
import { decideMix, measureDecide } from './decide.ts';
import { measureFilteredList } from './filtered-list.ts';
import { measureLimits } from './limits.ts';
import { load } from './load.ts';
import type { Load, Scenario } from './load.ts';
import { measureLocal } from './local.ts';
import { cpuMicros } from './processes.ts';
import { measureGroupCommit, measureRecordCost } from './record.ts';
import { measureSearch } from './search.ts';
import { measureShield } from './shield.ts';
import { startSystems } from './systems.ts';
import type { System } from './systems.ts';

const json = process.argv.includes('--json');
const passes = 5;
const seconds = (callsPerSecond: number, wanted: number): number => Math.max(50, Math.round(callsPerSecond * wanted));

interface Sample extends Load {
  readonly system: string;
  readonly scenario: string;
  readonly cpuMicrosPerCall: number;
}

async function benchEverything(): Promise<void> {
  const { systems, stop } = await startSystems((line) => json || console.error(line));
  const samples: Sample[] = [];
  try {
    for (let pass = 0; pass < passes; pass++) {
      if (!json) console.error(`pass ${pass + 1} of ${passes}`);
      for (const scenario of scenarios()) {
        for (const system of rotate(systems, pass)) {
          if (system.only !== undefined && !system.only.includes(scenario.name)) continue;
          samples.push(await sample(system, scenario));
        }
      }
    }
  } finally {
    await stop();
  }
  const rows = summarise(samples);
  const ratios = { ...ratiosOf(rows), filteredAzureListMs: await measureFilteredList() };
  if (json) console.log(JSON.stringify({ ratios, node: process.version, cores: availableParallelism(), passes, rows }));
  else
    console.log(
      `${table(rows)}\n\n${table(Object.entries(ratios).map(([ratio, value]) => ({ ratio, value: value ?? 'not measured' })))}`,
    );
}

function scenarios(): Scenario[] {
  return [
    { name: 'echo x1', tool: 'echo', connections: 1, calls: seconds(2500, 0.6) },
    { name: 'echo x16', tool: 'echo', connections: 16, calls: seconds(6000, 0.8) },
    { name: 'echo x64', tool: 'echo', connections: 64, calls: seconds(6000, 0.6) },
    { name: '64 KiB x16', tool: 'large', connections: 16, calls: seconds(2000, 0.5) },
    { name: 'SSE x16', tool: 'steps', connections: 16, calls: seconds(2000, 0.5) },
  ];
}

async function sample(system: System, scenario: Scenario): Promise<Sample> {
  const { headers, era } = system;
  await load(system.url, { ...scenario, calls: 100 }, headers, era); // warm
  const before = cpuMicros(system.pid);
  const measured = await load(system.url, scenario, headers, era);
  const cpu = (cpuMicros(system.pid) - before) / scenario.calls;
  return { system: system.name, scenario: scenario.name, cpuMicrosPerCall: Math.round(cpu), ...measured };
}

/** Another system begins each pass, so that none always runs on the warmest or busiest machine. */
const rotate = <T>(items: readonly T[], by: number): T[] =>
  items.map((_, index) => items[(index + by) % items.length]!);

interface Row {
  readonly scenario: string;
  readonly system: string;
  readonly 'calls/s': number;
  readonly 'p50 µs': number;
  readonly 'p99 µs': number;
  readonly 'CPU µs': number;
  /** Lowest and highest CPU per call over the passes. */
  readonly spread: string;
}

function summarise(samples: readonly Sample[]): Row[] {
  const groups = Map.groupBy(samples, ({ scenario, system }) => `${scenario}|${system}`);
  return [...groups.values()].map((group) => {
    const cpu = group.map(({ cpuMicrosPerCall }) => cpuMicrosPerCall);
    return {
      scenario: group[0]!.scenario,
      system: group[0]!.system,
      'calls/s': median(group.map(({ callsPerSecond }) => callsPerSecond)),
      'p50 µs': median(group.map(({ p50Micros }) => p50Micros)),
      'p99 µs': median(group.map(({ p99Micros }) => p99Micros)),
      'CPU µs': median(cpu),
      spread: `${Math.min(...cpu)}–${Math.max(...cpu)}`,
    };
  });
}

function ratiosOf(rows: readonly Row[]): Record<string, number | null> {
  const find = (system: string, scenario: string): Row | undefined =>
    rows.find((row) => row.system === system && row.scenario === scenario);
  const ratio = (a: number | undefined, b: number | undefined): number | null =>
    a === undefined || b === undefined || b === 0 ? null : Math.round((a / b) * 100) / 100;
  const [genkan, alone] = [find('genkan', 'echo x16'), find('genkan', 'echo x1')];
  return {
    cpuVsBareDispatch: ratio(genkan?.['CPU µs'], find('bare dispatch', 'echo x16')?.['CPU µs']),
    rateVsDirectAt16: ratio(genkan?.['calls/s'], find('direct', 'echo x16')?.['calls/s']),
    addedP50MicrosAt1: alone ? alone['p50 µs'] - find('direct', 'echo x1')!['p50 µs'] : null,
    scanned64KiBVsUnscanned: ratio(
      find('genkan', '64 KiB x16')?.['CPU µs'],
      find('genkan, unscanned', '64 KiB x16')?.['CPU µs'],
    ),
    cpuVsMcpProxy: ratio(genkan?.['CPU µs'], find('mcp-proxy', 'echo x16')?.['CPU µs']),
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function table(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) => Object.values(row).map(String));
  const widths = names.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]!.length)));
  const line = (values: readonly string[]): string =>
    values
      .map((value, column) => value.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [line(names), ...cells.map(line)].join('\n');
}

if (process.argv.includes('decide')) {
  const measured = measureDecide();
  console.log(
    json
      ? JSON.stringify(measured)
      : `${table(
          Object.entries(measured.p99Nanos).map(([assignments, p99]) => ({
            assignments,
            'p50 ns': measured.p50Nanos[assignments],
            'p99 ns': p99,
            'p99 ns, lowest of three': measured.undisturbedP99Nanos[assignments],
            'p99 ns of the clock': measured.clockP99Nanos[assignments],
            allowed: measured.allowedShare[assignments],
            denied: measured.deniedShare[assignments],
          })),
        )}\n\n${decideMix}`,
  );
} else if (process.argv.includes('limits')) {
  const measured = await measureLimits();
  const rows = Object.entries(measured).map(([check, { p50Nanos, p99Nanos }]) => ({
    check,
    'p50 ns': p50Nanos,
    'p99 ns': p99Nanos,
  }));
  console.log(json ? JSON.stringify(measured) : table(rows));
} else if (process.argv.includes('shield')) {
  const measured = measureShield();
  console.log(json ? JSON.stringify(measured) : table([{ ...measured }]));
} else if (process.argv.includes('record')) {
  const measured = { groupCommit: await measureGroupCommit(), cost: await measureRecordCost() };
  console.log(
    json
      ? JSON.stringify(measured)
      : `${table([measured.groupCommit])}\n\n${table(measured.cost.map((cost) => ({ ...cost })))}`,
  );
} else if (process.argv.includes('search')) {
  const { rows, ...measured } = await measureSearch();
  console.log(json ? JSON.stringify({ ...measured, rows }) : `${table(rows)}\n\n${table([measured])}`);
} else if (process.argv.includes('local')) {
  const measured = await measureLocal();
  const { startMs, callMicros } = measured;
  const rows = [
    { what: 'start to first answer, ms', ...startMs, added: measured.addedStartMs },
    { what: 'one call, µs', ...callMicros, added: measured.addedCallMicros },
  ];
  console.log(json ? JSON.stringify(measured) : table(rows));
} else {
  await benchEverything();
}
