// A verifier that we did not write: Go's sumdb/note and sumdb/tlog, built from Debian's golang-golang-x-mod-dev.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { unless } from './skipping.ts';

export interface OutsideCase {
  readonly logKey: string;
  /** Key of a witness that has to have cosigned the checkpoint. */
  readonly witnessKey?: string;
  readonly checkpoint: string;
  readonly index?: number;
  /** The record as it was hashed, base64. */
  readonly leaf?: string;
  /** Hashes of an inclusion proof, or with `earlier` of a consistency proof. */
  readonly proof?: readonly string[];
  readonly earlier?: string;
  /** Where tiles are served, to prove with what is fetched there. */
  readonly tiles?: string;
}

export interface OutsideVerifier extends Disposable {
  /** `ok` or the reason for each case. */
  judge(cases: readonly OutsideCase[]): Promise<string[]>;
}

const gopath = '/usr/share/gocode';
// That of Debian has its library compiled; another would first compile it for most of a minute.
const go = ['/usr/bin/go', ...(process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/go`)].find(works);

function works(program: string): boolean {
  if (!existsSync(program)) return false;
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const withoutGo = unless(
  go !== undefined && existsSync(`${gopath}/src/golang.org/x/mod/sumdb/tlog`),
  'golang-go and golang-golang-x-mod-dev are not installed',
);

export async function buildOutsideVerifier(): Promise<OutsideVerifier> {
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-go-'));
  const program = path.join(folder, 'verifier');
  const source = path.join(import.meta.dirname, 'go-verifier');
  await promisify(execFile)(go!, ['build', '-o', program, '.'], {
    cwd: source,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GOCACHE: path.join(folder, 'cache'),
      GO111MODULE: 'off',
      GOPATH: gopath,
      GOFLAGS: '',
      GOTOOLCHAIN: 'local',
    },
  });
  return {
    async judge(cases) {
      const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      child.stdin.end(JSON.stringify(cases));
      const [code] = (await once(child, 'close')) as [number | null];
      if (code !== 0) throw new Error(`the verifier ended with ${code}`);
      return said.trimEnd().split('\n');
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
