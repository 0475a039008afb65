// How long questions to the record take: a million records of a month, of five hundred people at eight servers, and ten times as many in figures by the hour.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { compile } from '../src/kql/compile.ts';
import { createMemoryTable } from '../src/kql/memory-table.ts';
import { openAuditLog } from '../src/record/audit-log.ts';
import type { AuditLog } from '../src/record/audit-log.ts';
import type { AuditEntry } from '../src/record/entry.ts';
import { prepareEntry } from '../src/record/leaf.ts';
import { logFile } from '../src/record/log-file.ts';
import { createSigner, generateSigningKey } from '../src/record/note.ts';
import { bucketOf, cellsOfHour, hourMs, packCells, totalsOf } from '../src/record/rollup.ts';
import { createSearch } from '../src/record/search/search.ts';
import type { Search } from '../src/record/search/search.ts';
import { searchSettings } from '../src/record/search/settings.ts';
import { createSubject } from '../src/record/subject.ts';
import type { Subject } from '../src/record/subject.ts';

const people = 500;
const tools = 40;
const days = 30;
const group = 1024;

interface Row {
  readonly question: string;
  readonly 'p50 ms': number;
  readonly 'p95 ms': number;
  readonly rows: number;
}

export interface SearchFigures {
  readonly records: number;
  readonly fillSeconds: number;
  /** Of the time that writing takes, for keeping the figures by the hour. */
  readonly rollupShare: string;
  readonly rows: readonly Row[];
  /** Of one query, and of each of its rows without a database below it. */
  readonly compileMs: number;
  readonly engineMicrosPerRow: number;
}

export async function measureSearch(records = 1_000_000): Promise<SearchFigures> {
  const directory = mkdtempSync(path.join(tmpdir(), 'genkan-bench-search-'));
  try {
    const nowMs = Math.floor(Date.now() / hourMs) * hourMs + hourMs / 2;
    const subjects = new Map(Array.from({ length: people }, (_, at) => [userOf(at), createSubject(randomBytes(32))]));
    const log = openAuditLog(directory, createSigner(generateSigningKey('bench.test/audit')), {
      mayBegin: true,
      nowMs,
    });
    const startedMs = performance.now();
    const rollupMs = fill(log, subjects, records, nowMs);
    const fillMs = performance.now() - startedMs;
    log.close();
    const search = createSearch(searchSettings.parse({ maxSeconds: 600 }), {
      dataDirectory: directory,
      subjects: { cached: (user) => subjects.get(user), find: (user) => Promise.resolve(subjects.get(user)) },
      clock: { now: () => nowMs },
    });
    const rows = await ask(search);
    planFigures(directory, nowMs, records * 10);
    rows.push(await timed(search, '30 days: p95 by tool, figures of ten times as many', () => monthly, 15));
    return {
      records,
      fillSeconds: Math.round(fillMs / 100) / 10,
      rollupShare: `${((100 * rollupMs) / fillMs).toFixed(1)} %`,
      rows,
      ...(await engine()),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const userOf = (at: number): string => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}@contoso`;

/** @returns how long keeping the figures took */
function fill(log: AuditLog, subjects: ReadonlyMap<string, Subject>, records: number, nowMs: number): number {
  const stepMs = (days * 86_400_000) / records;
  let random = 1;
  const chance = (): number => (random = (random * 48_271) % 2_147_483_647) / 2_147_483_647;
  let rollupMs = 0;
  for (let at = 0; at < records; at += group) {
    const size = Math.min(group, records - at);
    const entries = Array.from({ length: size }, (_, offset) => {
      const entry = entryAt(nowMs - Math.round((records - at - offset) * stepMs), at + offset, chance);
      return prepareEntry(entry, 16_384, subjects.get(entry.user));
    });
    log.append(entries, entries.at(-1)!.timestamp);
    if (Math.floor(at / 8192) === Math.floor((at + size) / 8192)) continue;
    const before = performance.now();
    log.settle();
    rollupMs += performance.now() - before;
  }
  log.settle();
  return rollupMs;
}

function entryAt(timestamp: number, at: number, chance: () => number): AuditEntry {
  const tool = Math.floor(chance() * tools);
  const user = userOf(Math.floor(chance() * people));
  return {
    timestamp,
    user,
    action: 'tools/call',
    resource: `/servers/server-${tool % 8}/tools/tool_${tool}`,
    result: chance() < 0.05 ? 'denied' : 'allowed',
    correlationId: `00000000-0000-4000-9000-${String(at).padStart(12, '0')}`,
    server: `server-${tool % 8}`,
    tool: `tool_${tool}`,
    effect: 'read',
    actionRequired: [
      {
        action: `mcp/servers/server-${tool % 8}/tools/tool_${tool}/call`,
        data: false,
        scope: `/servers/server-${tool % 8}`,
      },
    ],
    durationMs: Math.round(10 + 300 * chance() ** 4 * (1 + tool / 10)),
    bytesIn: 300,
    bytesOut: 2000,
    actor: { name: `${user.slice(24, 36)}@contoso.com`, kind: 'user' },
    client: 'https://vscode.dev/redirect',
    details: { era: 'modern', actsAs: 'caller', toolError: false },
    sourceIP: '203.0.113.7',
    userAgent: 'vscode/1.120',
  };
}

const monthly = 'MCPMetrics | where TimeGenerated > ago(30d) | summarize percentilew(durationMs, count, 95) by tool';

async function ask(search: Search): Promise<Row[]> {
  let person = 0;
  return [
    await timed(
      search,
      'one person, 24 hours: all columns',
      () => {
        person = (person + 7) % people;
        return `MCPAuditLog | where timestamp > ago(24h) and user == "${userOf(person)}" | sort by timestamp desc`;
      },
      200,
    ),
    await timed(
      search,
      'one person, 24 hours: count by action',
      () => {
        person = (person + 7) % people;
        return `MCPAuditLog | where timestamp > ago(24h) and user == "${userOf(person)}" | summarize count() by action, result`;
      },
      200,
    ),
    await timed(
      search,
      '24 hours: count by result and hour',
      () => 'MCPAuditLog | where timestamp > ago(24h) | summarize count() by result, bin(timestamp, 1h)',
      15,
    ),
    await timed(
      search,
      '24 hours: count by tool and hour',
      () => 'MCPAuditLog | where timestamp > ago(24h) | summarize count() by tool, bin(timestamp, 1h)',
      15,
    ),
    await timed(
      search,
      '24 hours: count by tool and hour, by figures',
      () => 'MCPMetrics | where TimeGenerated > ago(24h) | summarize sum(count) by tool, TimeGenerated',
      15,
    ),
    await timed(search, '30 days: count by result', () => 'MCPAuditLog | summarize count() by result', 3),
    await timed(
      search,
      '30 days: p95 by tool, by records',
      () => 'MCPAuditLog | summarize percentile(durationMs, 95) by tool',
      1,
    ),
    await timed(search, '30 days: p95 by tool, by figures', () => monthly, 15),
  ];
}

async function timed(search: Search, question: string, query: () => string, times: number): Promise<Row> {
  let rows = 0;
  const took: number[] = [];
  for (let time = 0; time <= times; time++) {
    const before = performance.now();
    rows = (await search({ query: query() })).rows.length;
    if (time > 0 || times === 1) took.push(performance.now() - before);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))]! * 100) / 100;
  return { question, 'p50 ms': at(0.5), 'p95 ms': at(0.95), rows };
}

/** The figures that so many records would have left, in the place of those that are there: in each hour calls of each tool. */
function planFigures(directory: string, nowMs: number, records: number): void {
  const database = new DatabaseSync(logFile(directory));
  const put = database.prepare('INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?)');
  database.exec('BEGIN; DELETE FROM rollup;');
  const count = Math.ceil(records / days / 24 / tools / 3 / 12);
  const cells = new Map<number, number>();
  for (let hour = 0; hour < 24; hour++)
    for (let part = 0; part < 12; part++) cells.set(hour * cellsOfHour + bucketOf(10 * 1.5 ** part), count);
  for (let day = 0; day < days; day++)
    for (let tool = 0; tool < tools; tool++)
      for (const result of ['intent', 'allowed', 'denied']) {
        const begins = (Math.floor(nowMs / 86_400_000) - day) * 86_400_000;
        put.run(
          begins,
          `server-${tool % 8}`,
          `tool_${tool}`,
          'tools/call',
          result,
          packCells(totalsOf(cells)),
          packCells(cells),
        );
      }
  database.exec('COMMIT');
  database.close();
}

async function engine(): Promise<{ readonly compileMs: number; readonly engineMicrosPerRow: number }> {
  const count = 200_000;
  const rows = Array.from({ length: count }, (_, at) => [at, `tool_${at % tools}`, at % 300] as const);
  const table = createMemoryTable(
    'T',
    [
      { name: 'at', type: 'long' },
      { name: 'tool', type: 'string' },
      { name: 'ms', type: 'real' },
    ],
    () => rows,
  );
  const catalog = { table: () => table, names: ['T'] };
  const budget = { maxRows: 1000, maxRowsRead: 1e9, maxMs: 60_000, maxBytes: 1e9 };
  const text = 'T | where ms > 10 | summarize count(), avg(ms) by tool';
  const compiledMs: number[] = [];
  for (let time = 0; time < 200; time++) {
    const before = performance.now();
    await compile(text, catalog, { nowMs: 0 });
    compiledMs.push(performance.now() - before);
  }
  const query = await compile(text, catalog, { nowMs: 0 });
  const before = performance.now();
  for await (const _ of query.run({ budget }));
  const tookMs = performance.now() - before;
  compiledMs.sort((a, b) => a - b);
  return {
    compileMs: Math.round(compiledMs[100]! * 1000) / 1000,
    engineMicrosPerRow: Math.round((tookMs / count) * 1e6) / 1000,
  };
}
