#!/usr/bin/env node
// The door of the package: runs the command line with a Node that is new enough, built if it was built, else as it is.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/cli.js', import.meta.url);
const entry = existsSync(built) ? built : new URL('../src/cli.ts', import.meta.url);

/** The Node that came with the installation as a platform package, if there is one. */
function bundledNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folder = process.platform === 'win32' ? 'win' : process.platform;
  try {
    return createRequire(import.meta.url).resolve(`node-${folder}-${process.arch}/bin/${name}`);
  } catch {
    return undefined;
  }
}

const isNewEnough = Number(process.versions.node.split('.', 1)[0]) >= 24;
const bundled = isNewEnough ? undefined : bundledNode();
if (isNewEnough) {
  await import(entry.href);
} else if (bundled === undefined) {
  process.stderr.write(
    `Genkan needs Node 24 or later; this is ${process.version}. Install it from https://nodejs.org\n`,
  );
  process.exitCode = 1;
} else {
  const child = spawn(bundled, [fileURLToPath(entry), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal signals the child by itself; whoever signals us alone means the child as well.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 1;
  });
}
