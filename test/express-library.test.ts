// What `protect` does for an app that holds it in hand: settings, pages of other origins, step-up, the kill switch, the audit log, the end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import express from 'express';
import { EntraIdServerAuthProvider, protect, requireBearerAuth } from '../src/express.ts';
import type { Genkan, ProtectSettings } from '../src/express.ts';
import { openEventStream } from './support/event-stream.ts';
import { post } from './support/mcp-post.ts';
import { obtainTokens } from './support/oauth-client.ts';
import { startOidcStandIn } from './support/oidc-stand-in.ts';
import type { OidcStandIn } from './support/oidc-stand-in.ts';
import { until } from './support/stdio-genkan.ts';
import { freePort } from './support/free-port.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-library-'));
const call = (name: string) => ({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } });

let provider: OidcStandIn;
let genkan: Genkan;
let settings: ProtectSettings;
let listener: Server;
let url: string;

before(async () => {
  provider = await startOidcStandIn();
  provider.person = { sub: 'dana', name: 'Dana', preferred_username: 'dana@example.com', groups: ['makers'] };
  url = `http://127.0.0.1:${await freePort()}`;
  settings = {
    publicUrl: url,
    data: path.join(folder, 'data'),
    identity: {
      provider: { issuer: provider.issuer, allowInsecureIssuer: true, clientId: 'app' },
      scopes: 'least',
    },
    resources: ['/mcp', '/notes/mcp'],
    gateway: { allowedOrigins: ['https://inspector.example'], drainSeconds: 5 },
  };
  const app = express();
  genkan = await protect(app, settings);
  app.get('/', (_request, response) => void response.send('open to everybody'));
  app.post('/mcp/write', requireBearerAuth({ provider: genkan, requiredScopes: ['mcp:write'] }));
  app.get('/mcp/stream', (_request, response) => void response.type('text/event-stream').write(': hello\n\n'));
  app.use(['/mcp', '/notes/mcp'], express.json(), (request, response) => void response.json(request.body));
  listener = app.listen(Number(new URL(url).port));
  await once(listener, 'listening');
});
after(async () => {
  await genkan.close();
  listener.closeAllConnections();
  listener.close();
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

test('everything at and below the resources is closed, however it is written; the rest of the app is as it was', async () => {
  for (const address of ['/mcp', '/MCP', '/mcp/', '/mcp/anything', '/Mcp/Anything', '/notes/mcp', '/NOTES//mcp'])
    assert.equal((await post(url + address, call('x'))).status, 401, address);
  assert.equal(await (await fetch(`${url}/`)).text(), 'open to everybody');
  assert.equal((await fetch(`${url}/.well-known/oauth-protected-resource/notes/mcp`)).status, 200);
});

test('a token for one of the resources is none for the other', async () => {
  const { tokens } = await obtainTokens(url, `${url}/mcp`);
  assert.equal((await post(`${url}/mcp`, call('x'), { token: tokens.access_token })).status, 200);
  assert.equal((await post(`${url}/notes/mcp`, call('x'), { token: tokens.access_token })).status, 401);
});

test('pages of other origins, and names that only resolve to us, are refused; those that are allowed may ask', async () => {
  const { tokens } = await obtainTokens(url, `${url}/mcp`);
  const token = tokens.access_token;
  for (const address of ['/mcp', '/oauth/token', '/signin/x']) {
    assert.equal(
      (await post(url + address, call('x'), { token, headers: { origin: 'https://evil.example' } })).status,
      403,
    );
    assert.equal((await post(url + address, call('x'), { token, headers: { host: 'evil.example' } })).status, 421);
  }
  const origin = 'https://inspector.example';
  const asked = await fetch(`${url}/mcp`, { method: 'OPTIONS', headers: { origin } });
  assert.deepEqual([asked.status, asked.headers.get('access-control-allow-origin')], [204, origin]);
  assert.equal((await post(`${url}/mcp`, call('x'), { token, headers: { origin } })).status, 200);
});

test('a handler that wants more than reading makes the client ask its person for it', async () => {
  const { tokens } = await obtainTokens(url, `${url}/mcp`);
  const refused = await post(`${url}/mcp/write`, call('x'), { token: tokens.access_token });
  assert.equal(refused.status, 403);
  const challenge = refused.headers['www-authenticate'] ?? '';
  assert.match(challenge, /error="insufficient_scope"/);
  assert.match(challenge, /scope="mcp:read mcp:write"/);
  await post(`${url}/mcp`, call('afterwards'), { token: tokens.access_token });
  const records = await until(async () => {
    const listed = await genkan.audit.list({ limit: 100 });
    return listed.some(({ resource }) => resource === '/mcp/tools/afterwards') && listed;
  });
  const refusals = records.filter(({ action }) => action === 'http.post');
  assert.deepEqual(
    refusals.map(({ result, resource, details }) => [result, resource, details['code']]),
    [['challenged', '/mcp', 'identity_scope_missing']],
  );
  assert.throws(() => requireBearerAuth({ provider: genkan, requiredScopes: ['User.Read'] }), /Microsoft Graph/);
});

test('whoever is kept out loses stream and token at once; calls stand in an audit log that proves itself', async () => {
  const { tokens } = await obtainTokens(url, `${url}/mcp`);
  const token = tokens.access_token;
  await post(`${url}/mcp`, call('lookUp'), { token });
  const stream = await openEventStream(`${url}/mcp/stream`, undefined, { token });
  await stream.until(/hello/);
  const person = `${provider.issuer}#dana`;
  await genkan.killSwitch.disablePerson(person, { by: 'operator', reason: 'left' });
  await stream.ended;
  assert.equal((await post(`${url}/mcp`, call('x'), { token })).status, 401);
  await genkan.killSwitch.enablePerson(person, { by: 'operator', reason: 'back' });

  const records = await genkan.audit.list({ limit: 100 });
  assert.ok(
    records.some(
      ({ action, resource, user }) => action === 'tools/call' && resource === '/mcp/tools/lookUp' && user === person,
    ),
  );
  assert.ok(!JSON.stringify(records).includes(token));
  assert.equal((await genkan.audit.verify()).ok, true);
});

test('mistakes are explained where they stand, and a data directory serves one process', async () => {
  const app = { use: () => undefined };
  const wrong = (more: object) => protect(app, { ...settings, ...more } as ProtectSettings);
  await assert.rejects(wrong({ publicUrl: 'http://mcp.example.com' }), /protect\(app, …\).*https/s);
  await assert.rejects(wrong({ resource: ['/mcp'] }), /resources/);
  await assert.rejects(wrong({ resources: ['/oauth/mcp'] }), /Genkan answers at this path itself/);
  await assert.rejects(wrong({}), { code: 'record_unavailable' });
  const entra = { tenant: 'common', clientId: 'x', credential: { secret: { source: 'env', name: 'X' } } } as const;
  await assert.rejects(EntraIdServerAuthProvider.open({ publicUrl: url, ...entra }), /personal Microsoft accounts/);
});
