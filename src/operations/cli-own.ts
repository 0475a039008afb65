// Commands that are no operations: they start a process, or work on the files of the person who calls. Loaded without the operations.
import type { z } from 'zod';
import { isRefusal, refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { readArguments } from './cli-arguments.ts';
import type { Command, CommandLine } from './cli-arguments.ts';
import type { CliNeighbours } from './cli-door.ts';
import { helpForOne } from './cli-help.ts';
import { exitCodes, failureOf, faultOf, printable, report } from './cli-report.ts';
import type { Failure } from './cli-report.ts';
import { readStart } from './cli-start.ts';
import type { StartOptions } from './cli-start.ts';
import { parseInput } from './perform.ts';

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
  if (line.at !== undefined)
    return fail(failureOf(refuse('operation_option_unknown', { operation: command.id, option: '--at' }), language));
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
