// Links and commands by which a person adds an MCP address to their client.

export interface InstallLink {
  /** The client, as its makers call it. */
  readonly client: string;
  /** A link to open or a command to run. */
  readonly way: string;
}

/**
 * @param name under which the client lists the server
 * @param url MCP address; clients find the sign-in by themselves (RFC 9728)
 */
export function installLinks(name: string, url: string): InstallLink[] {
  const server = { type: 'http', url };
  // Base64 holds + and =, which a query would read as something else.
  const cursorConfig = encodeURIComponent(Buffer.from(JSON.stringify({ url })).toString('base64'));
  return [
    { client: 'VS Code', way: `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name, ...server }))}` },
    {
      client: 'VS Code (web link)',
      way: `https://insiders.vscode.dev/redirect/mcp/install?name=${encodeURIComponent(name)}&config=${encodeURIComponent(JSON.stringify(server))}`,
    },
    {
      client: 'Cursor',
      way: `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${cursorConfig}`,
    },
    { client: 'Claude Code', way: `claude mcp add --transport http ${name} ${url}` },
  ];
}
