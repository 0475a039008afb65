// The audit of credentials of any application: age, end, rights, last use, and what is of concern; and what can be said without Graph.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GenkanError } from '../src/base/errors.ts';
import { createGraphClient } from '../src/identity/conditional-access/graph-client.ts';
import type { Graph } from '../src/identity/conditional-access/directory.ts';
import { auditCredentials } from '../src/identity/entra/credentials-audit.ts';
import { startEntra } from './support/entra.ts';
import { startGraph } from './support/graph.ts';
import { graphAppId } from './support/rotation-house.ts';

const dayMs = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * dayMs).toISOString();

async function open(permissions: readonly string[]) {
  const entra = await startEntra();
  entra.trust();
  const graph = await startGraph(entra);
  const { directory } = entra.state;
  directory.graph.application.identifierUris.push(graph.url);
  const reader = entra.addApp({ displayName: 'reader', secret: 'reader', permissions: { [graphAppId]: permissions } });
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: reader.clientId,
    client_secret: 'reader',
    scope: `${graph.url}/.default`,
  });
  const answer = await fetch(`${entra.authority}/oauth2/v2.0/token`, { method: 'POST', body });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const client: Graph = createGraphClient({ graphUrl: graph.url, token: () => Promise.resolve(token), fetch });
  return {
    entra,
    client,
    reader,
    async [Symbol.asyncDispose]() {
      await graph[Symbol.asyncDispose]();
      await entra[Symbol.asyncDispose]();
    },
  };
}

test('tells of every application what is old, ends, lasts too long, may too much or lies unused', async () => {
  await using all = await open(['Application.Read.All', 'AuditLog.Read.All']);
  const { entra, client, reader } = all;
  const old = entra.addApp({
    displayName: 'old',
    permissions: { [graphAppId]: ['Directory.ReadWrite.All', 'User.Read.All'] },
  });
  const entry = (keyId: string, startDateTime: string, endDateTime: string) => ({
    keyId,
    displayName: keyId,
    startDateTime,
    endDateTime,
  });
  old.application.passwordCredentials.push(
    entry('of-2023', ago(800), ago(70)),
    entry('of-last-spring', ago(200), ago(-10)),
    entry('for-ever', ago(10), ago(-3000)),
  );
  entra.state.uses.set('of-last-spring', Date.now() - 100 * dayMs);
  const federated = entra.addApp({
    displayName: 'federated',
    federated: { issuer: 'https://issuer.example', subject: 'x' },
  });
  entra.addApp({ displayName: 'without any' });

  const { credentials, unseen } = await auditCredentials(client, 'all', Date.now());
  assert.deepEqual(unseen, []);
  const about = (id: string) => credentials.find((each) => each.id === id || each.app === id)!;
  assert.deepEqual(about('of-2023').concerns, ['old', 'expired', 'high privilege']);
  assert.deepEqual(about('of-last-spring').concerns, ['old', 'expires soon', 'high privilege', 'unused']);
  assert.deepEqual(about('for-ever').concerns, ['long-lived', 'high privilege']);
  assert.deepEqual(about('for-ever').rights, ['Directory.ReadWrite.All', 'User.Read.All']);
  assert.equal(about('of-last-spring').ageDays, 200);
  assert.deepEqual([about(federated.clientId).kind, about(federated.clientId).concerns], ['federated', []]);
  assert.deepEqual(about(reader.clientId).rights, ['Application.Read.All', 'AuditLog.Read.All']);
  assert.ok(Date.now() - about(reader.clientId).lastUsedAtMs! < 60_000);
  assert.ok(credentials.every(({ appName }) => appName !== 'without any'));

  const one = await auditCredentials(client, old.clientId, Date.now());
  assert.equal(one.credentials.length, 3);
  await assert.rejects(auditCredentials(client, '00000000-0000-4000-8000-000000000000', Date.now()), {
    code: 'operation_not_found',
  });
});

test('says what may not be seen instead of calling it well', async () => {
  await using all = await open(['Application.Read.All']);
  const { credentials, unseen } = await auditCredentials(all.client, all.reader.clientId, Date.now());
  assert.equal(credentials.length, 1);
  assert.equal(credentials[0]!.lastUsedAtMs, undefined);
  assert.match(unseen.join('\n'), /^when credentials were used last: Microsoft Graph answered GET .* with 403/);
  await using none = await open(['User.Read.All']);
  await assert.rejects(auditCredentials(none.client, 'all', Date.now()), (error) => {
    assert.ok(error instanceof GenkanError);
    assert.deepEqual(error.data, { status: 403 });
    return true;
  });
});
