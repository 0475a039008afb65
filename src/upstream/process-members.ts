// Finds every process that a child has started, also those that left its process group (Linux).
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { setImmediate as others } from 'node:timers/promises';

/** Process id → start time in clock ticks. Together they name one process even when ids are reused. */
export type Members = ReadonlyMap<number, string>;

/** How many processes are looked at before whatever else waits gets its turn. */
const atOnce = 64;

/**
 * The living processes that belong to a child: those that descend from it, those that carry the mark in their
 * environment (a daemon's parent is gone, but it has inherited the variable), and those already known that still live.
 * @param root the child, or `undefined` once it has ended and its id may be another's
 * @param mark `NAME=value`, unguessable
 * @param since start time of the child: nothing older can have inherited the mark
 * @returns empty on systems without /proc
 */
export async function processMembers(
  root: number | undefined,
  mark: string,
  since: number,
  known: Members,
): Promise<Members> {
  const members = new Map<number, string>();
  const children = new Map<number, number[]>();
  const started = new Map<number, string>();
  for (const [index, pid] of (await processIds()).entries()) {
    if (index % atOnce === atOnce - 1) await others();
    const { state, parent, startTime } = statOf(pid);
    if (state === undefined || state === 'Z' || parent === undefined || startTime === undefined) continue;
    started.set(pid, startTime);
    const siblings = children.get(Number(parent));
    if (siblings === undefined) children.set(Number(parent), [pid]);
    else siblings.push(pid);
  }
  const visit = (pid: number): void => {
    const startTime = started.get(pid);
    if (startTime === undefined || members.has(pid)) return;
    members.set(pid, startTime);
    children.get(pid)?.forEach(visit);
  };
  if (root !== undefined) visit(root);
  for (const [pid, startTime] of started) {
    if (members.has(pid)) continue;
    if (known.get(pid) === startTime || (Number(startTime) >= since && (await carries(pid, mark)))) visit(pid);
  }
  return members;
}

/** When a process started, in clock ticks; 0 where nothing says so. */
export const startedAt = (pid: number): number => Number(statOf(pid).startTime ?? 0);

async function processIds(): Promise<number[]> {
  try {
    return (await readdir('/proc')).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

interface Stat {
  readonly state?: string | undefined;
  readonly parent?: string | undefined;
  readonly startTime?: string | undefined;
}

// Read at once, since the kernel has it at hand: through the pool of threads it would cost ten times as much.
function statOf(pid: number): Stat {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field, the name, may contain spaces and parentheses: count from its end (proc(5)).
    const [state, parent, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent, startTime: fields[17] };
  } catch {
    return {}; // gone in the meantime
  }
}

// Not at once: this lies in the memory of the process, which may keep whoever reads it waiting.
async function carries(pid: number, mark: string): Promise<boolean> {
  // Gone in the meantime, or another user's.
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').includes(mark);
}
