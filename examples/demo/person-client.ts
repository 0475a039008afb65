// A person with a stock MCP client: the official SDK does discovery, registration and PKCE, a page walker presses the buttons.
import { randomBytes } from 'node:crypto';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import type {
  ElicitRequest,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { createBrowser } from '../../test/support/browser.ts';
import { walkSignIn } from '../../test/support/sign-in-walk.ts';
import type { WalkedPage } from '../../test/support/sign-in-walk.ts';

export interface PersonClientOptions {
  /** MCP address, e.g. `http://127.0.0.1:7300/mcp/azure`. */
  readonly url: string;
  /** `2025-11-25` opens a session; `2026-07-28` speaks without one. */
  readonly revision: string;
  /** Whom to choose at the stand-in identity provider. */
  readonly person: string;
  /** Called with each page of the sign-in, in order. */
  readonly onPage?: (page: WalkedPage) => void;
  /** Called when a server asks the person; the answer is always yes. Without it the client cannot be asked. */
  readonly onQuestion?: (message: string) => void;
}

export interface PersonClient {
  readonly client: Client;
  /** The access token that the client holds. */
  accessToken(): string;
  close(): Promise<void>;
}

// Nobody listens there: the walker stops where the browser would hand the code to the client (RFC 8252 §7.3).
const redirectUri = 'http://127.0.0.1:33418/callback';

/** Signs in through the browser pages and connects. */
export async function connectAs(options: PersonClientOptions): Promise<PersonClient> {
  const memory = createMemory();
  const transport = (): StreamableHTTPClientTransport =>
    new StreamableHTTPClientTransport(new URL(options.url), { authProvider: memory.provider });
  const refusal: unknown = await newClient(options)
    .connect(transport())
    .catch((error: unknown) => error);
  if (!(refusal instanceof UnauthorizedError))
    throw refusal ?? new Error('the door was open: no sign-in was asked for');

  const { person, onPage } = options;
  const answer = await walkSignIn(createBrowser(), memory.authorizationUrl(), { person, redirectUri, onPage });
  if (answer.searchParams.get('state') !== memory.state) throw new Error('the answer belongs to another sign-in');
  await transport().finishAuth(answer.searchParams);
  const client = newClient(options);
  await client.connect(transport());
  return { client, accessToken: memory.accessToken, close: () => client.close() };
}

function newClient({ revision, onQuestion }: PersonClientOptions): Client {
  const mode = revision === '2025-11-25' ? 'legacy' : { pin: revision };
  const capabilities = onQuestion === undefined ? {} : { elicitation: { form: {} } };
  const client = new Client({ name: 'Genkan demo', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
  if (onQuestion !== undefined) {
    client.setRequestHandler('elicitation/create', ({ params }: ElicitRequest) => {
      onQuestion(params.message);
      return { action: 'accept', content: { decision: 'accept' } };
    });
  }
  return client;
}

/** What a client keeps of its registration and sign-in, for as long as the demo runs. */
function createMemory() {
  const state = randomBytes(16).toString('base64url');
  let registration: StoredOAuthClientInformation | undefined;
  let tokens: StoredOAuthTokens | undefined;
  let verifier = '';
  let authorization: URL | undefined;
  let discovery: OAuthDiscoveryState | undefined;
  const provider: OAuthClientProvider = {
    redirectUrl: redirectUri,
    clientMetadata: {
      client_name: 'Genkan demo',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    state: () => state,
    clientInformation: () => registration,
    saveClientInformation: (information) => void (registration = information),
    tokens: () => tokens,
    saveTokens: (saved) => void (tokens = saved),
    redirectToAuthorization: (url) => void (authorization = url),
    saveCodeVerifier: (saved) => void (verifier = saved),
    codeVerifier: () => verifier,
    saveDiscoveryState: (found) => void (discovery = found),
    discoveryState: () => discovery,
  };
  return {
    provider,
    state,
    authorizationUrl(): URL {
      if (authorization === undefined) throw new Error('the client was not told where to sign in');
      return authorization;
    },
    accessToken: (): string => tokens?.access_token ?? '',
  };
}
