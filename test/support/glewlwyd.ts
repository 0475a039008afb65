// glewlwyd, an OpenID provider that we did not write, as Debian packages it: started on a free port with an empty database, set up by its own API.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

const program = '/usr/bin/glewlwyd';
const schema = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';
const webapp = '/usr/share/glewlwyd/webapp';

export const hasGlewlwyd = existsSync(program) && existsSync(schema) && existsSync(webapp);

export interface GlewlwydPerson {
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly groups: readonly string[];
}

export interface GlewlwydClient {
  readonly id: string;
  readonly secret: string;
  readonly redirectUri: string;
}

export interface Glewlwyd extends AsyncDisposable {
  readonly issuer: string;
  addClient(client: GlewlwydClient): Promise<void>;
  addPerson(person: GlewlwydPerson): Promise<void>;
  /** What it has logged so far. */
  log(): string;
}

const plugin = 'oidc';
const scopes = ['openid', 'profile', 'email'];
const startMs = 15_000;

export async function startGlewlwyd(): Promise<Glewlwyd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'genkan-glewlwyd-'));
  const port = await freePort();
  // Without a slash at its end: what is put behind it brings its own.
  const url = `http://127.0.0.1:${port}`;
  const database = path.join(folder, 'glewlwyd.db');
  const tables = new DatabaseSync(database);
  tables.exec(readFileSync(schema, 'utf8'));
  // People have groups here, which the schema does not know.
  tables.exec(
    `UPDATE g_user_module_instance SET gumi_parameters =
       json_set(gumi_parameters, '$.data-format.groups', json('{"multiple":true,"read":true,"write":true}'))`,
  );
  tables.close();
  const file = path.join(folder, 'glewlwyd.conf');
  writeFileSync(file, configuration(port, url, database, pages(folder)));

  const child = spawn(program, ['--config-file', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
  let create: Create;
  try {
    await answering(`${url}/config`, child, () => log);
    create = await administrator(url);
    await setUp(url, create);
  } catch (error) {
    await stop(child, folder);
    throw error;
  }
  return {
    issuer: `${url}/api/${plugin}`,
    log: () => log,
    addClient: ({ id, secret, redirectUri }) =>
      create('client', {
        client_id: id,
        name: 'Genkan',
        confidential: true,
        client_secret: secret,
        redirect_uri: [redirectUri],
        authorization_type: ['code'],
        token_endpoint_auth_method: ['client_secret_basic'],
        scope: [],
        enabled: true,
      }),
    addPerson: (person) => create('user', { ...person, scope: scopes, enabled: true }),
    [Symbol.asyncDispose]: () => stop(child, folder),
  };
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Debian links the settings of the pages to a folder, which cannot be served: here they are the file inside. */
function pages(folder: string): string {
  const own = path.join(folder, 'webapp');
  const settings = path.join(webapp, 'config.json');
  cpSync(webapp, own, { recursive: true, dereference: true, filter: (source) => source !== settings });
  copyFileSync('/usr/share/glewlwyd/templates/config.json', path.join(own, 'config.json'));
  return own;
}

const configuration = (port: number, url: string, database: string, staticFiles: string): string => `
port=${port}
bind_address="127.0.0.1"
external_url="${url}"
login_url="login.html"
api_prefix="api"
static_files_path="${staticFiles}"
log_mode="console"
log_level="INFO"
cookie_secure=0
cookie_same_site="lax"
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="/usr/lib/glewlwyd/user"
client_module_path="/usr/lib/glewlwyd/client"
user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"
plugin_module_path="/usr/lib/glewlwyd/plugin"
hash_algorithm="SHA512"
database = { type = "sqlite3", path = "${database}" };
static_files_mime_types = (
${Object.entries({
  html: 'text/html',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  png: 'image/png',
  woff2: 'font/woff2',
})
  .map(([extension, type]) => `  { extension = ".${extension}", mime_type = "${type}" }`)
  .join(',\n')}
)
`;

async function answering(address: string, child: ChildProcess, log: () => string): Promise<void> {
  const until = Date.now() + startMs;
  while (child.exitCode === null && child.signalCode === null && Date.now() < until) {
    const answer = await fetch(address).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return;
    await pause(25);
  }
  throw new Error(`glewlwyd did not start: ${log()}`);
}

type Create = (what: string, value: object) => Promise<void>;

/** Signs in as the administrator whom the empty database has. */
async function administrator(url: string): Promise<Create> {
  const signedIn = await fetch(`${url}/api/auth/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'password' }),
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return async (what, value) => {
    const headers = { 'content-type': 'application/json', cookie };
    const answer = await fetch(`${url}/api/${what}/`, { method: 'POST', headers, body: JSON.stringify(value) });
    if (!answer.ok) throw new Error(`glewlwyd refused ${what}: ${answer.status} ${await answer.text()}`);
  };
}

async function setUp(url: string, create: Create): Promise<void> {
  for (const name of scopes.filter((each) => each !== 'openid'))
    await create('scope', { name, display_name: name, password_required: true, password_max_age: 0, scheme: {} });
  await create('mod/plugin', { module: 'oidc', name: plugin, display_name: 'OpenID Connect', parameters: oidc(url) });
}

function oidc(url: string): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: 'glewlwyd', alg: 'ES256', use: 'sig' };
  return {
    iss: `${url}/api/${plugin}`,
    'jwks-private': JSON.stringify({ keys: [key] }),
    'default-kid': 'glewlwyd',
    'jwt-type': 'ecdsa',
    'jwt-key-size': '256',
    'subject-type': 'public',
    'access-token-duration': 3600,
    'refresh-token-duration': 1_209_600,
    'code-duration': 60,
    'refresh-token-rolling': true,
    'allow-non-oidc': false,
    'auth-type-code-enabled': true,
    'auth-type-token-enabled': false,
    'auth-type-id-token-enabled': true,
    'auth-type-password-enabled': false,
    'auth-type-client-enabled': false,
    'auth-type-refresh-enabled': true,
    'jwks-show': true,
    'pkce-allowed': true,
    'pkce-required': true,
    'pkce-method-plain-allowed': false,
    'oauth-as-iss-id': true,
    'allowed-scope': scopes,
    'name-claim': 'mandatory',
    'name-claim-scope': [],
    'email-claim': 'on-demand',
    'email-claim-scope': ['email'],
    'scope-claim': 'no',
    'scope-claim-scope': [],
    claims: [{ name: 'groups', 'user-property': 'groups', type: 'string', mandatory: true, scope: [] }],
  };
}
