// The MCP clients that we know: where each keeps its servers, and how it writes one that is reached at an address.
import path from 'node:path';

export const clientIds = ['vscode', 'vscode-insiders', 'cursor', 'claude-code', 'claude-desktop'] as const;
export type ClientId = (typeof clientIds)[number];
export const scopes = ['user', 'workspace'] as const;
export type Scope = (typeof scopes)[number];

/** The person's machine as far as places on it depend on it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder whose settings `workspace` means. */
  readonly workspace: string;
}

/** A file in which a client keeps servers. */
export interface Place {
  readonly client: ClientId;
  readonly title: string;
  /** A folder that is trusted as it is. On the way from here to the file, no link is followed. */
  readonly root: string;
  readonly file: string;
  /** Where in the file the servers stand, by name. */
  readonly keys: readonly string[];
  /** Of the file, where it has to be made. */
  readonly mode: number;
  /** Any of these shows that somebody uses the client here. */
  readonly traces: readonly string[];
}

/** Read by docs/clients.md, and pinned: what is not pinned may be somebody else's program tomorrow. */
export const mcpRemote = 'mcp-remote@0.15.1';

const titles: Readonly<Record<ClientId, string>> = {
  vscode: 'VS Code',
  'vscode-insiders': 'VS Code Insiders',
  cursor: 'Cursor',
  'claude-code': 'Claude Code',
  'claude-desktop': 'Claude Desktop',
};

export const titleOf = (client: ClientId): string => titles[client];

/** The places of a client; the first is the one to write to. Empty where the client has no such scope. */
export function placesOf(client: ClientId, scope: Scope, machine: Machine): Place[] {
  const { home, workspace } = machine;
  const common = { client, title: titles[client] };
  if (scope === 'workspace') {
    const project = { ...common, root: workspace, mode: 0o644 };
    const at = (file: string, keys: string[]): Place => {
      const whole = path.join(workspace, file);
      return { ...project, file: whole, keys, traces: [file.includes(path.sep) ? path.dirname(whole) : whole] };
    };
    if (client === 'cursor') return [at(path.join('.cursor', 'mcp.json'), ['mcpServers'])];
    if (client === 'claude-desktop') return [];
    if (client !== 'claude-code') return [at(path.join('.vscode', 'mcp.json'), ['servers'])];
    // What `claude mcp add` has added for this folder alone stands in the file of the person.
    const [own] = placesOf(client, 'user', machine);
    return [at('.mcp.json', ['mcpServers']), { ...own!, keys: ['projects', workspace, 'mcpServers'] }];
  }
  const inHome = (file: string, traces: string[] = [path.dirname(file)]): Place => {
    const root = isWithin(home, file) ? home : path.dirname(file);
    const keys = client.startsWith('vscode') ? ['servers'] : ['mcpServers'];
    return { ...common, root, file, keys, mode: 0o600, traces };
  };
  if (client === 'cursor') return [inHome(path.join(home, '.cursor', 'mcp.json'))];
  if (client === 'claude-code') {
    const file = path.join(absolute(machine.env['CLAUDE_CONFIG_DIR']) ?? home, '.claude.json');
    return [inHome(file, [file, path.join(home, '.claude')])];
  }
  const settings = applicationSettings(machine);
  if (client === 'claude-desktop') return [inHome(path.join(settings, 'Claude', 'claude_desktop_config.json'))];
  return [inHome(path.join(settings, client === 'vscode' ? 'Code' : 'Code - Insiders', 'User', 'mcp.json'))];
}

function applicationSettings({ platform, home, env }: Machine): string {
  if (platform === 'win32') return absolute(env['APPDATA']) ?? path.join(home, 'AppData', 'Roaming');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  return absolute(env['XDG_CONFIG_HOME']) ?? path.join(home, '.config');
}

/** Where we keep what we replaced, until it is undone. */
export function changesDirectory({ platform, home, env }: Machine): string {
  const state =
    platform === 'win32'
      ? (absolute(env['LOCALAPPDATA']) ?? path.join(home, 'AppData', 'Local'))
      : platform === 'darwin'
        ? path.join(home, 'Library', 'Application Support')
        : (absolute(env['XDG_STATE_HOME']) ?? path.join(home, '.local', 'state'));
  return path.join(state, 'genkan', 'changes');
}

// XDG Base Directory Specification: a path that is not absolute is to be ignored.
const absolute = (folder: string | undefined): string | undefined =>
  folder !== undefined && path.isAbsolute(folder) ? folder : undefined;

const isWithin = (folder: string, file: string): boolean => !path.relative(folder, file).startsWith('..');

/** The entry by which a client reaches an MCP address; it finds the sign-in by itself (RFC 9728). */
export function entryFor(client: ClientId, url: string): Record<string, unknown> {
  if (client === 'claude-desktop') return { command: 'npx', args: ['-y', mcpRemote, url] };
  return client === 'cursor' ? { url } : { type: 'http', url };
}
