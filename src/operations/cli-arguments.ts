// Reads the arguments of a command by the input schema of its operation, and says what is wrong with them.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { refuse } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { commandOf } from './perform.ts';

/** Options that every command takes. */
export const commonOptions = {
  json: { type: 'boolean', description: 'Print the answer as JSON.' },
  config: { type: 'text', description: 'Configuration file; ./genkan.yaml by default.' },
  data: { type: 'text', description: 'Data directory; by default the one that the configuration names.' },
  at: { type: 'text', description: 'Address of a Genkan elsewhere, to work there in your own name; see genkan login.' },
  help: { type: 'boolean', description: 'Explain the command.' },
} as const;

/** How an input is written on the command line. */
export interface Option {
  readonly field: string;
  /** Name without the dashes. */
  readonly flag: string;
  readonly type: 'text' | 'number' | 'boolean' | 'list' | 'json';
  readonly required: boolean;
  readonly description: string;
  readonly choices: readonly string[];
  readonly byDefault?: unknown;
}

/** A command as far as its arguments go: an operation, or one that is none. */
export interface Command {
  readonly id: string;
  readonly summary: string;
  readonly about?: string;
  readonly input: z.ZodObject;
  readonly positional?: readonly string[];
  /** What options of every command mean to this one, where it is something else. */
  readonly meanings?: Partial<Readonly<Record<keyof typeof commonOptions, string>>>;
}

export interface CommandLine {
  readonly input: Record<string, unknown>;
  readonly json: boolean;
  readonly help: boolean;
  readonly config?: string;
  readonly data?: string;
  readonly at?: string;
}

/** The options that an operation's input makes. */
export function optionsOf({ input }: Pick<Command, 'input'>): Option[] {
  return Object.entries(input.shape).map(([field, schema]) => {
    const { inner, required, byDefault } = unwrap(schema as z.core.$ZodTypes);
    const { def } = inner._zod;
    return {
      field,
      flag: field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      type: isListOfObjects(def) ? 'json' : (types[def.type] ?? 'text'),
      required,
      description: (schema as z.ZodType).description ?? '',
      choices: def.type === 'enum' ? Object.values(def.entries).map(String) : [],
      byDefault,
    };
  });
}

const types: Readonly<Record<string, Option['type']>> = {
  number: 'number',
  boolean: 'boolean',
  array: 'list',
  record: 'json',
  object: 'json',
};

// As az prints them; a list of words is given word by word.
const isListOfObjects = (def: z.core.$ZodTypes['_zod']['def']): boolean =>
  def.type === 'array' && types[(def.element as z.core.$ZodTypes)._zod.def.type] === 'json';

function unwrap(schema: z.core.$ZodTypes): { inner: z.core.$ZodTypes; required: boolean; byDefault?: unknown } {
  const { def } = schema._zod;
  if (def.type === 'optional') return { ...unwrap(def.innerType as z.core.$ZodTypes), required: false };
  if (def.type === 'default') {
    return { ...unwrap(def.innerType as z.core.$ZodTypes), required: false, byDefault: def.defaultValue };
  }
  return { inner: schema, required: true };
}

/**
 * Reads what follows the command. The input is checked for form only; its meaning is for `perform`.
 * @returns refusal `operation_option_unknown`, `operation_input_invalid`
 */
export function readArguments(operation: Command, args: readonly string[]): CommandLine | Refusal {
  const options = optionsOf(operation);
  const positional = operation.positional ?? [];
  const flags = [...options.map(({ flag }) => flag), ...Object.keys(commonOptions)];
  const isSwitch = (flag: string): boolean =>
    [...options, { flag: 'json', type: 'boolean' }, { flag: 'help', type: 'boolean' }].some(
      (option) => option.flag === flag && option.type === 'boolean',
    );
  const invalid = (reason: string): Refusal =>
    refuse('operation_input_invalid', { operation: commandOf(operation), reason });

  const { tokens } = parseArgs({
    args: spreadLists(args, options, positional.length > 0),
    options: {
      ...Object.fromEntries(
        flags.map((flag) => [flag, { type: isSwitch(flag) ? ('boolean' as const) : ('string' as const) }]),
      ),
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });

  const input: Record<string, unknown> = {};
  const common: Record<string, string | true> = {};
  let positions = 0;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      const last = options.find(({ field }) => field === positional.at(-1));
      const field = positional[last?.type === 'list' ? Math.min(positions++, positional.length - 1) : positions++];
      if (field === undefined) return invalid(`"${token.value}" is not expected`);
      const option = options.find((each) => each.field === field)!;
      const refusal = take(option, token.value);
      if (refusal !== undefined) return refusal;
      continue;
    }
    if (!flags.includes(token.name)) {
      const suggestion = nearest(token.name, flags);
      const params = {
        operation: commandOf(operation),
        option: token.rawName,
        suggestion: suggestion === undefined ? '' : `--${suggestion}`,
      };
      return refuse(suggestion === undefined ? 'operation_option_unknown' : 'operation_option_mistyped', params);
    }
    if (isSwitch(token.name)) {
      if (token.value !== undefined) return invalid(`${token.rawName} takes no value`);
    } else if (token.value === undefined) return invalid(`${token.rawName} needs a value`);
    const option = options.find(({ flag }) => flag === token.name);
    if (option === undefined) common[token.name] = token.value ?? true;
    else {
      const refusal = take(option, token.value);
      if (refusal !== undefined) return refusal;
    }
  }

  function take({ field, flag, type }: Option, value: string | undefined): Refusal | undefined {
    if (field in input && type !== 'list') return invalid(`--${flag} is given twice`);
    if (type === 'json') {
      const written = value ?? '';
      const file = written.replace(/^@/, '');
      const text = /^\s*[{[]/.test(written) ? written : textOf(file);
      if (text === undefined) return invalid(`--${flag}: the file ${file} cannot be read`);
      try {
        input[field] = JSON.parse(text);
      } catch {
        return invalid(`--${flag} is not JSON`);
      }
    } else if (type === 'list') input[field] = [...((input[field] as string[] | undefined) ?? []), value];
    else if (type === 'number') input[field] = value?.trim() === '' ? value : Number(value);
    else input[field] = type === 'boolean' ? true : value;
    return undefined;
  }

  const { json, help, config, data, at } = common;
  return { input, json: json === true, help: help === true, ...pickText({ config, data, at }) };
}

// As az does: what is long is written in a file, and @FILE names it; FILE alone does so as well, since no object begins like that.
function textOf(file: string): string | undefined {
  try {
    const bytes = readFileSync(file);
    // Windows PowerShell writes what `>` sends to a file as UTF-16; both kinds of byte order marks are left out.
    return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);
  } catch {
    return undefined;
  }
}

const pickText = (values: Record<string, string | true | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((pair): pair is [string, string] => typeof pair[1] === 'string'));

// `--allow dev-team ops-team` stands for `--allow dev-team --allow ops-team` where no positions compete for the words.
function spreadLists(args: readonly string[], options: readonly Option[], hasPositions: boolean): string[] {
  let list: string | undefined;
  return args.flatMap((word) => {
    if (word.startsWith('-')) {
      list = options.some(({ flag, type }) => type === 'list' && `--${flag}` === word) ? word : undefined;
      return list === undefined || hasPositions ? [word] : [];
    }
    return list === undefined || hasPositions ? [word] : [list, word];
  });
}
