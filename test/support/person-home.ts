// The home of a person with MCP clients, for tests of the commands that write to it: never the one of whoever runs the tests.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { genkan } from './genkan-process.ts';
import type { Ended } from './genkan-process.ts';

export interface PersonHome extends Disposable {
  readonly home: string;
  /** Folder in which commands run. */
  readonly workspace: string;
  /** Where what was replaced is kept. */
  readonly changes: string;
  /** Writes a file below the home, folders included. @returns its path */
  write(file: string, text: string): string;
  read(file: string): string;
  /** Runs a command as a process without a terminal. */
  run(...words: string[]): Promise<Ended>;
  readonly env: Record<string, string>;
}

/** @param folders that show which clients are used, below the home */
export function personHome(...folders: string[]): PersonHome {
  const home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'genkan-home-')));
  const workspace = path.join(home, 'work');
  for (const folder of ['work', ...folders]) mkdirSync(path.join(home, folder), { recursive: true });
  const nowhere = { XDG_CONFIG_HOME: '', XDG_STATE_HOME: '', CLAUDE_CONFIG_DIR: '', APPDATA: '', LOCALAPPDATA: '' };
  const env = { HOME: home, USERPROFILE: home, ...nowhere };
  return {
    home,
    workspace,
    env,
    changes: path.join(home, '.local/state/genkan/changes'),
    write(file, text) {
      const whole = path.join(home, file);
      mkdirSync(path.dirname(whole), { recursive: true });
      writeFileSync(whole, text);
      return whole;
    },
    read: (file) => readFileSync(path.join(home, file), 'utf8'),
    run: (...words) => genkan(words, env, workspace),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}
