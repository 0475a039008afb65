// `audit verify`: reads a whole log, offline or beside its writer, and finds whatever does not agree with its signed checkpoints.
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import { surplusOf } from './by-user.ts';
import { openCheckpoint, readKept } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { contentsHash } from './contents.ts';
import { parseLeaf } from './leaf.ts';
import type { Leaf } from './leaf.ts';
import { headSource, openForReading, transactions } from './log-file.ts';
import { appendLeaf, emptyFrontier, leafHash, rootOf } from './merkle.ts';
import type { Frontier } from './merkle.ts';
import { createVerifier } from './note.ts';
import type { Verifier } from './note.ts';
import { isPseudonym } from './subject.ts';

export interface Problem {
  /** Leaf index of the record at fault; absent when it is not a single record. */
  readonly index?: number;
  readonly reason: string;
}

export interface Verification {
  readonly ok: boolean;
  /** Number of records, those that retention has removed among them. */
  readonly size: number;
  /** How many of them retention has removed; their hashes still stand in the tree. */
  readonly pruned: number;
  /** Merkle tree root computed from them, base64. */
  readonly root: string;
  /** The first hundred; the walk stops there. */
  readonly problems: readonly Problem[];
}

export interface VerifyOptions {
  /** `name+hash+base64key` of the log. */
  readonly verifierKey: string;
  /** Signed checkpoints of this log that were kept elsewhere, one after the other: the log must still extend them. */
  readonly keptCheckpoint?: string | undefined;
  /** The newest one that our own database knows to be outside; it says nothing for what the caller has kept. */
  readonly published?: string | undefined;
  /** Pseudonyms of people who have a key, and whose they are: with them it is judged by whom sealed records are found. */
  readonly whose?: ReadonlyMap<string, string>;
}

type Row = Record<string, SQLOutputValue>;
type Report = (reason: string, index?: number) => void;

const problemLimit = 100;

// One statement per window: a single long one would keep the writer from trimming its write-ahead log.
const windowSize = 500;

/**
 * Verifies the log in a data directory without changing it: every record against its leaf hash and columns, every stored
 * tree hash, every checkpoint's signature and root, the list of open intents, and the soundness of the file.
 * Damage of any kind is a problem in the result, never an exception.
 */
export function verifyLog(dataDirectory: string, options: VerifyOptions): Verification {
  const problems: Problem[] = [];
  const report: Report = (reason, index) => {
    if (problems.length < problemLimit) problems.push(index === undefined ? { reason } : { index, reason });
  };
  const frontier = emptyFrontier();
  let pruned = 0;
  try {
    const database = openForReading(dataDirectory);
    try {
      pruned = walk(database, options, frontier, report, () => problems.length >= problemLimit);
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
    pruned,
    root: rootOf(frontier).toString('base64'),
    problems,
  };
}

function walk(
  database: DatabaseSync,
  { verifierKey, keptCheckpoint, published, whose }: VerifyOptions,
  frontier: Frontier,
  report: Report,
  isEnough: () => boolean,
): number {
  const verifier = createVerifier(verifierKey);
  const kept = openKept(verifier, { keptCheckpoint, published }, report);

  const readHead = headSource(database);
  const inOneView = transactions(database, 'DEFERRED');
  const selectRecords = database.prepare('SELECT *, idx AS key FROM record WHERE idx >= ? AND idx < ?');
  const selectContents = readable(database, 'SELECT idx AS key, sealed FROM contents WHERE idx >= ? AND idx < ?');
  const selectPruned = readable(database, 'SELECT idx AS key, hashes FROM pruned WHERE idx >= ? AND idx < ?');
  const selectUnfound = database.prepare(
    `SELECT idx FROM record
     WHERE idx >= ?1 AND idx < min(?2, coalesce((SELECT min(idx) FROM unlisted), ?2)) AND NOT EXISTS (
       SELECT 1 FROM by_user AS listed
       WHERE listed.user = record.user AND listed.timestamp = record.timestamp AND listed.idx = record.idx
     )`,
  );
  const selectCheckpoints = database.prepare('SELECT size AS key, note FROM checkpoint WHERE size >= ? AND size < ?');
  const openIntents = new Set<string>();
  let gap = false; // after a missing record no root can be computed any more; the other records are still judged
  let intentsKnown = true;
  let signedSize = -1;
  let pruned = 0;
  let mayBePruned = 0;
  let allFound = true;
  const judgeUser = userJudge(whose, report);

  function judgeCheckpoints(note: SQLOutputValue | undefined): void {
    const { size } = frontier;
    const root = rootOf(frontier);
    if (note !== undefined) {
      const checkpoint = openCheckpoint(verifier, String(note));
      if (checkpoint?.size === size) signedSize = size;
      else report(`the checkpoint at size ${size} is not signed by this key for this size`);
      if (!gap && checkpoint !== undefined && !checkpoint.root.equals(root)) {
        report(`the records do not have the root that was signed at size ${size}`);
      }
    }
    if (!gap && kept.get(size)?.every((one) => one.root.equals(root)) === false) {
      report(`the log was rewritten: its root at size ${size} is not that of the checkpoint kept elsewhere`);
    }
  }

  function judgeWindow(end: number): void {
    const start = frontier.size;
    const records = readWindow(selectRecords, start, end);
    const checkpoints = readWindow(selectCheckpoints, start + 1, end + 1);
    const contents = selectContents && readWindow(selectContents, start, end);
    const gone = selectPruned && records.size < end - start ? readWindow(selectPruned, start, end) : undefined;
    for (let index = start; index < end; index += 1) {
      const removed = pruned === index && !records.has(index) ? gone?.get(index) : undefined;
      if (removed !== undefined) pruned = index + 1;
      const row = records.get(index);
      if (row === undefined && removed === undefined) {
        report('the record is missing or cannot be read', index);
        gap = true;
      }
      const stored = bytesOf((row ?? removed)?.['hashes']);
      const completed = Buffer.concat(appendLeaf(frontier, stored.subarray(0, 32)));
      const leaf = row === undefined ? undefined : judgeRecord(row, index, contents?.get(index)?.['sealed'], report);
      if (leaf !== undefined) {
        judgeUser(leaf, String(row!['user']), index);
        mayBePruned = Math.max(mayBePruned, prunedBy(leaf));
        if (leaf.result === 'intent') openIntents.add(leaf.correlationId);
        else openIntents.delete(leaf.correlationId);
      } else if (removed === undefined) intentsKnown = false; // what is removed was answered long ago
      if (!gap && !completed.equals(stored)) report('the hashes of the tree beside the record are wrong', index);
      const note = checkpoints.get(index + 1)?.['note'];
      if (note !== undefined || kept.has(index + 1)) judgeCheckpoints(note);
    }
    judgeListing(start, end);
  }

  function judgeListing(start: number, end: number): void {
    try {
      for (const { idx } of selectUnfound.all(start, end)) {
        allFound = false;
        report('the record is not found by its person', Number(idx));
      }
    } catch {
      allFound = false;
      report(`whose records are whose cannot be read from ${start} to ${end - 1}`);
    }
  }

  function judgeSurplus(): void {
    try {
      for (const { idx, there } of surplusOf(database)(problemLimit, allFound))
        report(
          there === 1 ? 'the record is found by who it is not of' : 'who looks for somebody is led to no record',
          idx,
        );
    } catch {
      report('whose records are whose cannot be read');
    }
  }

  function judgeUpTo(size: number): void {
    while (frontier.size < size && !isEnough()) judgeWindow(Math.min(frontier.size + windowSize, size));
  }

  judgeCheckpoints(readWindow(selectCheckpoints, 0, 1).get(0)?.['note']);
  judgeUpTo(readHead().size);
  // What was appended meanwhile, and what must fit to the newest record, in one view.
  inOneView(() => {
    const head = readHead();
    judgeUpTo(head.size);
    if (signedSize !== head.size && !isEnough()) report('the newest checkpoint does not sign the newest record');
    const select = database.prepare('SELECT count(*) AS stray FROM record WHERE idx < 0 OR idx >= ?');
    const { stray } = select.get(frontier.size) as { stray: number };
    if (stray > 0) report(`${stray} records are not covered by the newest checkpoint`);
    const listed = database.prepare('SELECT correlation_id AS id FROM open_intent').all();
    const agrees = listed.length === openIntents.size && listed.every((row) => openIntents.has(String(row['id'])));
    if (intentsKnown && !agrees) {
      report('the list of open intents does not agree with the records');
    }
    if (!isEnough()) judgeSurplus();
  });
  if (pruned > mayBePruned) {
    report(`${pruned} records were removed from the beginning, and the log says that it were ${mayBePruned}`);
  }
  const most = Math.max(...kept.keys());
  if (most > frontier.size && !isEnough()) {
    report(`the log was cut: the checkpoint kept elsewhere has ${most} records, the log ${frontier.size}`);
  }
  return pruned;
}

/** Checkpoints that were kept elsewhere, by their size. */
function openKept(
  verifier: Verifier,
  { keptCheckpoint, published }: Pick<VerifyOptions, 'keptCheckpoint' | 'published'>,
  report: Report,
): Map<number, Checkpoint[]> {
  const texts = [keptCheckpoint, published].filter((text) => text !== undefined);
  const all = texts.flatMap((text) => {
    const { checkpoints, strange } = readKept(verifier, text);
    if (strange > 0) report('the checkpoint kept elsewhere is not signed by this key, or was changed');
    else if (checkpoints.length === 0) report('there is no checkpoint in what was kept elsewhere');
    return checkpoints;
  });
  return Map.groupBy(all, ({ size }) => size);
}

/** Up to where a record says that others were removed: only we can have written it, for nobody else signs. */
function prunedBy({ action, user, sealed, result, ...more }: Leaf): number {
  const isOurs = action === 'record.prune' && user === 'genkan' && sealed === undefined;
  const { before } = (more as { details?: { before?: unknown } }).details ?? {};
  return isOurs && (result === 'intent' || result === 'allowed') && typeof before === 'number' ? before : 0;
}

/** Judges by whom a sealed record is found: its person, or the pseudonym of whoever was erased. */
function userJudge(
  whose: ReadonlyMap<string, string> | undefined,
  report: Report,
): (leaf: Leaf, column: string, index: number) => void {
  const seen = new Map<string, string>();
  return ({ subject, sealed }, column, index) => {
    if (sealed === undefined || subject === undefined || column === subject) return;
    const expected = whose === undefined ? (seen.get(subject) ?? column) : whose.get(subject);
    seen.set(subject, column);
    if (column !== expected || isPseudonym(column))
      report('the person by whom the record is found is not the one that it was sealed for', index);
  };
}

/** Undefined where an older Genkan, which did not have that table, wrote last. */
function readable(database: DatabaseSync, statement: string): StatementSync | undefined {
  try {
    return database.prepare(statement);
  } catch {
    return undefined;
  }
}

/** Judges one record by itself: content against its leaf hash, columns against the content. Returns it if it is what was hashed. */
function judgeRecord(row: Row, index: number, contents: SQLOutputValue | undefined, report: Report): Leaf | undefined {
  const leaf = bytesOf(row['leaf']);
  if (!leafHash(leaf).equals(bytesOf(row['hashes']).subarray(0, 32))) {
    report('the content does not have the hash that stands in the tree', index);
    return undefined;
  }
  const entry = parseLeaf(leaf);
  const { idx, timestamp, action, resource, result, correlation_id } = row;
  const columns = [idx, timestamp, action, resource, result, correlation_id];
  const content: unknown[] = [
    entry.index,
    entry.timestamp,
    entry.action,
    entry.resource,
    entry.result,
    entry.correlationId,
  ];
  if (entry.sealed === undefined) {
    columns.push(row['user']);
    content.push(entry.user);
  }
  if (entry.contents !== (contents === undefined ? undefined : contentsHash(String(contents))))
    report('what was kept of the call is not what the record says', index);
  if (!content.every((value, position) => value === columns[position])) {
    report('the columns by which the record is found do not agree with its content', index);
  }
  return entry;
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
