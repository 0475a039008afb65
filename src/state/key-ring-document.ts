// A key ring in one document: a file that Genkan makes for itself, or an entry in the operating system's store.
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { GenkanError } from '../base/errors.ts';
import { unguessableId } from '../base/ids.ts';
import { lockFolder } from './folder-lock.ts';
import { ringLease } from './key-ring.ts';
import type { KeySource } from './key-ring.ts';
import { keyBytes } from './seal.ts';

/** Keeps one text. */
export interface KeyDocument {
  /** For people. */
  readonly name: string;
  /** Locked while it is changed. */
  readonly folder?: string;
  /** Undefined as long as there is none. */
  load(): Promise<string | undefined>;
  save(text: string): Promise<void>;
}

const ring = z.strictObject({
  keys: z.array(
    z.strictObject({
      id: z.string().min(1),
      key: z.base64().refine((text) => Buffer.from(text, 'base64').length === keyBytes, 'it is no key'),
    }),
  ),
});

/** The newest key stands first. */
export function createDocumentSource(document: KeyDocument): KeySource {
  async function read(): Promise<z.output<typeof ring>['keys']> {
    const text = await document.load();
    if (text === undefined) return [];
    const parsed = ring.safeParse(jsonOf(text));
    // Its text is secret, and so is whatever an error would quote of it.
    if (!parsed.success) throw new Error('it is not a key ring that Genkan has written');
    return parsed.data.keys;
  }

  /**
   * The whole is written anew for every change. A lock of the operating system, since a process that is stopped in here must
   * not put back later what it read before: that would take away the keys that were added since.
   */
  async function change(how: (keys: z.output<typeof ring>['keys']) => z.output<typeof ring>['keys']): Promise<void> {
    const release = document.folder === undefined ? () => {} : lockFolder(document.folder, 'ring.lock');
    if (release === undefined) throw new GenkanError('state_lease_busy', { name: ringLease });
    try {
      await document.save(`${JSON.stringify({ keys: how(await read()) })}\n`);
    } finally {
      release();
    }
  }

  return {
    name: document.name,
    read: async () => (await read()).map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') })),
    async add(key) {
      const id = unguessableId().slice(0, 12);
      await change((keys) => [{ id, key: key.toString('base64') }, ...keys]);
      return { id, key };
    },
    async remove(id) {
      await change((keys) => keys.filter((key) => key.id !== id));
      return true;
    },
  };
}

/** @param file path of the file; made with mode 0600, its folder with 0700 */
export function keyRingFile(file: string): KeyDocument {
  return {
    name: file,
    folder: path.dirname(file),
    async load() {
      let descriptor: number;
      try {
        descriptor = openSync(file, 'r');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      try {
        // Windows has no such bits: there it reports every file as open to all.
        if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o006) !== 0)
          throw new Error('everybody on this machine can read or write the file; take that right away with chmod o-rw');
        return readFileSync(descriptor, 'utf8');
      } finally {
        closeSync(descriptor);
      }
    },
    async save(text) {
      const folder = path.dirname(file);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const draft = `${file}.${unguessableId()}`;
      writeDurably(draft, text);
      renameSync(draft, file);
      syncFolder(folder);
    },
  };
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Without it the new name of a file may be lost with the power. Windows knows no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
