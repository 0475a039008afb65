// What an administrator would write into the settings of a server that is behind an authorization server.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** What the suite tells a client about a scenario. */
export interface Scenario {
  readonly scenario: string;
  readonly revision: string;
  readonly serverUrl: string;
  readonly context: {
    /** Calls that the scenario wants to see. */
    readonly toolCalls?: readonly ToolCall[];
    /** Of a client that was registered by hand. */
    readonly client_id?: string;
    readonly client_secret?: string;
  };
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Nothing for servers that need no sign-in, or at which Genkan can register itself. */
export function authorizationOf({ context }: Scenario, folder: string): object {
  const { client_id: clientId, client_secret: secret } = context;
  if (clientId === undefined || secret === undefined) return {};
  const file = path.join(folder, `${clientId}.secret`);
  writeFileSync(file, secret, { mode: 0o600 });
  return { authorization: { clientId, clientSecret: { file } } };
}
