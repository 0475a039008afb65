// A file elsewhere to which checkpoints are appended, such as on a medium that can be written once.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { NotKept } from './place.ts';
import type { Place } from './place.ts';

export const createFilePlace = (file: string): Place => ({
  async keep({ note }) {
    try {
      // O_APPEND alone: what stands there is never written over, and a medium that forbids it takes nothing else.
      await using handle = await open(file, 'a+', 0o644);
      const { size } = await handle.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      // An empty line between two, also after one that a crash has cut off.
      const before = size === 0 ? '' : last[0] === 0x0a ? '\n' : '\n\n';
      await handle.writeFile(before + note);
      await handle.sync();
      if (size === 0) await syncFolder(path.dirname(file));
      return {};
    } catch (cause) {
      throw new NotKept(`it cannot be written: ${(cause as NodeJS.ErrnoException).code ?? 'unknown'}`, { cause });
    }
  },
});

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // where folders cannot be opened
  await using handle = await open(folder, 'r');
  await handle.sync();
}
