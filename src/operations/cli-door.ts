// The command line: finds the operation, has it carried out where it belongs, prints the answer, and ends with the agreed exit code.
import type { z } from 'zod';
import { describe, errorTable, GenkanError, isRefusal, refuse } from '../base/errors.ts';
import type { ErrorCode, Refusal } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Language } from '../base/text.ts';
import { readArguments } from './cli-arguments.ts';
import type { Command, CommandLine } from './cli-arguments.ts';
import { helpForAll, helpForOne } from './cli-help.ts';
import type { ProcessCommand } from './cli-help.ts';
import { readStart } from './cli-start.ts';
import type { StartOptions } from './cli-start.ts';
import type { Desk, House } from './house.ts';
import type { AnyOperation, Caller } from './operation.ts';
import { operator } from './operator.ts';
import { parseInput, perform, performAtDesk } from './perform.ts';
import { findOperation, operations } from './registry.ts';
import type { RunningServer } from './running.ts';
import { fields } from './table.ts';

export const exitCodes = { ok: 0, fault: 1, usage: 2, refused: 3, problems: 4 } as const;

/** Which configuration and data directory a command is about. */
export interface Place {
  readonly config?: string;
  readonly data?: string;
}

export interface CliNeighbours {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly language: Language;
  /** Commands that start a process, for help and suggestions. */
  readonly processes: readonly ProcessCommand[];
  readonly openDesk: (place: Place) => Promise<Desk>;
  readonly findRunning: (place: Place) => Promise<RunningServer | undefined>;
  /** Opens the house in this process, for when no server runs. */
  readonly openHouse: (place: Place) => Promise<House & { close(): Promise<void> }>;
}

/**
 * Runs one command.
 * @param args what follows the program's name
 * @returns the exit code
 */
export async function runCli(args: readonly string[], neighbours: CliNeighbours): Promise<number> {
  const fail = (failure: Failure): number => report(failure, neighbours, args.includes('--json'));
  const [noun, verb, ...rest] = args;
  if (noun === undefined || noun === '--help' || noun === '-h' || noun === 'help') {
    neighbours.out(helpForAll(operations, neighbours.processes));
    return noun === undefined ? exitCodes.usage : exitCodes.ok;
  }
  const isNoun = nouns(neighbours.processes).includes(noun);
  if (isNoun && (verb === undefined || verb === '--help' || verb === '-h')) {
    neighbours.out(helpForAll(operations, neighbours.processes, noun));
    return verb === undefined ? exitCodes.usage : exitCodes.ok;
  }
  const operation = findOperation(noun, verb ?? '');
  if (operation === undefined || !operation.doors.includes('cli')) {
    return fail(failureOf(unknownCommand(noun, verb, isNoun, neighbours.processes), neighbours.language));
  }
  const line = readArguments(operation, rest);
  if (isRefusal(line)) return fail(failureOf(line, neighbours.language));
  if (line.help) {
    neighbours.out(helpForOne(operation));
    return exitCodes.ok;
  }
  try {
    const answer = await carryOut(operation, line.input, line, neighbours);
    if (!answer.ok) return fail(answer);
    neighbours.out(
      line.json ? JSON.stringify(answer.output, undefined, 2) : printable(print(operation, answer.output)),
    );
    return operation.problems?.(answer.output) === true ? exitCodes.problems : exitCodes.ok;
  } catch (error) {
    return fail(faultOf(error, neighbours.language));
  }
}

/**
 * Runs a command that starts a process and ends with it.
 * @param args what follows the command
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  neighbours: CliNeighbours,
  begin: (options: StartOptions) => Promise<void>,
): Promise<number> {
  const options = readStart(command, args);
  if (isRefusal(options)) return report(failureOf(options, neighbours.language), neighbours);
  try {
    await begin(options);
    return exitCodes.ok;
  } catch (error) {
    return report(faultOf(error, neighbours.language), neighbours);
  }
}

/**
 * Runs a command on the files of the person who calls it. It is no act on the house, so nothing is authorised or recorded.
 * @param args what follows the command
 * @param carryOut gets the input as the command's schema leaves it; a refusal is reported like that of an operation
 */
export async function runOwn<Input extends z.ZodObject>(
  command: Command & { readonly input: Input },
  args: readonly string[],
  neighbours: CliNeighbours,
  carryOut: (input: z.output<Input>, line: CommandLine, out: (text: string) => void) => Promise<Refusal | undefined>,
): Promise<number> {
  const { language, out } = neighbours;
  const fail = (failure: Failure): number => report(failure, neighbours, args.includes('--json'));
  const line = readArguments(command, args);
  if (isRefusal(line)) return fail(failureOf(line, language));
  if (line.help) {
    out(helpForOne(command));
    return exitCodes.ok;
  }
  const input = parseInput(command, line.input);
  if (!input.ok) return fail(failureOf(input.refusal, language));
  try {
    const refusal = await carryOut(input.input as z.output<Input>, line, (text) => out(printable(text)));
    return refusal === undefined ? exitCodes.ok : fail(failureOf(refusal, language));
  } catch (error) {
    return fail(faultOf(error, language));
  }
}

function report({ code, status, message, hint }: Failure, { error }: CliNeighbours, json = false): number {
  error(json ? JSON.stringify({ code, message, hint }) : printable(`${message}\n${hint}`));
  return exitCodeOf(status);
}

interface Failure {
  readonly code: ErrorCode;
  readonly status: number;
  readonly message: string;
  readonly hint: string;
}

type Answer = { readonly ok: true; readonly output: unknown } | ({ readonly ok: false } & Failure);

async function carryOut(
  operation: AnyOperation,
  input: unknown,
  place: Place,
  neighbours: CliNeighbours,
): Promise<Answer> {
  const caller: Caller = { principal: operator, sourceIP: '', userAgent: 'genkan-cli' };
  if (operation.where === 'data') {
    return answerOf(
      await performAtDesk(operation, input, caller, await neighbours.openDesk(place)),
      neighbours.language,
    );
  }
  const running = await neighbours.findRunning(place);
  if (running !== undefined) return running.perform(operation, input, neighbours.language);
  const house = await neighbours.openHouse(place);
  try {
    return answerOf(await perform(operation, input, caller, house), neighbours.language);
  } finally {
    await house.close();
  }
}

const answerOf = (outcome: Awaited<ReturnType<typeof perform>>, language: Language): Answer =>
  outcome.outcome === 'allow' ? { ok: true, output: outcome.output } : { ok: false, ...failureOf(outcome, language) };

function failureOf(refusal: Pick<Refusal, 'code' | 'params'>, language: Language): Failure {
  return { code: refusal.code, status: errorTable[refusal.code].http, ...describe(refusal, language) };
}

function faultOf(error: unknown, language: Language): Failure {
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

const print = (operation: AnyOperation, output: unknown): string =>
  operation.print?.(output) ?? fields(output as Record<string, unknown>);

// Names, errors and arguments come from outside: a control character among them could redraw the terminal.
const printable = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '\uFFFD');

const nouns = (processes: readonly ProcessCommand[]): string[] => [
  ...new Set([
    ...operations.map(({ id }) => id.split('.')[0]!),
    ...processes.map(({ command }) => command.split(' ')[0]!),
  ]),
];

function unknownCommand(
  noun: string,
  verb: string | undefined,
  isNoun: boolean,
  processes: readonly ProcessCommand[],
): Refusal {
  const verbs = operations.flatMap(({ id }) => (id.startsWith(`${noun}.`) ? [id.slice(noun.length + 1)] : []));
  const near = isNoun ? nearest(verb ?? '', verbs) : nearest(noun, nouns(processes));
  const written = [noun, verb].filter((word) => word !== undefined && !word.startsWith('-')).join(' ');
  if (near === undefined) return refuse('operation_unknown', { operation: written });
  const suggestion = isNoun ? `${noun} ${near}` : [near, verb].filter((word) => word !== undefined).join(' ');
  return refuse('operation_mistyped', { operation: written, suggestion });
}
