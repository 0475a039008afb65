// How the command line says what went wrong, and the exit codes that go with it.
import { describe, errorTable, GenkanError, refuse } from '../base/errors.ts';
import type { ErrorCode, Refusal } from '../base/errors.ts';
import type { Language } from '../base/text.ts';
import type { CliNeighbours } from './cli-door.ts';

export const exitCodes = { ok: 0, fault: 1, usage: 2, refused: 3, problems: 4 } as const;

export interface Failure {
  readonly code: ErrorCode;
  readonly status: number;
  readonly message: string;
  readonly hint: string;
}

export function report(
  { code, status, message, hint }: Failure,
  { error }: Pick<CliNeighbours, 'error'>,
  json = false,
): number {
  error(json ? JSON.stringify({ code, message, hint }) : printable(`${message}\n${hint}`));
  return exitCodeOf(status);
}

export function failureOf(refusal: Pick<Refusal, 'code' | 'params'>, language: Language): Failure {
  return { code: refusal.code, status: errorTable[refusal.code].http, ...describe(refusal, language) };
}

export function faultOf(error: unknown, language: Language): Failure {
  if (!(error instanceof GenkanError)) {
    const fault = failureOf(refuse('operation_fault'), language);
    return { ...fault, message: `${fault.message}\n${error instanceof Error ? error.stack : String(error)}` };
  }
  const failure = failureOf(error, language);
  // The detail of all other errors is for the log; this one's is the list of mistakes, for the person who made them.
  return error.code === 'config_invalid' ? { ...failure, message: `${error.message}\n\n${failure.message}` } : failure;
}

// What the person wrote cannot be done (2), may not be done (3), or went wrong (1).
function exitCodeOf(status: number): number {
  if (status === 400 || status === 404 || status === 413) return exitCodes.usage;
  return status < 500 ? exitCodes.refused : exitCodes.fault;
}

// Names, errors and arguments come from outside: a control character among them could redraw the terminal.
export const printable = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');
