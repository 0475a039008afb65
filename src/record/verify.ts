// `audit verify`: reads a whole log, offline or beside its writer, and finds whatever does not agree with its signed checkpoints.
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { openCheckpoint } from './checkpoint.ts';
import { decodeLeaf } from './leaf.ts';
import { headSource, openForReading, transaction } from './log-file.ts';
import { appendLeaf, completeNodes, emptyFrontier, leafHash, rootOf } from './merkle.ts';
import { createVerifier } from './note.ts';

export interface Problem {
  /** Leaf index of the record at fault; absent when it is not a single record. */
  readonly index?: number;
  readonly reason: string;
}

export interface Verification {
  readonly ok: boolean;
  /** Number of records that were read. */
  readonly size: number;
  /** Merkle tree root computed from them, base64. */
  readonly root: string;
  /** The first hundred. */
  readonly problems: readonly Problem[];
}

export interface VerifyOptions {
  /** `name+hash+base64key` of the log. */
  readonly verifierKey: string;
  /** A signed checkpoint of this log that was kept elsewhere: the log must still contain and extend it. */
  readonly keptCheckpoint?: string;
}

type Row = Record<string, SQLOutputValue>;
type Report = (reason: string, index?: number) => void;

const problemLimit = 100;

// One statement per window: a single long one would keep the writer from trimming its write-ahead log.
const windowSize = 2000;

/**
 * Verifies the log in a data directory without writing to it: every record against its leaf hash and columns, every stored
 * tree hash, every checkpoint's signature and root, the list of open intents, and the soundness of the file.
 * Damage of any kind is a problem in the result, never an exception.
 */
export function verifyLog(dataDirectory: string, options: VerifyOptions): Verification {
  const problems: Problem[] = [];
  const report: Report = (reason, index) => {
    if (problems.length < problemLimit) problems.push(index === undefined ? { reason } : { index, reason });
  };
  const frontier = emptyFrontier();
  try {
    const database = openForReading(dataDirectory);
    try {
      walk(database, options, frontier, report);
      for (const row of database.prepare('PRAGMA integrity_check').iterate()) {
        if (row['integrity_check'] !== 'ok') report(`the file is damaged: ${String(row['integrity_check'])}`);
      }
    } finally {
      database.close();
    }
  } catch (error) {
    report(`the log cannot be read: ${(error as Error).message}`);
  }
  return {
    ok: problems.length === 0,
    size: frontier.size,
    root: rootOf(frontier).toString('base64'),
    problems,
  };
}

function walk(
  database: DatabaseSync,
  { verifierKey, keptCheckpoint }: VerifyOptions,
  frontier: ReturnType<typeof emptyFrontier>,
  report: Report,
): void {
  const verifier = createVerifier(verifierKey);
  const kept = keptCheckpoint === undefined ? undefined : openCheckpoint(verifier, keptCheckpoint);
  if (keptCheckpoint !== undefined && kept === undefined)
    report('the checkpoint kept elsewhere is not signed by this key');

  const readHead = headSource(database);
  const selectRecords = database.prepare('SELECT *, idx AS key FROM record WHERE idx >= ? AND idx < ?');
  const selectNodes = database.prepare('SELECT id AS key, hash FROM node WHERE id >= ? AND id < ?');
  const selectCheckpoints = database.prepare('SELECT size AS key, note FROM checkpoint WHERE size >= ? AND size < ?');
  const openIntents = new Set<string>();

  function judgeCheckpoints(notes: ReadonlyMap<number, Row>): void {
    const root = rootOf(frontier);
    const row = notes.get(frontier.size);
    if (row !== undefined) {
      const checkpoint = openCheckpoint(verifier, String(row['note']));
      if (checkpoint === undefined) report(`the checkpoint at size ${frontier.size} is not signed by this key`);
      else if (checkpoint.size !== frontier.size || !checkpoint.root.equals(root)) {
        report(`the records do not have the root that was signed at size ${frontier.size}`);
      }
    }
    if (kept?.size === frontier.size && !kept.root.equals(root)) {
      report(`the log was rewritten: it does not have the root of the checkpoint kept elsewhere, at size ${kept.size}`);
    }
  }

  function judgeWindow(end: number): void {
    const start = frontier.size;
    const records = readWindow(selectRecords, start, end);
    const nodes = readWindow(selectNodes, completeNodes(start), completeNodes(end));
    const checkpoints = readWindow(selectCheckpoints, start + 1, end + 1);
    let id = completeNodes(start);
    for (let index = start; index < end; index += 1) {
      const storedHash = bytesOf(nodes.get(id)?.['hash']);
      const leaf = judgeRecord(records.get(index), index, storedHash, openIntents, report);
      appendLeaf(frontier, leaf, (hash) => {
        if (!hash.equals(bytesOf(nodes.get(id)?.['hash']))) report('a stored hash of the tree is wrong', index);
        id += 1;
      });
      if (checkpoints.has(index + 1) || kept?.size === index + 1) judgeCheckpoints(checkpoints);
    }
  }

  judgeCheckpoints(readWindow(selectCheckpoints, 0, 1));
  for (const { size } = readHead(); frontier.size < size;) judgeWindow(Math.min(frontier.size + windowSize, size));
  // What was appended meanwhile, and what must fit to the newest record, in one view.
  transaction(database, 'DEFERRED', () => {
    const { size } = readHead();
    while (frontier.size < size) judgeWindow(Math.min(frontier.size + windowSize, size));
    const { stray } = database
      .prepare('SELECT count(*) AS stray FROM record WHERE idx < 0 OR idx >= ?')
      .get(frontier.size) as { stray: number };
    if (stray > 0) report(`${stray} records are not covered by the newest checkpoint`);
    const listed = database.prepare('SELECT correlation_id AS id FROM open_intent').all();
    if (listed.length !== openIntents.size || !listed.every((row) => openIntents.has(String(row['id'])))) {
      report('the list of open intents does not agree with the records');
    }
  });
  if (kept !== undefined && kept.size > frontier.size) {
    report(`the log was cut: the checkpoint kept elsewhere has ${kept.size} records, the log ${frontier.size}`);
  }
}

/** Judges one record; returns the leaf hash to go on with, so that one bad record does not hide whether the others are sound. */
function judgeRecord(
  row: Row | undefined,
  index: number,
  storedHash: Buffer,
  openIntents: Set<string>,
  report: Report,
): Buffer {
  if (row === undefined) {
    report('the record is missing or cannot be read', index);
    return storedHash;
  }
  const leaf = bytesOf(row['leaf']);
  if (!leafHash(leaf).equals(storedHash)) {
    report('the content does not have the hash that stands in the tree', index);
    return storedHash;
  }
  const entry = decodeLeaf(leaf);
  const columns = [entry.index, entry.timestamp, entry.user, entry.action, entry.resource, entry.result];
  const { idx, timestamp, user, action, resource, result, correlation_id: correlationId } = row;
  const found = [idx, timestamp, user, action, resource, result];
  if (correlationId !== entry.correlationId || !columns.every((value, position) => value === found[position])) {
    report('the columns by which the record is found do not agree with its content', index);
  }
  if (entry.result === 'intent') openIntents.add(entry.correlationId);
  else openIntents.delete(entry.correlationId);
  return storedHash;
}

/** Reads the rows of a range of keys. On a damaged page, those that can still be read one by one. */
function readWindow(select: StatementSync, start: number, end: number): Map<number, Row> {
  try {
    return new Map(select.all(start, end).map((row) => [row['key'] as number, row]));
  } catch {
    const rows = new Map<number, Row>();
    for (let key = start; key < end; key += 1) {
      try {
        const row = select.get(key, key + 1);
        if (row !== undefined) rows.set(key, row);
      } catch {
        // Reported as missing by whoever looks for it.
      }
    }
    return rows;
  }
}

const bytesOf = (value: SQLOutputValue | undefined): Buffer =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : Buffer.alloc(0);
