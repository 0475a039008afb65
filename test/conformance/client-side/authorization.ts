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
    readonly issuer?: string;
  };
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Where the suite believes the document that describes the client to be published. Nobody fetches it. */
const clientMetadataUrl = 'https://conformance-test.local/client-metadata.json';

/** A server behind an authorization server is signed in to by each person; elsewhere there is nothing to say. */
export function authorizationOf({ scenario, context }: Scenario, folder: string): object {
  if (!scenario.startsWith('auth/')) return {};
  const { client_id: clientId, client_secret: secret, issuer } = context;
  if (clientId === undefined || secret === undefined) return { authorization: { as: 'person', clientMetadataUrl } };
  const file = path.join(folder, `${clientId}.secret`);
  writeFileSync(file, secret, { mode: 0o600 });
  return { authorization: { as: 'person', clientId, clientSecret: { source: 'file', path: file }, issuer } };
}
