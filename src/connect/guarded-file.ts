// Reads and replaces one settings file of a person: never through a link, never half, never over what somebody else has just written.
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import path from 'node:path';
import { GenkanError } from '../base/errors.ts';

const mostBytes = 16 * 1024 * 1024;

export interface GuardedPlace {
  /** A folder that is trusted as it is. On the way from here to the file, no link is followed. */
  readonly root: string;
  readonly file: string;
  /** Of the file, where it has to be made. */
  readonly mode: number;
}

/** A file as it was read; undefined where there is none. */
export type Found = { readonly bytes: Buffer; readonly stats: Stats } | undefined;

/** @throws GenkanError `connect_file_linked`, `connect_file_unusable` */
export function readGuarded({ root, file }: GuardedPlace): Found {
  const seen = walk(root, file);
  if (seen === undefined) return undefined;
  return explained(file, () => {
    // A file may become a link after we looked; and one that is no file might never end.
    const handle = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = fstatSync(handle);
      if (stats.ino !== seen.ino || (stats.dev !== seen.dev && process.platform !== 'win32'))
        throw new GenkanError('connect_file_linked', { file });
      if (stats.size > mostBytes) throw unusable(file, 'it is too large');
      return { bytes: readFileSync(handle), stats };
    } finally {
      closeSync(handle);
    }
  });
}

/** Whether a file may be replaced at all. @throws GenkanError `connect_file_protected` */
export function assertWritable(file: string, found: Found): void {
  // Renaming would get round the protection; root is not even stopped by it.
  if (found !== undefined && (found.stats.mode & 0o200) === 0)
    throw new GenkanError('connect_file_protected', { file });
}

/**
 * Replaces a file as a whole, with mode and owner as they were.
 * @param found what was read when the change was made up
 * @param bytes the new content; without it, the file is removed
 * @throws GenkanError `connect_file_changed` when the file is not as it was found, and what reading throws
 */
export function replaceGuarded(place: GuardedPlace, found: Found, bytes: Buffer | undefined): void {
  const { root, file, mode } = place;
  assertWritable(file, found);
  explained(file, () => {
    if (found === undefined) mkdirSync(path.dirname(file), { recursive: true, mode: mode | ((mode & 0o444) >> 2) });
    assertUnchanged(place, found);
    if (bytes === undefined) return rmSync(file);
    const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
    const handle = openSync(beside, 'wx', 0o600); // fails on a link, too
    try {
      try {
        writeFileSync(handle, bytes);
        if (found !== undefined) keepOwner(handle, found.stats);
        fchmodSync(handle, found === undefined ? mode & ~umask() : found.stats.mode & 0o7777);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      assertUnchanged(place, found);
      walk(root, beside);
      renameSync(beside, file);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
  });
}

function assertUnchanged(place: GuardedPlace, found: Found): void {
  const now = readGuarded(place);
  const same = now === undefined ? found === undefined : found !== undefined && now.bytes.equals(found.bytes);
  if (!same) throw new GenkanError('connect_file_changed', { file: place.file });
}

function keepOwner(handle: number, { uid, gid }: Stats): void {
  const own = fstatSync(handle);
  if (own.uid !== uid || own.gid !== gid) fchownSync(handle, uid, gid);
}

function umask(): number {
  return process.platform === 'win32' ? 0 : process.umask();
}

/** Looks at every step from the root to the file. @returns undefined when there is no such file */
function walk(root: string, file: string): Stats | undefined {
  const steps = path.relative(root, file).split(path.sep);
  if (path.isAbsolute(path.relative(root, file)) || steps.includes('..')) throw unusable(file, 'it is out of bounds');
  return explained(file, () => {
    let at = realpathSync(root);
    for (const [index, step] of steps.entries()) {
      at = path.join(at, step);
      const stats = lstatSync(at, { throwIfNoEntry: false });
      if (stats === undefined) return undefined;
      if (stats.isSymbolicLink()) throw new GenkanError('connect_file_linked', { file: at });
      const isLast = index === steps.length - 1;
      if (isLast ? !stats.isFile() : !stats.isDirectory())
        throw unusable(at, isLast ? 'it is no file' : 'it is no folder');
      if (isLast) return stats;
    }
    return undefined;
  });
}

const unusable = (file: string, reason: string, cause?: unknown): GenkanError =>
  new GenkanError('connect_file_unusable', { file, reason }, { cause });

function explained<Result>(file: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof GenkanError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === 'ELOOP') throw new GenkanError('connect_file_linked', { file }, { cause: error });
    throw unusable(file, reasons[code] ?? code, error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would become too large',
  ENOENT: 'the folder does not exist',
};
