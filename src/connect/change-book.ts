// What we have replaced on this machine, kept until it is undone: the bytes as they were, and how we left them.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { GenkanError } from '../base/errors.ts';
import type { Found, GuardedPlace } from './guarded-file.ts';
import { readGuarded, replaceGuarded } from './guarded-file.ts';

/** A file that is to be changed: how it was found, and what it shall contain. */
export interface FileChange {
  readonly place: GuardedPlace;
  /** For people: the client, or what the file is. */
  readonly title: string;
  readonly found: Found;
  readonly bytes: Buffer;
}

const kept = z.strictObject({
  title: z.string(),
  root: z.string(),
  file: z.string(),
  mode: z.int(),
  /** Name of the copy beside the record; null where there was no file. */
  backup: z
    .string()
    .regex(/^[\w-]+\.backup$/)
    .nullable(),
  afterSha256: z.string(),
});
const actRecord = z.strictObject({ kind: z.enum(['connect', 'import']), atMs: z.int(), files: z.array(kept).min(1) });

type Kept = z.output<typeof kept>;
export type ActKind = z.output<typeof actRecord>['kind'];

export interface Act extends z.output<typeof actRecord> {
  readonly id: string;
}

const mostActs = 20;

export class ChangeBook {
  readonly #directory: string;
  readonly #now: () => number;

  constructor(directory: string, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  /**
   * Writes all files or none, with what was there put aside first.
   * @returns the folder with the copies
   */
  write(kind: ActKind, changes: readonly FileChange[]): string {
    const act = this.#putAside(kind, changes);
    const written: FileChange[] = [];
    try {
      for (const change of changes) {
        replaceGuarded(change.place, change.found, change.bytes);
        written.push(change);
      }
    } catch (error) {
      for (const { place, found, bytes } of written) {
        const now = readGuarded(place);
        if (now?.bytes.equals(bytes) === true) replaceGuarded(place, now, found?.bytes);
      }
      this.#forget(act);
      throw error;
    }
    for (const old of this.#acts().slice(0, -mostActs)) this.#forget(old);
    return this.#directory;
  }

  /** The act of a kind that was done last and is not undone. @throws GenkanError `connect_nothing_to_undo` */
  last(kind: ActKind): Act {
    const act = this.#acts().findLast((each) => each.kind === kind);
    if (act === undefined) throw new GenkanError('connect_nothing_to_undo', { command: kind });
    return act;
  }

  /**
   * Puts back what was there, in every file of an act or in none.
   * @throws GenkanError `connect_changed_since` when somebody has written to one of them since
   */
  undo(act: Act): void {
    const ready = act.files.map((each) => {
      const now = readGuarded(each);
      const backup = each.backup === null ? undefined : path.join(this.#directory, each.backup);
      const before = backup === undefined ? undefined : readCopy(backup);
      // An undo that was broken off may have put this one back already.
      const isBack = now === undefined ? before === undefined : before?.equals(now.bytes) === true;
      if (!isBack && (now === undefined || sha256(now.bytes) !== each.afterSha256))
        throw new GenkanError('connect_changed_since', { file: each.file, backup: backup ?? '–' });
      return { each, now, before, isBack };
    });
    for (const { each, now, before, isBack } of ready) if (!isBack) replaceGuarded(each, now, before);
    this.#forget(act);
  }

  #putAside(kind: ActKind, changes: readonly FileChange[]): Act {
    const atMs = this.#now();
    const id = `${new Date(atMs).toISOString().replace(/[:.]/g, '-')}-${kind}-${randomBytes(4).toString('hex')}`;
    const files = changes.map(({ place: { root, file, mode }, title, found, bytes }, index): Kept => {
      const backup = found === undefined ? null : `${id}-${index}.backup`;
      return { title, root, file, mode, backup, afterSha256: sha256(bytes) };
    });
    const act = { id, kind, atMs, files };
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      // The copies may hold secrets: nobody may have chosen for us where they go.
      if (!lstatSync(this.#directory).isDirectory()) {
        throw new GenkanError('connect_file_linked', { file: this.#directory });
      }
      for (const [index, { backup }] of files.entries()) {
        if (backup !== null) this.#create(backup, changes[index]!.found!.bytes);
      }
      this.#create(`${id}.json`, Buffer.from(JSON.stringify({ kind, atMs, files }, undefined, 2)));
      return act;
    } catch (error) {
      this.#forget(act);
      if (error instanceof GenkanError) throw error;
      const { code = 'unusable' } = error as NodeJS.ErrnoException;
      throw new GenkanError('connect_file_unusable', { file: this.#directory, reason: code }, { cause: error });
    }
  }

  #create(name: string, bytes: Buffer): void {
    writeFileSync(path.join(this.#directory, name), bytes, { flag: 'wx', mode: 0o600, flush: true });
  }

  /** In the order in which they were done, which their names keep. */
  #acts(): Act[] {
    if (!existsSync(this.#directory)) return [];
    const names = readdirSync(this.#directory).filter((name) => name.endsWith('.json'));
    return names.sort().flatMap((name) => {
      try {
        const record = actRecord.parse(JSON.parse(readFileSync(path.join(this.#directory, name), 'utf8')));
        return [{ id: name.slice(0, -'.json'.length), ...record }];
      } catch {
        return []; // not ours, or of another version: its copies stay where they are
      }
    });
  }

  #forget({ id, files }: Act): void {
    for (const { backup } of files) if (backup !== null) rmSync(path.join(this.#directory, backup), { force: true });
    rmSync(path.join(this.#directory, `${id}.json`), { force: true });
  }
}

function readCopy(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new GenkanError('connect_file_unusable', { file, reason: 'the copy is gone' }, { cause });
  }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
