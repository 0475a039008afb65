// Words and command lines for a shell: only characters that none of the declared shells gives a meaning, never an option.
import { unseen } from './rule.ts';
import type { Check, RuleName } from './rule.ts';

export const shells = ['posix', 'cmd', 'powershell'] as const;
export type Shell = (typeof shells)[number];

export interface ShellRules {
  /** Which of them may read it; what any of them gives a meaning is refused. */
  readonly shells: readonly Shell[];
  /** With programs it is a command line that begins with one of them, without it is a single word. */
  readonly programs?: readonly string[] | undefined;
  /** Options that may be given, exactly as written here. */
  readonly options: readonly string[];
}

/** Letters and digits of all scripts, and these. PowerShell splits at a comma, cmd at a comma and an equals sign. */
const harmless: Readonly<Record<Shell, string>> = { posix: '_-./:@,=+%', cmd: '_-./:@+\\', powershell: '_-./:+\\' };

export function shellCheck({ shells: declared, programs, options }: ShellRules): Check {
  const [first = 'posix', ...others] = declared;
  const signs = [...harmless[first]].filter((sign) => others.every((shell) => harmless[shell].includes(sign)));
  const pattern = new RegExp(
    `^[\\p{L}\\p{N}${signs.map((sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`).join('')}]+$`,
    'u',
  );
  const slashIsOption = declared.includes('cmd'); // anywhere: `dir a/s`

  function word(text: string): RuleName | undefined {
    if (options.includes(text)) return undefined;
    // Some letters come apart into signs when they are fitted into a code page (UAX #15).
    if (!pattern.test(text) || !pattern.test(text.normalize('NFKC'))) return 'shell-character';
    const isOption = text.startsWith('-') || text.startsWith('+') || (slashIsOption && text.includes('/'));
    if (isOption) return 'shell-option';
    return text.startsWith('=') || text.startsWith('@') || text.startsWith('%') ? 'shell-character' : undefined;
  }

  return (value) => {
    if (value.length > maxLength) return 'too-long';
    if (unseen.test(value)) return 'control';
    if (programs === undefined) return word(value);
    const [program, ...rest] = value.split(' ');
    if (!programs.includes(program!)) return 'shell-program';
    for (const text of rest) {
      const broken = text === '' ? 'shell-character' : word(text);
      if (broken !== undefined) return broken;
    }
    return undefined;
  };
}

const maxLength = 8192;
