// The MCP Inspector on the command line: one process a request, tokens kept in its own store. It cannot ask people anything.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { textOfResult } from '../driver.ts';
import type { Caller, Driver, Knock } from '../driver.ts';
import { withScriptedBrowser } from '../scripted-browser.ts';
import { freePort } from '../../support/free-port.ts';

export const drivers: readonly Driver[] = (['2025-11-25', '2026-07-28'] as const).map((speaks) => ({
  client: '@modelcontextprotocol/inspector --cli',
  speaks,
  asksPeople: false,
  open: (knock) => open(knock, speaks === '2025-11-25' ? 'legacy' : 'modern'),
}));

const program = path.join(
  import.meta.dirname,
  '../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);

async function open({ url, person, folder }: Knock, era: string): Promise<Caller> {
  const env = {
    ...withScriptedBrowser(folder, person),
    MCP_AUTO_OPEN_ENABLED: 'true',
    MCP_INSPECTOR_SECRET_STORE: 'file',
    MCP_OAUTH_CALLBACK_URL: `http://127.0.0.1:${await freePort()}/oauth/callback`,
  };
  async function run(...args: string[]): Promise<unknown> {
    const all = [program, '--cli', url, '--transport', 'http', '--protocol-era', era, '--format', 'json', ...args];
    const child = spawn(process.execPath, all, {
      env,
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    let [out, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`exit code ${code}: ${out}${errors}`);
    return (JSON.parse(out) as { result: unknown }).result;
  }
  return {
    async tools() {
      const { tools } = (await run('--method', 'tools/list')) as { tools: { name: string }[] };
      return tools.map(({ name }) => name);
    },
    call: async (name, args) =>
      textOfResult(await run('--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args))),
    prompt: async (name) => JSON.stringify(await run('--method', 'prompts/get', '--prompt-name', name)),
    close: async () => {},
  };
}
