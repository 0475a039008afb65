// A key ring in the operating system's own store. The ring goes through standard input, since anybody can read a command line.
import { spawn } from 'node:child_process';
import type { KeyDocument } from './key-ring-document.ts';

/** Runs a program of the operating system. */
type RunProgram = (
  command: string,
  args: readonly string[],
  input: string,
) => Promise<{ readonly code: number | null; readonly output: string }>;

interface Machine {
  readonly platform: NodeJS.Platform;
  readonly run: RunProgram;
}

/**
 * @param place tells the rings of several Genkans on one machine apart, e.g. by their data directory
 * @param store for the text that DPAPI has sealed; elsewhere only its folder is used, to be locked
 */
export function osStore(place: string, machine: Machine, store: KeyDocument): KeyDocument {
  return { ...(store.folder !== undefined && { folder: store.folder }), ...storeOf(place, machine, store) };
}

function storeOf(place: string, { platform, run }: Machine, store: KeyDocument): KeyDocument {
  switch (platform) {
    case 'linux':
      return secretService(place, run);
    case 'darwin':
      return keychain(place, run);
    case 'win32':
      return dataProtection(run, store);
    default:
      throw new TypeError(`Genkan knows no store of secrets on ${platform}; use file or keyvault`);
  }
}

const failed = (what: string, code: number | null): Error =>
  new Error(`${what} ended with ${code ?? 'a signal'}; is there a session with an unlocked store?`);

/** freedesktop.org Secret Service, by secret-tool (Debian: libsecret-tools). */
function secretService(place: string, run: RunProgram): KeyDocument {
  const attributes = ['service', 'genkan', 'place', place];
  return {
    name: 'the Secret Service',
    async load() {
      const { code, output } = await run('secret-tool', ['lookup', ...attributes], '');
      if (code === 0 && output !== '') return output;
      // It ends with 1 as well when there is no service to ask, or a locked one, which must not look like an empty one.
      const probe = await run('secret-tool', ['search', '--all', ...attributes], '');
      if (probe.code !== 0 || probe.output.trim() !== '') throw failed('secret-tool', probe.code || code);
      return undefined;
    },
    async save(text) {
      const { code } = await run('secret-tool', ['store', '--label', 'Genkan key ring', ...attributes], text.trim());
      if (code !== 0) throw failed('secret-tool', code);
    },
  };
}

/** errSecItemNotFound, as `security` ends with it. */
const itemNotFound = 44;

/** The login keychain of macOS. `security -i` reads its commands, and so the ring, from standard input. */
function keychain(place: string, run: RunProgram): KeyDocument {
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return {
    name: 'the keychain',
    async load() {
      const { code, output } = await run('security', ['find-generic-password', '-s', 'genkan', '-a', place, '-w'], '');
      if (code === itemNotFound) return undefined;
      if (code !== 0) throw failed('security', code);
      return Buffer.from(output.trim(), 'base64').toString('utf8');
    },
    async save(text) {
      const value = Buffer.from(text).toString('base64');
      const command = `add-generic-password -U -s genkan -a ${quoted(place)} -w ${value}\n`;
      const { code } = await run('security', ['-i'], command);
      if (code !== 0) throw failed('security', code);
    },
  };
}

/** Windows keeps the file; DPAPI seals it for this user on this machine. */
function dataProtection(run: RunProgram, store: KeyDocument): KeyDocument {
  const convert = async (verb: 'Protect' | 'Unprotect', base64: string): Promise<string> => {
    const script =
      'Add-Type -AssemblyName System.Security; ' +
      '$given = [Convert]::FromBase64String([Console]::In.ReadToEnd().Trim()); ' +
      `$made = [Security.Cryptography.ProtectedData]::${verb}($given, $null, 'CurrentUser'); ` +
      '[Console]::Out.Write([Convert]::ToBase64String($made))';
    const { code, output } = await run(
      'powershell.exe',
      ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script],
      base64,
    );
    if (code !== 0 || output.trim() === '') throw failed('powershell', code);
    return output.trim();
  };
  return {
    name: `DPAPI (${store.name})`,
    async load() {
      const sealed = await store.load();
      return sealed === undefined
        ? undefined
        : Buffer.from(await convert('Unprotect', sealed.trim()), 'base64').toString('utf8');
    },
    save: async (text) => store.save(await convert('Protect', Buffer.from(text).toString('base64'))),
  };
}

const answerWithinMs = 60_000; // the store may ask the person to unlock it
const maxOutputBytes = 1_048_576;

/** What it says on standard error is not kept: it may quote what it was given. */
export const runProgram: RunProgram = (command, args, input) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: answerWithinMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxOutputBytes) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    child.on('error', (error: NodeJS.ErrnoException) => reject(new Error(`${command} cannot be run (${error.code})`)));
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }));
    child.stdin.on('error', () => undefined); // it ended before it had read everything; its exit code tells
    child.stdin.end(input);
  });
