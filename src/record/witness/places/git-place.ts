// A clone of a git repository: one commit for each checkpoint, pushed to the remote that is named.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import path from 'node:path';
import { NotKept } from './place.ts';
import type { Place } from './place.ts';

export interface GitPlaceOptions {
  readonly path: string;
  /** `false` to push nowhere. */
  readonly remote: string | false;
  /** Our environment, of which git gets next to nothing. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

// What a repository may make git run, and what would make it ask or sign.
const guarded = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  `core.attributesFile=${devNull}`,
  'core.pager=cat',
  'commit.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'protocol.ext.allow=never',
  'user.name=Genkan',
  'user.email=genkan@localhost',
].flatMap((setting) => ['-c', setting]);

const passed = ['PATH', 'HOME', 'SSH_AUTH_SOCK', 'SYSTEMROOT'];

export function createGitPlace({ path: folder, remote, env }: GitPlaceOptions): Place {
  const environment = {
    ...Object.fromEntries(passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    GIT_LITERAL_PATHSPECS: '1',
  };

  const git = (args: readonly string[], signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { cwd: folder, env: environment, signal, maxBuffer: 1_048_576, windowsHide: true };
      execFile('git', [...guarded, ...args], options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const { code } = error as NodeJS.ErrnoException;
        const said = code === 'ENOENT' ? 'git or the clone is not there' : withoutAddresses(stderr);
        reject(new NotKept(`git ${args[0] ?? ''} failed: ${said || (code ?? 'unknown')}`, { cause: error }));
      });
    });

  return {
    async keep({ origin, size, note }, _since, signal) {
      // What stays on this machine is out of nobody's reach.
      if (remote !== false && !(await git(['remote'], signal)).split('\n').includes(remote))
        throw new NotKept(`the clone has no remote called ${remote}; if it is to have none, write remote: false`);
      const file = `${origin.replace(/[^A-Za-z0-9.-]/g, '_')}.checkpoint`;
      await writeFile(path.join(folder, file), note).catch((cause: NodeJS.ErrnoException) => {
        throw new NotKept(`the clone cannot be written: ${cause.code ?? 'unknown'}`, { cause });
      });
      await git(['add', '--', file], signal);
      const changed = await git(['status', '--porcelain', '--untracked-files=no', '--', file], signal);
      if (changed !== '')
        await git(['commit', '--quiet', '--no-verify', '-m', `${origin}: ${size} records`, '--', file], signal);
      // Never forced: a remote that knows another history must not lose it.
      if (remote !== false) await git(['push', '--quiet', '--no-verify', remote, 'HEAD'], signal);
      return {};
    },
  };
}

/** What git says of a trouble names the remote, where a token may stand in the address. */
const withoutAddresses = (said: string): string =>
  said
    .slice(0, 2000)
    .split(/\s+/)
    .map((word) => (word.includes('://') ? '(address)' : word))
    .join(' ')
    .trim()
    .slice(0, 300);
