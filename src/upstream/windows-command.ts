// npm and npx on Windows are batch files, which Node starts through a shell alone; the scripts behind them need none.
import path from 'node:path';

interface Machine {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string>>;
  readonly exists: (file: string) => boolean;
  /** Where there is no node.exe beside npm. */
  readonly node: string;
}

/** @returns the command as it can be started without a shell, which would read arguments as it likes (CVE-2024-27980) */
export function withoutShell(
  command: readonly string[],
  { platform, environment, exists, node }: Machine,
): readonly string[] {
  const [program = '', ...args] = command;
  const [, name] = /^(npm|npx)(?:\.cmd)?$/i.exec(program) ?? [];
  if (platform !== 'win32' || name === undefined) return command;
  const [, folders = ''] = Object.entries(environment).find(([variable]) => variable.toUpperCase() === 'PATH') ?? [];
  for (const folder of folders.split(';')) {
    if (!path.win32.isAbsolute(folder)) continue; // never what lies in the current folder
    const script = path.win32.join(folder, 'node_modules', 'npm', 'bin', `${name.toLowerCase()}-cli.js`);
    if (!exists(script)) continue;
    const beside = path.win32.join(folder, 'node.exe');
    return [exists(beside) ? beside : node, script, ...args];
  }
  return command;
}
