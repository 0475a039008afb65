// Files of one JSON object a line, NAME-DAY-NUMBER.ndjson: synced before they count, begun anew each day and when they are large.
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { dayMs } from './cursors.ts';
import { rowOf } from './row.ts';
import type { FileSettings } from './settings.ts';
import { SinkError, inForm } from './sink.ts';
import type { ExportedRecord, Sink } from './sink.ts';

interface Current {
  readonly file: string;
  readonly handle: FileHandle;
  /** Bytes of whole lines. */
  length: number;
}

const lineFeed = 0x0a;
const tailBytes = 65_536;

/**
 * @param folder absolute
 * @param write a record as one object, or a line
 */
export function createFileSink(
  name: string,
  { maxFileBytes, gzip, keepDays }: FileSettings,
  { folder, clock, log }: { readonly folder: string; readonly clock: Clock; readonly log: Log },
  write: (record: ExportedRecord) => object | string = rowOf,
): Sink {
  let current: Current | undefined;
  let tidying: Promise<void> = Promise.resolve();
  const isOurs = /^-(\d{4}-\d\d-\d\d)-(\d{6})\.ndjson(\.gz)?(\.part)?$/;
  const fileOf = (day: string, number: number): string =>
    path.join(folder, `${name}-${day}-${String(number).padStart(6, '0')}.ndjson`);

  const dayOfToday = (): string => new Date(clock.now()).toISOString().slice(0, 10);

  /** Our files in the order in which they were written. */
  async function ours() {
    const listed = (await readdir(folder)).filter((file) => file.startsWith(name)).sort();
    return listed
      .filter((file) => isOurs.test(file.slice(name.length)))
      .map((file) => partsOf(path.join(folder, file)));
  }

  function partsOf(file: string) {
    const [, day = '', number, gz, part] = isOurs.exec(path.basename(file).slice(name.length)) ?? [];
    return { file, day, number: Number(number), isCompressed: gz !== undefined, isPart: part !== undefined };
  }

  /** Goes on with the newest file: whatever follows its last line feed was never acknowledged, and is written again. */
  async function resume(): Promise<Current> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const newest = (await ours()).findLast(({ isPart }) => !isPart);
    if (newest === undefined || newest.isCompressed) return begin(newest);
    const handle = await openOwn(newest.file);
    try {
      const length = await endOfLines(handle);
      await handle.truncate(length);
      return { file: newest.file, handle, length };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async function begin(newest?: { readonly day: string; readonly number: number }): Promise<Current> {
    const today = dayOfToday();
    // Of a clock that was set back, the order of names does not hear.
    const day = newest !== undefined && newest.day > today ? newest.day : today;
    const file = fileOf(day, newest?.day === day ? newest.number + 1 : 1);
    const handle = await openOwn(file);
    await syncFolder(folder);
    const nowMs = clock.now(); // what is old does not depend on how long the one before takes
    tidying = tidying
      .then(() => tidy(file, nowMs))
      .catch((error: unknown) => log.warn({ err: error, sink: name }, 'complete files were not tidied up'));
    return { file, handle, length: 0 };
  }

  async function ready(bytes: number): Promise<Current> {
    current ??= await resume();
    const { file, handle, length } = current;
    const { day, number } = partsOf(file);
    const isOfToday = day >= dayOfToday();
    if (isOfToday && (length === 0 || length + bytes <= maxFileBytes)) return current;
    await handle.close();
    current = undefined;
    return (current = await begin({ day, number }));
  }

  /** Compresses and removes what is complete; whatever a crash left half done is done again. */
  async function tidy(writtenNow: string, nowMs: number): Promise<void> {
    const oldest = new Date(nowMs - (keepDays ?? 0) * dayMs).toISOString().slice(0, 10);
    for (const { file, day, isCompressed, isPart } of await ours()) {
      if (file >= writtenNow) continue;
      if (isPart || (keepDays !== undefined && day < oldest)) await rm(file, { force: true });
      else if (gzip && !isCompressed) await compress(file);
    }
  }

  async function append(lines: Buffer): Promise<void> {
    const { handle, length, file } = await ready(lines.length);
    try {
      await handle.appendFile(lines);
      await handle.datasync();
      current!.length = length + lines.length;
    } catch (error) {
      // What stands there now is not known: the next attempt looks.
      current = undefined;
      await handle.close().catch(() => undefined);
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      throw new SinkError(`${path.basename(file)} cannot be written (${code})`, { retryable: true, cause: error });
    }
  }

  return {
    name,
    kind: 'file',
    async send(batch, signal) {
      signal.throwIfAborted();
      const lines = inForm(() =>
        batch.map(write).map((line) => (typeof line === 'string' ? line : JSON.stringify(line))),
      );
      try {
        await append(Buffer.from(`${lines.join('\n')}\n`));
      } catch (error) {
        if (error instanceof SinkError) throw error;
        const { code = 'unknown' } = error as NodeJS.ErrnoException;
        throw new SinkError(`its folder cannot be used (${code})`, { retryable: true, cause: error });
      }
    },
    async close() {
      await tidying;
      await current?.handle.close();
      current = undefined;
    },
  };
}

/** A link that somebody put there is not followed. */
const openOwn = (file: string): Promise<FileHandle> =>
  open(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600);

/** How long the file is up to its last line feed. */
async function endOfLines(handle: FileHandle): Promise<number> {
  const buffer = Buffer.alloc(tailBytes);
  for (let end = (await handle.stat()).size; end > 0;) {
    const from = Math.max(0, end - tailBytes);
    const { bytesRead } = await handle.read(buffer, 0, end - from, from);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(lineFeed);
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return 0;
}

async function compress(file: string): Promise<void> {
  const part = `${file}.gz.part`;
  await pipeline(
    createReadStream(file),
    createGzip(),
    createWriteStream(part, { mode: 0o600, flush: true, flags: 'w' }),
  );
  await rename(part, `${file}.gz`);
  await syncFolder(path.dirname(file));
  await rm(file);
}

/** So that the name of a file is as durable as what is in it. Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}
