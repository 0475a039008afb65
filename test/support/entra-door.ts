// A Genkan as it stands in a company: `genkan start` behind TLS, people and their groups at Entra ID, the company's conditional access.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { startEntra } from './entra.ts';
import type { Entra, Registration, User } from './entra.ts';
import { graphAppId } from './entra/directory.ts';
import { genkan, outputOf, spawnGenkan } from './genkan-process.ts';
import type { Ended } from './genkan-process.ts';
import { startGraph } from './graph.ts';
import type { Graph } from './graph.ts';
import { startDualEraServer } from './sdk-servers.ts';
import { startTlsFront } from './tls-front.ts';
import { freePort } from './free-port.ts';

const policy = path.join(import.meta.dirname, '../golden/conditional-access/seed.json');
const secretName = 'GENKAN_CLIENT_SECRET';
export const clientSecret = 'a~secret-of-genkan-that-nobody-else-has';

export interface EntraDoor extends AsyncDisposable {
  readonly entra: Entra;
  readonly graph: Graph;
  readonly app: Registration;
  /** An administrator. */
  readonly dana: User;
  /** Nobody in particular. */
  readonly omar: User;
  /** Where Genkan is, by https. */
  readonly url: string;
  /** What the process has said so far. */
  output(): string;
  /** A command beside the running process. */
  run(...args: string[]): Promise<Ended>;
}

export interface DoorOptions {
  /** More of the provider's settings. */
  readonly provider?: (entra: Entra) => Record<string, unknown>;
  readonly identity?: Record<string, unknown>;
  readonly secret?: string;
  /** Whole parts of genkan.yaml besides identity, in place of the usual ones. */
  readonly parts?: (people: { readonly dana: User; readonly omar: User }) => Record<string, unknown>;
}

export async function openEntraDoor(options: DoorOptions = {}): Promise<EntraDoor> {
  await using opened = new AsyncDisposableStack();
  const entra = opened.use(await startEntra());
  entra.trust();
  const graph = opened.use(await startGraph(entra));
  entra.state.directory.graph.application.identifierUris.push(graph.url);
  const port = await freePort();
  const front = opened.use(await startTlsFront(entra.testAuthority, port));
  const app = entra.addApp({
    displayName: 'azure-mcp-server-app',
    scopes: ['access'],
    secret: clientSecret,
    redirectUris: [`${front.origin}/auth/callback`],
    optionalClaims: { idToken: ['acrs'], accessToken: ['acrs', 'xms_cc'] },
    permissions: { [graphAppId]: ['Group.Read.All', 'Application.Read.All', 'User.Read.All'] },
  });
  const admins = entra.addGroup('azure-mcp-admins');
  const dana = entra.addUser({ upn: 'dana@contoso.example', name: 'Dana Sato', groups: [admins] });
  const omar = entra.addUser({ upn: 'omar@contoso.example', name: 'Omar Haddad' });
  const [notes, azure] = [opened.use(await startDualEraServer()), opened.use(await startDualEraServer())];

  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-entra-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const config = path.join(folder, 'genkan.yaml');
  const settings = {
    listen: `127.0.0.1:${port}`,
    publicUrl: front.origin,
    data: 'data',
    identity: {
      provider: {
        tenant: entra.tenant,
        clientId: app.clientId,
        credential: { secret: { source: 'env', name: secretName } },
        apiScope: app.scope('access'),
        authorityHost: entra.authorityHost,
        graphUrl: graph.url,
        ...options.provider?.(entra),
      },
      // The documents of clients are served on this machine here.
      clientIdMetadata: { allowPrivateAddresses: true },
      conditionalAccess: {
        policies: [policy],
        contexts: { mfa: 'c1', compliantDevice: 'c2' },
        applications: { 'azure-mcp-server-app': 'azure' },
      },
      ...options.identity,
    },
    servers: { notes: { url: notes.url }, azure: { url: azure.url } },
    // Two of a kind, whose tools have the same names.
    inspect: { pins: { alike: [['notes', 'azure']] } },
    access: {
      assignments: [dana, omar].flatMap(({ oid, tid }) =>
        ['notes', 'azure'].map((server) => ({
          principal: { user: `${oid}@${tid}` },
          role: 'MCP User',
          scope: `/servers/${server}`,
        })),
      ),
    },
    ...options.parts?.({ dana, omar }),
  };
  writeFileSync(config, stringify(settings, { aliasDuplicateObjects: false }));
  const env = { NODE_EXTRA_CA_CERTS: entra.caFile, [secretName]: options.secret ?? clientSecret };
  const child = spawnGenkan(['start', '--config', config], env);
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-100_000)));
  const abandon = (): boolean => child.kill('SIGKILL');
  process.once('exit', abandon);
  const ended = once(child, 'close');
  opened.defer(async () => {
    child.kill('SIGTERM');
    const late = setTimeout(abandon, 15_000);
    await ended;
    clearTimeout(late);
    process.off('exit', abandon);
  });
  await outputOf(child, /Genkan is open/);
  const everything = opened.move();
  return {
    entra,
    graph,
    app,
    dana,
    omar,
    url: front.origin,
    output: () => said,
    run: (...args) => genkan([...args, '--config', config], env),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  };
}
