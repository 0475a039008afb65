// The REST door over a real socket: who gets in, what is offered, and how refusals look.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { dana, standInHouse } from '../../test/support/operations-house.ts';
import { refuse } from '../base/errors.ts';
import { operatorKeyFile } from './operator.ts';
import { findOperation, operations } from './registry.ts';
import { createRestDoor } from './rest-door.ts';
import { routeOf } from './open-api.ts';

const keysDirectory = path.join(mkdtempSync(path.join(os.tmpdir(), 'genkan-rest-')), 'keys');
const { house, entries, steps } = standInHouse({ rights: ['genkan/server/list', 'genkan/trial/token'] });
const door = createRestDoor(house, {
  verify: (authorization) =>
    authorization === 'Bearer good'
      ? { outcome: 'allow', principal: dana.principal }
      : refuse('identity_token_invalid', {}, { outcome: 'challenge' }),
  challenge: ({ code }) => `Bearer error="${code}"`,
  secondFactor: 'c1',
  keysDirectory,
  sourceAddress: () => '192.0.2.1',
});
const server = createServer((request, response) => void door.handle(request, response));
let url = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  rmSync(path.dirname(keysDirectory), { recursive: true });
});

const key = (): string => readFileSync(operatorKeyFile(keysDirectory), 'utf8').trim();

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function call(
  route: string,
  authorization: string | undefined,
  body: unknown = {},
  init: RequestInit = {},
): Promise<Answer> {
  const headers = {
    'content-type': 'application/json',
    ...(authorization && { authorization }),
    ...(init.headers as object),
  };
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url + route, { method: 'POST', body: payload, ...init, headers });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

test('carries out an operation for the bearer of a token who has the right', async () => {
  const { status, headers, body } = await call('/api/server/list', 'Bearer good');
  assert.equal(status, 200);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.deepEqual(
    (body['servers'] as { name: string }[]).map(({ name }) => name),
    ['files'],
  );
  assert.equal(entries.at(-1)?.user, dana.principal.id);
});

test('refuses a bearer without the right as problem details that name the missing action', async () => {
  const { status, headers, body } = await call('/api/role/list', 'Bearer good');
  assert.equal(status, 403);
  assert.equal(headers.get('content-type'), 'application/problem+json');
  assert.equal(body['code'], 'access_action_missing');
  assert.deepEqual(body['missing'], ['genkan/role/list']);
});

test('challenges whoever has no valid token, on record, and tells them nothing more', async () => {
  for (const route of ['/api/server/list', '/api/no/such']) {
    const { status, headers, body } = await call(route, undefined);
    assert.equal(status, 401);
    assert.equal(headers.get('www-authenticate'), 'Bearer error="identity_token_invalid"');
    assert.equal(body['code'], 'identity_token_invalid');
    assert.equal(entries.at(-1)?.result, 'challenged');
  }
});

test('says what to ask a person for who lacks the second factor', async () => {
  Object.assign(house, { approvals: { decide: async () => refuse('access_approval_mfa') } });
  const { status, headers, body } = await call('/api/approval/approve', 'Bearer good', { id: 'a' });
  assert.equal(status, 403);
  assert.equal(headers.get('www-authenticate'), 'Bearer error="access_approval_mfa"');
  assert.deepEqual([body['scope'], body['acr_values']], ['admin auth:c1', 'c1']);
});

test('answers in the language of the caller', async () => {
  const { body } = await call('/api/role/list', 'Bearer good', {}, { headers: { 'accept-language': 'ja' } });
  assert.match(String(body['title']), /ロール/);
});

test('lets the operator in by the key that lies in the data directory', async () => {
  const { status } = await call('/api/role/list', `Operator ${key()}`);
  assert.equal(status, 200);
  assert.equal(entries.at(-1)?.user, 'operator');
});

test('keeps what is for the command line alone from bearers, even with the right', async () => {
  const forBearer = await call('/api/trial/token', 'Bearer good', { as: 'dana' });
  assert.equal(forBearer.status, 404);
  assert.equal(forBearer.body['code'], 'operation_unknown');
  const forOperator = await call('/api/trial/token', `Operator ${key()}`, { as: 'dana' });
  assert.equal(forOperator.body['code'], 'operation_trial_only');
});

test('has no route outside the registry', async () => {
  const known = new Set(operations.map(routeOf));
  const nouns = [...new Set(operations.map(({ id }) => id.split('.')[0]!)), 'admin', 'api', '__proto__'];
  const verbs = [...new Set(operations.map(({ id }) => id.split('.')[1]!)), 'run', 'constructor'];
  const routes = nouns.flatMap((noun, at) =>
    verbs.map((verb, index) => ({ noun, verb, asked: (at + index) % 10 === 0 })),
  );
  for (const { noun, verb, asked } of routes) {
    const route = `/api/${noun}/${verb}`;
    if (known.has(route)) continue;
    assert.equal(findOperation(noun, verb), undefined, route);
    const isOdd = ['admin', 'api', '__proto__'].includes(noun) || ['run', 'constructor'].includes(verb);
    if (asked || isOdd) assert.equal((await call(route, `Operator ${key()}`)).body['code'], 'operation_unknown', route);
  }
});

test('describes exactly the operations that it offers to bearers', async () => {
  const description = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, { post: { operationId: string } }>;
  };
  assert.equal(description.openapi, '3.1.0');
  const offered = operations.filter(({ doors }) => doors.includes('rest'));
  assert.deepEqual(Object.keys(description.paths).sort(), offered.map(routeOf).sort());
  for (const { post } of Object.values(description.paths)) {
    assert.ok(offered.some(({ id }) => id === post.operationId));
  }
});

test('refuses other methods, other types, what is not JSON and what is too large, without running anything', async () => {
  const before = steps.length;
  const operator = `Operator ${key()}`;
  const get = await fetch(`${url}/api/role/list`, { headers: { authorization: operator } });
  assert.equal(get.status, 405);
  assert.equal(get.headers.get('allow'), 'POST');
  const text = await call('/api/role/list', operator, '{}', { headers: { 'content-type': 'text/plain' } });
  assert.equal(text.body['code'], 'inspect_media_type');
  assert.equal((await call('/api/role/list', operator, '{')).body['code'], 'inspect_not_json');
  assert.equal((await call('/api/role/list', operator, ' '.repeat(1_048_577))).status, 413);
  assert.equal(steps.length, before);
  assert.equal((await call('/api/role/list', operator, { surprise: 1 })).body['code'], 'operation_input_invalid');
});
