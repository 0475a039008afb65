// Keys that Genkan makes for itself: created once, readable by the owner alone, kept between starts.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  linkSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { unguessableId } from '../base/ids.ts';

/**
 * Reads a key file, creating it first if it does not exist. Two processes that race agree on one content.
 * @param file path below the data directory; its folder is made with mode 0700, the file with 0600
 * @param create makes the content of a new file
 */
export function keyFile(file: string, create: () => string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${unguessableId()}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, create());
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(draft, file); // fails if another process was first, unlike rename
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM' || code === 'ENOTSUP')
      renameSync(draft, file); // a file system without hard links
    else if (code !== 'EEXIST') throw error;
  }
  rmSync(draft, { force: true });
  return readFileSync(file, 'utf8');
}
