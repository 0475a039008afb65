// A process of its own that changes the policy in a database file, as fast as it is told to, and may be killed in the middle of it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createAccess } from '../../src/access/access.ts';
import { accessSettings } from '../../src/access/settings.ts';
import type { Principal } from '../../src/base/principal.ts';
import { openDatabase } from '../../src/state/database.ts';
import { policyGround } from './policy-ground.ts';

export interface PolicyProcess extends AsyncDisposable {
  readonly pid: number;
  /** Assigns a role to groups named after the prefix, one after the other, two assignments a version. Resolves when done. */
  assign(prefix: string, count: number): Promise<void>;
  /** The groups that hold something, as this process knows it without being told to look. */
  groups(): Promise<readonly string[]>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

export async function openPolicyProcess(file: string): Promise<PolicyProcess> {
  const child = fork(import.meta.filename, [file], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const ended = exited.then(() => Promise.reject(new Error('the process ended')));
  ended.catch(() => undefined);
  const answer = async (): Promise<unknown> => ((await Promise.race([once(child, 'message'), ended])) as unknown[])[0];
  await answer();
  const ask = async (question: object): Promise<unknown> => {
    const answered = answer();
    child.send(question);
    return answered;
  };
  return {
    pid: child.pid!,
    assign: async (prefix, count) => void (await ask({ prefix, count })),
    groups: async () => (await ask({})) as string[],
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const database = await openDatabase(process.argv[2]!);
  const clock = { now: Date.now };
  const running = await policyGround(database, clock, true);
  const noFile = (): never => {
    throw new Error('no files here');
  };
  const access = await createAccess(accessSettings.parse({}), { running, variables: {}, readFile: noFile, clock });
  const by: Principal = { id: `process-${process.pid}`, kind: 'user', name: 'process', groups: [] };
  const request = (id: string) =>
    ({ principal: { kind: 'group', id }, role: 'MCP User', scope: '/servers/files' }) as const;
  process.on('message', ({ prefix, count }: { prefix?: string; count?: number }) => {
    const work = async (): Promise<unknown> => {
      if (prefix === undefined) return access.assignments().map(({ principal }) => principal.id);
      for (let index = 0; index < count!; index += 1)
        await access.policy.changes.assign([request(`${prefix}-${index}-a`), request(`${prefix}-${index}-b`)], {
          by,
          why: String(index),
        });
      return 'done';
    };
    void work().then((answer) => process.send!(answer));
  });
  process.once('disconnect', () => process.exit());
  process.send!('open');
}
