// A key ring in one document: a file that Genkan makes for itself, or an entry in the operating system's store.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { unguessableId } from '../base/ids.ts';
import type { KeySource } from './key-ring.ts';
import { keyBytes } from './seal.ts';

/** Keeps one text. */
export interface KeyDocument {
  /** For people. */
  readonly name: string;
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
  const write = (keys: z.output<typeof ring>['keys']): Promise<void> => document.save(`${JSON.stringify({ keys })}\n`);

  return {
    name: document.name,
    read: async () => (await read()).map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') })),
    async add(key) {
      const id = unguessableId().slice(0, 12);
      await write([{ id, key: key.toString('base64') }, ...(await read())]);
      return { id, key };
    },
    async remove(id) {
      await write((await read()).filter((key) => key.id !== id));
      return true;
    },
  };
}

/** @param file path of the file; made with mode 0600, its folder with 0700 */
export function keyRingFile(file: string): KeyDocument {
  return {
    name: file,
    async load() {
      try {
        return readFileSync(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
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
