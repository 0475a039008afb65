// What is missing in the log and could not be told in it before Genkan stopped: a file beside the log, until the next start tells it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Gap } from './gap.ts';

const gapFile = (dataDirectory: string): string => path.join(dataDirectory, 'audit.gap.json');

const leftGap = z.strictObject({
  notRecorded: z.int(),
  fromMs: z.int(),
  toMs: z.int(),
  reason: z.string().max(10_000),
});

/** Adds to one that is still there. */
export function leaveGap(dataDirectory: string, gap: Gap): void {
  const before = leftBehind(dataDirectory, gap.fromMs);
  const whole =
    before === undefined
      ? gap
      : { ...gap, notRecorded: before.notRecorded + gap.notRecorded, fromMs: Math.min(before.fromMs, gap.fromMs) };
  writeFileSync(gapFile(dataDirectory), JSON.stringify(whole), { mode: 0o600, flush: true });
}

/** @returns undefined where nothing was left; a file that nobody can read still says that something is missing */
export function leftBehind(dataDirectory: string, nowMs: number): Gap | undefined {
  let text: string;
  try {
    text = readFileSync(gapFile(dataDirectory), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return leftGap.parse(JSON.parse(text));
  } catch {
    return { notRecorded: 0, fromMs: nowMs, toMs: nowMs, reason: 'what the last run left of a gap cannot be read' };
  }
}

export const removeLeftGap = (dataDirectory: string): void => rmSync(gapFile(dataDirectory), { force: true });
