// Finds every process that a child has started, also those that left its process group (Linux).
import { readdir, readFile } from 'node:fs/promises';

/** Process id → start time in clock ticks. Together they name one process even when ids are reused. */
export type Members = ReadonlyMap<number, string>;

/**
 * The living processes that belong to a child: those that descend from it, those that carry the mark in their
 * environment (a daemon's parent is gone, but it has inherited the variable), and those already known that still live.
 * @param root the child, or `undefined` once it has ended and its id may be another's
 * @param mark `NAME=value`, unguessable
 * @returns empty on systems without /proc
 */
export async function processMembers(root: number | undefined, mark: string, known: Members): Promise<Members> {
  const members = new Map<number, string>();
  const children = new Map<number, number[]>();
  const started = new Map<number, string>();
  for (const pid of await processIds()) {
    const stat = await read(`/proc/${pid}/stat`);
    // The second field, the name, may contain spaces and parentheses: count from its end (proc(5)).
    const [state, parent, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTime = fields[17];
    if (state === undefined || state === 'Z' || parent === undefined || startTime === undefined) continue;
    started.set(pid, startTime);
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), pid]);
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
    if (known.get(pid) === startTime || (await read(`/proc/${pid}/environ`)).split('\0').includes(mark)) visit(pid);
  }
  return members;
}

async function processIds(): Promise<number[]> {
  try {
    return (await readdir('/proc')).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

// Gone in the meantime, or another user's.
const read = (file: string): Promise<string> => readFile(file, 'latin1').catch(() => '');
