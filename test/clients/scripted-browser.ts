// A browser for clients that open one themselves: a script called xdg-open, and the environment in which it is found.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const program = path.join(import.meta.dirname, 'browser-process.ts');

/**
 * The environment for a client that is a process: a home of its own, and nothing of whoever runs this.
 * @param person whom its browser chooses at the stand-in identity provider
 */
export function withScriptedBrowser(folder: string, person: string): Record<string, string> {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const opener = path.join(bin, 'xdg-open');
  const command = [process.execPath, program, person].map((word) => `'${word}'`).join(' ');
  writeFileSync(opener, `#!/bin/sh\nexec ${command} "$1"\n`, { mode: 0o755 });
  return {
    PATH: `${bin}${path.delimiter}${process.env['PATH']}`,
    BROWSER: opener,
    HOME: folder,
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    XDG_CACHE_HOME: path.join(folder, 'cache'),
    XDG_DATA_HOME: path.join(folder, 'data'),
    NODE_OPTIONS: process.env['NODE_OPTIONS'] ?? '', // holds it to loopback
    LC_ALL: 'C.UTF-8',
    DO_NOT_TRACK: '1',
  };
}
