// Where the key lies that seals a person's sign-in: in the operating system's own store if it has one, else in a file.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../base/log.ts';
import { createDocumentSource, keyRingFile } from '../state/key-ring-document.ts';
import { osStore, runProgram } from '../state/key-ring-os-store.ts';
import type { KeySource } from '../state/key-ring.ts';

/**
 * Decided once: what was sealed under the one cannot be opened with the other, and a store that is locked today must not
 * make a second key.
 */
export async function keySourceFor(directory: string, platform: NodeJS.Platform, log: Log): Promise<KeySource> {
  const choice = path.join(directory, 'place');
  const store = () =>
    osStore(directory, { platform, run: runProgram }, keyRingFile(path.join(directory, 'ring.dpapi')));
  if (!existsSync(choice)) {
    const isThere = await Promise.resolve()
      .then(() => store().load())
      .then(
        () => true,
        () => false,
      );
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(choice, isThere ? 'store\n' : 'file\n', { mode: 0o600 });
    if (!isThere)
      log.warn('there is no key store here: what seals the sign-in lies in a file that only this account can read');
  }
  const chosen = readFileSync(choice, 'utf8').trim();
  return createDocumentSource(chosen === 'store' ? store() : keyRingFile(path.join(directory, 'ring.json')));
}
