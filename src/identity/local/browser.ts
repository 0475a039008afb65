// Opens the person's browser, without a shell: an address is an argument, never a part of a command line.
import { spawn } from 'node:child_process';

interface Desktop {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether this is the inside of a container, where nobody sees a window. */
  readonly inContainer: boolean;
}

type Command = readonly [program: string, ...args: string[]];

/** How to open a browser here; undefined where nobody would see it. */
export function browserCommand({ platform, env, inContainer }: Desktop): Command | undefined {
  // Whoever sets it knows better than we: editors that work on another machine open the browser of the person's own.
  const { BROWSER: chosen } = env;
  if (chosen !== undefined && chosen !== '') return [chosen];
  if (env['SSH_CONNECTION'] !== undefined || env['SSH_TTY'] !== undefined || inContainer) return undefined;
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32.exe', 'url.dll,FileProtocolHandler'];
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined;
}

/** A program that has not failed by then shows a page. */
const patienceMs = 3000;

/** @returns whether a page is being shown, as far as one can know */
export function openBrowser(
  url: URL,
  [program, ...args]: Command,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  if (!/^https?:$/.test(url.protocol)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn(program, [...args, url.href], { stdio: 'ignore', detached: true, env: { ...env } });
    const patience = setTimeout(() => resolve(true), patienceMs).unref();
    const settle = (shown: boolean): void => {
      clearTimeout(patience);
      resolve(shown);
    };
    child.once('error', () => settle(false));
    child.once('exit', (code) => settle(code === 0));
    child.unref();
  });
}
