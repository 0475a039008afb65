// The Microsoft Graph stand-in: whom it believes, what it tells, and that changes hold at the Entra stand-in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { SignJWT } from 'jose';
import { createCertificate, startEntra } from './support/entra.ts';
import type { Entra, Registration } from './support/entra.ts';
import { startGraph } from './support/graph.ts';
import type { Graph } from './support/graph.ts';

let entra: Entra;
let graph: Graph;
let administrator: Registration;

before(async () => {
  entra = await startEntra();
  entra.trust();
  graph = await startGraph(entra);
  administrator = entra.addApp({
    secret: 'secret of the administrator',
    permissions: {
      'https://graph.microsoft.com': ['Application.ReadWrite.All', 'Directory.Read.All', 'Policy.Read.All'],
    },
  });
});
after(async () => {
  await graph[Symbol.asyncDispose]();
  await entra[Symbol.asyncDispose]();
});

const tokenOf = async ({ clientId }: Registration, clientSecret: string): Promise<string> => {
  const auth = { clientId, clientSecret, authority: entra.authority, knownAuthorities: [entra.host] };
  const app = new ConfidentialClientApplication({ auth });
  const result = await app.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] });
  return result!.accessToken;
};

async function ask(path: string, init: { method?: string; body?: object; token?: string } = {}) {
  const token = init.token ?? (await tokenOf(administrator, 'secret of the administrator'));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const address = path.startsWith('https:') ? path : `${graph.url}/v1.0${path}`;
  return fetch(address, { method: init.method ?? 'GET', headers, body: init.body && JSON.stringify(init.body) });
}
const json = async (answer: Promise<Response>) => (await (await answer).json()) as Record<string, any>;

test('believes tokens of its own tenant and audience alone', async () => {
  assert.equal((await ask('/users', { token: 'not.a.token' })).status, 401);
  assert.equal((await ask('/users')).status, 200, 'the control');
  assert.equal((await ask('/identity/conditionalAccess/policies', { method: 'POST', body: {} })).status, 403);
});

test('pages groups by the hundred, and more than two hundred of one person', async () => {
  const many = Array.from({ length: 450 }, (_, at) => entra.addGroup(`group ${at}`));
  const { oid } = entra.addUser({ upn: 'many@contoso.example', name: 'Many Groups', groups: many });
  graph.memberObjectsPage = 200;
  const got: string[] = [];
  let body = { securityEnabledOnly: true } as object | undefined;
  for (let next: string | undefined = `/users/${oid}/getMemberObjects`; next !== undefined; body = undefined) {
    const page: Record<string, any> = await json(ask(next, { method: body ? 'POST' : 'GET', ...(body && { body }) }));
    got.push(...(page['value'] as string[]));
    next = page['@odata.nextLink'] as string | undefined;
  }
  assert.deepEqual(got, many);
  const named = await json(ask(`/groups?$filter=displayName eq 'group 7'&$select=id`));
  assert.deepEqual(named['value'], [{ id: many[7] }]);
});

test('throttles on demand and says for how long', async () => {
  graph.throttle(1, 3);
  const answer = await ask('/users');
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '3']);
  assert.equal((await ask('/users')).status, 200);
});

test('what is changed of an application holds for its sign-ins and tokens', async () => {
  const app = entra.addApp({ displayName: 'to be changed' });
  const path = `/applications(appId='${app.clientId}')`;
  const { secretText, keyId } = await json(ask(`${path}/addPassword`, { method: 'POST', body: {} }));
  await tokenOf(app, secretText as string);
  assert.equal((await ask(`${path}/removePassword`, { method: 'POST', body: { keyId } })).status, 204);
  await assert.rejects(tokenOf(app, secretText as string), /7000215/);

  const web = { redirectUris: ['https://genkan.example/auth/callback'] };
  assert.equal((await ask(path, { method: 'PATCH', body: { web } })).status, 204);
  assert.deepEqual(app.application.web.redirectUris, web.redirectUris);
  const credential = { name: 'workload', issuer: 'https://issuer.example', subject: 's', audiences: ['api://x'] };
  const made = await ask(`${path}/federatedIdentityCredentials`, { method: 'POST', body: credential });
  assert.equal(made.status, 201);
  assert.equal((await json(ask(`${path}/federatedIdentityCredentials`)))['value'].length, 1);
});

test('gives memberships of one type to who asks for an advanced query, as Graph does', async () => {
  const makers = entra.addGroup('makers');
  const { oid } = entra.addUser({ upn: 'one@contoso.example', name: 'One Group', groups: [makers] });
  const address = `${graph.url}/v1.0/users/${oid}/transitiveMemberOf/microsoft.graph.group?$select=id&$count=true`;
  const token = await tokenOf(administrator, 'secret of the administrator');
  const authorization = `Bearer ${token}`;
  assert.equal((await fetch(address, { headers: { authorization } })).status, 400);
  const answer = await fetch(address, { headers: { authorization, consistencylevel: 'eventual' } });
  const { value } = (await answer.json()) as { value: { id: string }[] };
  assert.deepEqual(
    value.map(({ id }) => id),
    [makers],
  );
});

test('adds a certificate for who proves to hold one already', async () => {
  const [first, second] = ['first', 'second'].map((name) => createCertificate({ name, key: 'rsa' }));
  const app = entra.addApp({ certificatePem: first!.pem });
  const keyCredential = {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: second!.certificate.raw.toString('base64'),
  };
  const add = async (signer: typeof first) => {
    const proof = await new SignJWT({ aud: '00000002-0000-0000-c000-000000000000', iss: app.application.id })
      .setProtectedHeader({ alg: 'RS256' })
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime('10m')
      .sign(signer!.privateKey);
    const path = `/applications/${app.application.id}/addKey`;
    return ask(path, { method: 'POST', body: { keyCredential, passwordCredential: null, proof } });
  };
  assert.equal((await add(second)).status, 401);
  assert.equal((await add(first)).status, 200);
  assert.equal(app.application.keyCredentials.length, 2);
});

test('keeps conditional access policies and makes authentication contexts by changing them', async () => {
  const keeper = entra.addApp({
    secret: 'secret of the keeper',
    permissions: { 'https://graph.microsoft.com': ['Policy.Read.All', 'Policy.ReadWrite.ConditionalAccess'] },
  });
  const token = await tokenOf(keeper, 'secret of the keeper');
  const base = '/identity/conditionalAccess';
  const policy = { displayName: 'Strong', state: 'enabled', conditions: { applications: { includeApplications: [] } } };
  const { id } = await json(ask(`${base}/policies`, { method: 'POST', body: policy, token }));
  const off = await ask(`${base}/policies/${id}`, { method: 'PATCH', body: { state: 'disabled' }, token });
  assert.equal(off.status, 204);
  assert.equal((await json(ask(`${base}/policies`, { token })))['value'][0].state, 'disabled');

  const contexts = `${base}/authenticationContextClassReferences`;
  const body = { displayName: 'Stronger', isAvailable: true };
  assert.equal((await ask(`${contexts}/c2`, { method: 'PATCH', body, token })).status, 204);
  const ids = (await json(ask(contexts, { token })))['value'].map(({ id }: { id: string }) => id);
  assert.deepEqual(ids, ['c1', 'c2']);
});
