// The command line: finds the operation, has it carried out where it belongs, prints the answer, and ends with the agreed exit code.
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Language } from '../base/text.ts';
import { readArguments } from './cli-arguments.ts';
import { helpForAll, helpForOne } from './cli-help.ts';
import type { ProcessCommand } from './cli-help.ts';
import { exitCodes, failureOf, faultOf, printable, report } from './cli-report.ts';
import type { Failure } from './cli-report.ts';
import type { Desk, House } from './house.ts';
import type { AnyOperation, Caller } from './operation.ts';
import { operator } from './operator.ts';
import { commandOf, parseInput, perform, performAtDesk } from './perform.ts';
import { findOperation, operations } from './registry.ts';
import type { RunningServer } from './running.ts';
import { fields } from './table.ts';

/** Which configuration and data directory a command is about. */
export interface Place {
  readonly config?: string;
  readonly data?: string;
}

/** Where one works in one's own name. */
export type Elsewhere = Pick<RunningServer, 'perform'> & AsyncDisposable;

export interface CliNeighbours {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly language: Language;
  /** Columns of the terminal, where there is one. */
  readonly width?: number | undefined;
  /** Commands that start a process, for help and suggestions. */
  readonly processes: readonly ProcessCommand[];
  readonly openDesk: (place: Place) => Promise<Desk>;
  readonly findRunning: (place: Place) => Promise<RunningServer | undefined>;
  /** A Genkan elsewhere, where whoever calls has signed in. `data`: where that is kept. */
  readonly openElsewhere: (at: string, place: Pick<Place, 'data'>) => Promise<Elsewhere | Refusal>;
  /** Whether the records are those of whoever calls: reading them is then nobody else's matter. */
  readonly ownRecords?: true;
  /**
   * Opens the house in this process, for when no server runs.
   * @param logIsAskedFor refuses where there is no log yet, GenkanError `operation_log_missing`
   */
  readonly openHouse: (place: Place, logIsAskedFor: boolean) => Promise<House & { close(): Promise<void> }>;
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
      line.json
        ? JSON.stringify(answer.output, undefined, 2)
        : printable(print(operation, answer.output, neighbours.width ?? 100)),
    );
    return operation.problems?.(answer.output) === true ? exitCodes.problems : exitCodes.ok;
  } catch (error) {
    return fail(faultOf(error, neighbours.language));
  }
}

type Answer = { readonly ok: true; readonly output: unknown } | ({ readonly ok: false } & Failure);

async function carryOut(
  operation: AnyOperation,
  input: unknown,
  { at, ...place }: Place & { readonly at?: string },
  neighbours: CliNeighbours,
): Promise<Answer> {
  if (at !== undefined) return carryOutAt(at, operation, input, place, neighbours);
  const caller: Caller = { principal: operator, sourceIP: '', userAgent: 'genkan-cli' };
  if (operation.where === 'data') {
    const desk = await neighbours.openDesk(place);
    // Before a server is looked for: the files of a copy may still name the one that they were copied from.
    const isNotNoted =
      operation.onRecord === true && neighbours.ownRecords !== true && (await desk.isCopy?.()) === true;
    if (isNotNoted)
      neighbours.error('Read from a copy, or where nothing can be written: who reads it is on no record.');
    if (isNotNoted || operation.onRecord !== true || neighbours.ownRecords === true)
      return answerOf(await performAtDesk(operation, input, caller, desk), neighbours.language);
  }
  return withRest(operation, input, place, neighbours, async (sent) => {
    const running = await neighbours.findRunning(place);
    if (running !== undefined) return running.perform(operation, sent, neighbours.language);
    const house = await neighbours.openHouse(place, operation.where === 'data');
    try {
      return answerOf(await perform(operation, sent, caller, house), neighbours.language);
    } finally {
      await house.close();
    }
  });
}

/** Has a house carry out an operation, and does here what is left to do with its answer. */
async function withRest(
  operation: AnyOperation,
  input: unknown,
  place: Place,
  { language, openDesk }: CliNeighbours,
  inHouse: (sent: unknown) => Promise<Answer>,
): Promise<Answer> {
  const after = operation.where === 'data' ? operation.after : undefined;
  if (after === undefined) return inHouse(input);
  const parsed = parseInput(operation, input);
  if (!parsed.ok) return { ok: false, ...failureOf(parsed.refusal, language) };
  const isOwn = (name: string): boolean => after.inputs.includes(name as never);
  const answer = await inHouse(
    Object.fromEntries(Object.entries(input as Record<string, unknown>).filter(([name]) => !isOwn(name))),
  );
  if (!answer.ok) return answer;
  const output: unknown = after.carryOut(await openDesk(place), answer.output as never, parsed.input);
  return isRefusal(output) ? { ok: false, ...failureOf(output, language) } : { ok: true, output };
}

async function carryOutAt(
  at: string,
  operation: AnyOperation,
  input: unknown,
  { config, data }: Place,
  neighbours: CliNeighbours,
): Promise<Answer> {
  const { language, openElsewhere } = neighbours;
  const command = commandOf(operation);
  const refused = (refusal: Refusal): Answer => ({ ok: false, ...failureOf(refusal, language) });
  if (!operation.doors.includes('rest')) return refused(refuse('remote_here_only', { operation: command }));
  if (config !== undefined)
    return refused(refuse('operation_input_invalid', { operation: command, reason: '--config is for a Genkan here' }));
  const elsewhere = await openElsewhere(at, { ...(data !== undefined && { data }) });
  if (isRefusal(elsewhere)) return refused(elsewhere);
  await using opened = elsewhere;
  return await withRest(operation, input, {}, neighbours, (sent) => opened.perform(operation, sent, language));
}

const answerOf = (outcome: Awaited<ReturnType<typeof perform>>, language: Language): Answer =>
  outcome.outcome === 'allow' ? { ok: true, output: outcome.output } : { ok: false, ...failureOf(outcome, language) };

const print = (operation: AnyOperation, output: unknown, width: number): string =>
  operation.print?.(output, width) ?? fields(output as Record<string, unknown>);

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
