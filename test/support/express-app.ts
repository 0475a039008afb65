// An Express app that Genkan protects, as a process of its own, beside stand-ins for Entra ID and Microsoft Graph.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createBrowser } from './browser.ts';
import type { Browser } from './browser.ts';
import { startEntra } from './entra.ts';
import type { Entra, Registration, User } from './entra.ts';
import { outputOf } from './genkan-process.ts';
import { startGraph } from './graph.ts';
import type { Graph } from './graph.ts';
import { authorizationRequest, exchange, register } from './oauth-client.ts';
import type { Registered } from './oauth-client.ts';
import { freePort } from './free-port.ts';

const root = path.join(import.meta.dirname, '../..');
export const clientSecret = 'a~secret-of-the-app';

export interface ExpressApp extends AsyncDisposable {
  readonly entra: Entra;
  readonly graph: Graph;
  readonly app: Registration;
  readonly dana: User;
  readonly omar: User;
  readonly url: string;
  /** Data directory of Genkan. */
  readonly data: string;
  /** Everything that the process wrote. */
  output(): string;
  /** A person signs in for a client at the authorization server of the app. */
  signIn(
    user: User,
    options?: { readonly resource?: string; readonly client?: Registered; readonly browser?: Browser },
  ): Promise<SignedIn>;
  /** Ends the process and starts it anew, on the same data. */
  restart(): Promise<void>;
}

export interface SignedIn {
  readonly client: Registered;
  readonly access: string;
  readonly refresh: string;
}

export interface AppOptions {
  /** The program, by its path. */
  readonly program: string;
  /** The folder in which it runs; where Genkan keeps its data unless told otherwise. */
  readonly folder?: string;
  readonly nodeOptions?: readonly string[];
  readonly env?: Record<string, string>;
  /** More of what the sample server hands to Genkan. */
  readonly settings?: object;
}

/** Packages by their own name lead to the sources, which nobody has built. */
export const fromSource = ['--conditions=genkan-source'];

export async function startExpressApp({
  program,
  folder: given,
  nodeOptions = fromSource,
  env,
  settings,
}: AppOptions): Promise<ExpressApp> {
  await using opened = new AsyncDisposableStack();
  const entra = opened.use(await startEntra());
  opened.use(entra.trust());
  const graph = opened.use(await startGraph(entra));
  entra.state.directory.graph.application.identifierUris.push(graph.url);
  const url = `http://localhost:${await freePort()}`;
  const app = entra.addApp({
    scopes: ['access'],
    secret: clientSecret,
    redirectUris: [`${url}/auth/callback`],
    optionalClaims: { idToken: ['acrs'], accessToken: ['acrs', 'xms_cc'] },
  });
  const dana = entra.addUser({ upn: 'dana@contoso.example', name: 'Dana Sato', groups: [entra.addGroup('makers')] });
  const omar = entra.addUser({ upn: 'omar@contoso.example', name: 'Omar Haddad' });
  const folder = given ?? mkdtempSync(path.join(os.tmpdir(), 'genkan-express-'));
  if (given === undefined) opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'client.secret'), clientSecret, { mode: 0o600 });

  let output = '';
  let child: ChildProcess;
  async function start(): Promise<void> {
    child = spawn(process.execPath, [...nodeOptions, path.resolve(root, program)], {
      cwd: folder,
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: entra.caFile,
        PUBLIC_URL: url,
        ENTRA_TENANT: entra.tenant,
        ENTRA_CLIENT: app.clientId,
        ENTRA_SECRET: clientSecret,
        ENTRA_AUTHORITY: entra.authorityHost,
        GRAPH_URL: graph.url,
        SETTINGS: JSON.stringify({
          tenant: entra.tenant,
          clientId: app.clientId,
          credential: { secret: { source: 'file', path: 'client.secret' } },
          apiScope: app.scope('access'),
          authorityHost: entra.authorityHost,
          graphUrl: graph.url,
          ...settings,
        }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await outputOf(child, /open at /);
  }
  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await once(child, 'close');
    clearTimeout(late);
  }
  await start();
  opened.defer(stop);

  const everything = opened.move();
  return {
    entra,
    graph,
    app,
    dana,
    omar,
    url,
    data: path.join(folder, '.genkan'),
    output: () => output,
    async signIn(user, { resource = `${url}/mcp`, client, browser = createBrowser() } = {}) {
      entra.signsIn = user.oid;
      const registered = client ?? (await register(url));
      const asked = await authorizationRequest(registered, { resource, scope: 'mcp offline_access' });
      const redirectUri = asked.url.searchParams.get('redirect_uri')!;
      const isBack = ({ href }: URL): boolean => href.startsWith(redirectUri);
      let arrival = await browser.follow(asked.url, isBack);
      if (arrival.page?.includes('name="decision"') === true)
        arrival = await browser.submit(arrival.url, arrival.page, { decision: 'approve' }, isBack);
      if (!isBack(arrival.url)) throw new Error(`the sign-in ended at ${arrival.url.pathname}: ${arrival.page ?? ''}`);
      const tokens = await exchange({ ...registered, browser, redirectUri, callback: arrival.url, asked });
      return { client: registered, access: tokens.access_token, refresh: tokens.refresh_token! };
    },
    async restart() {
      await stop();
      await start();
    },
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
