// Reads the options of the commands that start a process.
import { parseArgs } from 'node:util';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';

export interface StartOptions {
  readonly config?: string;
  readonly data?: string;
  readonly port?: number;
}

const flags = ['config', 'data', 'port'] as const;

/** @returns refusal `operation_option_unknown`, `operation_option_mistyped`, `operation_input_invalid` */
export function readStart(command: string, args: readonly string[]): StartOptions | Refusal {
  const options = Object.fromEntries(flags.map((flag) => [flag, { type: 'string' as const }]));
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const given: Record<string, string> = {};
  const invalid = (reason: string): Refusal => refuse('operation_input_invalid', { operation: command, reason });
  for (const token of tokens) {
    if (token.kind !== 'option')
      return invalid(`"${token.kind === 'positional' ? token.value : '--'}" is not expected`);
    if (!flags.some((flag) => flag === token.name)) {
      const suggestion = nearest(token.name, flags);
      const params = { operation: command, option: token.rawName };
      if (suggestion === undefined) return refuse('operation_option_unknown', params);
      return refuse('operation_option_mistyped', { ...params, suggestion: `--${suggestion}` });
    }
    if (token.value === undefined) return invalid(`${token.rawName} needs a value`);
    given[token.name] = token.value;
  }
  const { port, ...places } = given;
  if (port === undefined) return places;
  if (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65_535)
    return invalid('--port must be a number from 1 to 65535');
  return { ...places, port: Number(port) };
}
