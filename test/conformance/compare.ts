// What is lost on the way through Genkan: checks that a server passes when it is asked directly, and fails behind it.
import { readFileSync } from 'node:fs';
import type { Findings } from './suite.ts';

export interface Loss {
  readonly scenario: string;
  readonly id: string;
  /** What became of the check, in the words of the suite. */
  readonly instead: string;
}

export const passed = (findings: Findings): number =>
  [...findings.values()].filter(({ status }) => status === 'SUCCESS').length;

export function losses(direct: Findings, through: Findings): Loss[] {
  return [...direct].flatMap(([key, { scenario, id, status }]) => {
    const now = through.get(key);
    if (status !== 'SUCCESS' || now?.status === 'SUCCESS') return [];
    return [{ scenario, id, instead: now === undefined ? 'not reached' : `${now.status} ${now.reason}`.trim() }];
  });
}

/**
 * Reads the exceptions from the rows `| leg | scenario | check | why |` of the README, so that each is argued there.
 * @returns whether a loss in a leg such as `dual 2025-11-25` is excepted; a leg `* 2025-11-25` stands for every server
 */
export function readExceptions(): (leg: string, loss: Loss) => boolean {
  const text = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\| `([^`]+)` +\|/gm)];
  const excepted = new Set(rows.map(([, ...cells]) => cells.join('/')));
  return (leg, { scenario, id }) =>
    [leg, leg.replace(/^\S+/, '*')].some((covered) => excepted.has(`${covered}/${scenario}/${id}`));
}
