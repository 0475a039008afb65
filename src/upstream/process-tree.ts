// A child process and everything that it starts: begun as a process group of its own, ended as a whole.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { unguessableId } from '../base/ids.ts';
import { processMembers, startedAt } from './process-members.ts';
import type { Members } from './process-members.ts';
import { withoutShell } from './windows-command.ts';

export interface ProcessOptions {
  /** Name of the server that it is. */
  readonly server?: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** How long each politer way of ending gets before the next: end of input, SIGTERM, SIGKILL. */
  readonly graceMs: number;
}

/** A running child. Its input ends, and on Linux it is killed, when Genkan itself dies. */
export class ProcessTree {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves once child and descendants are gone, with the reason; never rejects. */
  readonly ended: Promise<string>;

  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #graceMs: number;
  readonly #mark = `GENKAN_CHILD=${unguessableId()}`;
  readonly #startedAt: number;
  #members: Members = new Map();
  #stopping: Promise<void> | undefined;
  #killed = false;

  constructor({ command, environment, workingDirectory, graceMs }: ProcessOptions) {
    const { platform, execPath: node } = process;
    const plain = withoutShell(command, { platform, environment, exists: existsSync, node });
    const [program, ...args] = [...deathSignal(), ...plain] as [string, ...string[]];
    const [name, value] = this.#mark.split('=') as [string, string];
    this.#graceMs = graceMs;
    this.#child = spawn(program, args, {
      cwd: workingDirectory,
      env: { ...environment, [name]: value },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32', // a process group of its own
      windowsHide: true,
    });
    this.#startedAt = this.#child.pid === undefined ? 0 : startedAt(this.#child.pid); // there until we hear of its end
    this.stdin = this.#child.stdin;
    this.stdout = this.#child.stdout;
    this.stderr = this.#child.stderr;
    // A broken pipe says nothing that the end of the child does not say.
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.on('error', () => {});
    this.ended = this.#end();
  }

  /** Whether it was we who ended it. */
  get wasStopped(): boolean {
    return this.#stopping !== undefined || this.#killed;
  }

  /** Ends the child and everything it started, politely first. Idempotent; resolves once all are gone. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  /** Ends the child and everything it started at once: it has forfeited politeness. */
  async kill(): Promise<void> {
    this.#killed = true;
    await this.#learnMembers();
    this.#signalGroup('SIGKILL');
    await this.ended;
  }

  async #stop(): Promise<void> {
    await this.#learnMembers(); // while it lives: afterwards nothing says whose children they were
    this.stdin.end();
    this.stdout.resume(); // a child blocked on writing would not see the end of its input
    if (!(await this.#endedWithinGrace())) this.#signalGroup('SIGTERM');
    if (!(await this.#endedWithinGrace())) await this.kill();
  }

  async #end(): Promise<string> {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const reason = await new Promise<string>((resolve) => {
      this.#child.on('error', (error: NodeJS.ErrnoException) => {
        if (this.#child.pid !== undefined) return;
        close();
        resolve(`it could not be started (${error.code ?? error.message})`);
      });
      this.#child.once('exit', (code, signal) => {
        resolve(signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`);
      });
      this.#child.once('close', () => close());
    });
    if (this.#child.pid === undefined) return reason;
    this.#signalGroup('SIGKILL');
    await this.#killMembers();
    // Output written before the end is still read, but a survivor that holds the pipe open is not waited for.
    const timer = setTimeout(close, this.#graceMs);
    await closed;
    clearTimeout(timer);
    this.stdout.destroy();
    this.stderr.destroy();
    return reason;
  }

  async #learnMembers(): Promise<void> {
    this.#members = await processMembers(this.#livingPid(), this.#mark, this.#startedAt, this.#members);
  }

  /** Kills what is left until a look round finds nothing more; bounded, since a fork bomb may be faster. */
  async #killMembers(): Promise<void> {
    for (let round = 0; round < 20; round++) {
      await this.#learnMembers();
      if (this.#members.size === 0) return;
      for (const pid of this.#members.keys()) kill(pid, 'SIGKILL');
    }
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (process.platform === 'win32') {
      if (this.#livingPid() !== undefined)
        spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true });
    } else kill(-pid, signal);
  }

  #livingPid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  #endedWithinGrace(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), this.#graceMs);
    void this.ended.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
    return promise;
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // already gone
  }
}

let deathSignalPrefix: readonly string[] | undefined;

/** A prefix by which the kernel kills the child when we die without a chance to do so; empty where there is no such thing. */
function deathSignal(): readonly string[] {
  return (deathSignalPrefix ??=
    ['/usr/bin/setpriv', '/bin/setpriv']
      .map((setpriv) => [setpriv, '--pdeathsig', 'KILL', '--'])
      // Tried rather than looked for: the setpriv of some systems lacks the option.
      .find(([setpriv = '', ...options]) => spawnSync(setpriv, [...options, 'true']).status === 0) ?? []);
}
