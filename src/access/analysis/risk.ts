// How bad it is that somebody holds a right which nobody uses: in four steps that Azure people would give by hand.
import { foldCase } from '../wildcard.ts';

export const risks = ['low', 'medium', 'high', 'critical'] as const;
export type Risk = (typeof risks)[number];

const accessControl =
  /^microsoft\.authorization\/.*\/(?:write|delete)$|^microsoft\.authorization\/.*elevateaccess\/action$/;
const administration = /^genkan\/(?!.*\/(?:list|show|read|verify|explain|validate|schema)$)/;
const revealing =
  /\/(?:list[a-z]*(?:keys?|secrets?|credentials?|sas|connectionstrings|tokens?)|getsecret|regenerate[a-z]*|generate[a-z]*|runcommand|runcommands|login|loginasadmin|extract|decrypt|sign|unwrap|backup|export|share|elevateaccess|assign)\/action$/;

/**
 * `critical`: changes who may do what. `high`: deletes, reveals secrets, runs commands, changes data. `medium`: changes
 * something else, or calls a tool of which nothing more is known. `low`: reads.
 */
export function riskOf(action: string, data: boolean): Risk {
  const folded = foldCase(action);
  if (accessControl.test(folded) || administration.test(folded)) return 'critical';
  if (folded.endsWith('/delete') || revealing.test(folded)) return 'high';
  const reads = folded.endsWith('/read') || folded.endsWith('/get') || folded.startsWith('genkan/');
  if (data && !reads) return 'high';
  return reads ? 'low' : 'medium';
}

export const worstOf = (found: readonly Risk[]): Risk =>
  found.reduce((worst, risk) => (risks.indexOf(risk) > risks.indexOf(worst) ? risk : worst), 'low');

/** The most dangerous first. */
export const byRisk = (one: Risk, other: Risk): number => risks.indexOf(other) - risks.indexOf(one);
