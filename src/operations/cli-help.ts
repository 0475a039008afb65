// What `--help` shows: all commands, those of one noun, or one command with its options.
import { displayWidth } from '../base/display-width.ts';
import { commonOptions, optionsOf } from './cli-arguments.ts';
import type { Command, Option } from './cli-arguments.ts';
import type { AnyOperation } from './operation.ts';
import { commandOf } from './perform.ts';

/** A command that is no operation: it starts a process, or works on the files of the person who calls it. */
export interface ProcessCommand {
  readonly command: string;
  readonly summary: string;
}

const exitCodes = 'Exit codes: 0 done, 1 fault, 2 wrong usage, 3 refused, 4 problems found.';

/** @param noun shows only the commands that begin with it */
export function helpForAll(
  operations: readonly AnyOperation[],
  processes: readonly ProcessCommand[],
  noun?: string,
): string {
  const commands = [
    ...processes,
    ...operations.filter(isForCli).map((each) => ({ command: commandOf(each), summary: each.summary })),
  ]
    .filter(({ command }) => noun === undefined || command.split(' ')[0] === noun)
    .map(({ command, summary }) => [`genkan ${command}`, summary] as const);
  return [
    ...(noun === undefined ? ['Genkan, the front door for MCP servers.', ''] : []),
    'Commands:',
    ...columns(commands),
    '',
    'Options of every command:',
    ...columns(Object.entries(commonOptions).map(([flag, { description }]) => [`--${flag}`, description] as const)),
    '',
    'More about one: genkan COMMAND --help',
    exitCodes,
  ].join('\n');
}

export function helpForOne(operation: Command): string {
  const options = optionsOf(operation);
  const positional = operation.positional ?? [];
  const usage = options.map(({ field, flag, type, required }) => {
    const place = type === 'boolean' ? `--${flag}` : `--${flag} ${placeOf(type, flag)}`;
    const written = (positional as readonly string[]).includes(field) ? flag.toUpperCase() : place;
    return required ? written : `[${written}]`;
  });
  return [
    `${operation.summary}.`,
    ...(operation.about === undefined ? [] : ['', operation.about]),
    '',
    `Usage: genkan ${[commandOf(operation), ...usage].join(' ')}`,
    ...(options.length === 0
      ? []
      : ['', 'Options:', ...columns(options.map((option) => [`--${option.flag}`, explain(option)] as const))]),
    '',
    'Options of every command:',
    ...columns(
      optionsFor(operation).map(
        ([flag, { description }]) => [`--${flag}`, operation.meanings?.[flag] ?? description] as const,
      ),
    ),
    '',
    exitCodes,
  ].join('\n');
}

const common = Object.entries(commonOptions) as [keyof typeof commonOptions, { readonly description: string }][];

/** What has no door of the network is done nowhere but here. */
const optionsFor = (command: Command & Partial<Pick<AnyOperation, 'doors'>>): typeof common =>
  common.filter(([flag]) => flag !== 'at' || command.doors?.includes('rest') === true);

const isForCli = ({ doors }: AnyOperation): boolean => doors.includes('cli');

const placeOf = (type: Option['type'], flag: string): string =>
  type === 'number' ? 'N' : type === 'json' ? 'JSON' : type === 'list' ? `${flag.toUpperCase()}…` : flag.toUpperCase();

const explain = ({ description, choices, byDefault, type }: Option): string =>
  [
    description,
    choices.length === 0 ? '' : `One of: ${choices.join(', ')}.`,
    byDefault === undefined || type === 'list' || type === 'json' ? '' : `Default: ${String(byDefault)}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => displayWidth(left)));
  return rows.map(([left, right]) => `  ${left}${' '.repeat(width - displayWidth(left))}  ${right}`.trimEnd());
}
