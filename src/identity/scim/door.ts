// The SCIM 2.0 endpoint (RFC 7644) at which a directory says who is still one of its people. One bearer, no other way in.
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../base/log.ts';
import type { ResolveSecret, SecretReference } from '../../base/secret.ts';
import type { IdentityRecord, Origin } from '../identity-record.ts';
import { createRateWindow } from '../rate-window.ts';
import { createDiscovery } from './discovery.ts';
import { createGroups } from './groups.ts';
import { personIds } from './person-ids.ts';
import type { Provider } from './person-ids.ts';
import { invalid, ScimProblem } from './problem.ts';
import { shown } from './resources.ts';
import type { ScimSettings } from './settings.ts';
import { createUsers, directory } from './users.ts';
import type { Collection, Done, ScimNeighbours } from './users.ts';

interface ScimDoor {
  owns(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface ScimDoorNeighbours extends Omit<ScimNeighbours, 'base'> {
  readonly issuer: string;
  readonly provider: Provider;
  readonly secret: ResolveSecret;
  readonly record: IdentityRecord;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly log: Log;
}

const place = '/scim/v2';
const route =
  /^\/scim\/v2\/(?:(Users|Groups)(?:\/([\w-]{1,100}))?|(ServiceProviderConfig|ResourceTypes|Schemas)(?:\/([\w:.]{1,100}))?)$/;
const maxBodyBytes = 1_048_576;
/** Entra ID sends up to 25 requests a second. */
const requestsPerMinute = 3000;
const failuresPerMinute = 10;
/** What can be guessed is no secret. */
const minTokenLength = 32;

export function createScimDoor(settings: ScimSettings, neighbours: ScimDoorNeighbours): ScimDoor {
  const { issuer, secret, record, originOf, clock, log } = neighbours;
  const base = issuer + place;
  const personOf = personIds(settings, neighbours.provider);
  const collections: Readonly<Record<string, Collection>> = {
    Users: createUsers({ ...neighbours, base }, personOf),
    Groups: createGroups({ ...neighbours, base }),
  };
  const discovery = createDiscovery(base);
  const [arrivals, failures] = [createRateWindow(clock, 60_000), createRateWindow(clock, 60_000)];

  async function tokenDigest(reference: SecretReference): Promise<Buffer> {
    const token = await secret(reference).catch((error: unknown) => {
      log.error({ err: error }, 'the token of the directory cannot be had');
      throw new ScimProblem(503, 'the endpoint is not ready');
    });
    if (token.length >= minTokenLength) return digest(token);
    log.error(`the token of the directory is shorter than ${minTokenLength} characters and is not accepted`);
    throw new ScimProblem(503, 'the endpoint is not ready');
  }

  /** Whoever shows the right token gets in, also while others are guessing: the directory must be able to keep people out. */
  async function authenticate(request: IncomingMessage): Promise<void> {
    const given = digest(/^Bearer +([\x21-\x7e]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const references = settings.nextToken === undefined ? [settings.token] : [settings.token, settings.nextToken];
    const digests = await Promise.all(references.map(tokenDigest));
    if (digests.map((wanted) => timingSafeEqual(given, wanted)).includes(true)) return;
    const origin = originOf(request);
    record.refused({ action: 'scim.refused', result: 'denied', details: { code: 'identity_token_invalid' } }, origin);
    if (failures.count(origin.sourceIP) > failuresPerMinute) throw new ScimProblem(429, 'too many attempts');
    throw new ScimProblem(401, 'this is not the token of the directory');
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await authenticate(request);
    if (arrivals.count('all') > requestsPerMinute) throw new ScimProblem(429, 'too many requests');
    const [path = '', search = ''] = (request.url ?? '').split('?', 2);
    const [, name, id, document, documentId] = route.exec(path) ?? [];
    const method = request.method ?? '';
    if (document !== undefined) {
      if (method !== 'GET') throw new ScimProblem(405, 'this can only be read');
      return send(response, 200, discovery.answer(document as 'Schemas', documentId));
    }
    const collection = name === undefined ? undefined : collections[name];
    if (collection === undefined) throw new ScimProblem(404, 'there is no such address');
    const query = new URLSearchParams(search);
    if (method === 'GET') return read(request, response, collection, id, query);
    const done = await act(request, collection, method, id);
    const verb = { POST: 'created', PUT: 'replaced', PATCH: 'changed', DELETE: 'deleted' }[method]!;
    await record.write(
      {
        action: `scim.${name!.slice(0, -1).toLowerCase()}.${verb}`,
        user: directory,
        resource: `${place}/${name}/${id ?? done.resource?.id ?? ''}`,
        result: 'allowed',
        details: done.about,
      },
      originOf(request),
    );
    const body = done.body === undefined ? undefined : shown(done.body as typeof done.resource & object, query);
    if (done.resource !== undefined) {
      response.setHeader('etag', done.resource.meta.version);
      if (done.status === 201) response.setHeader('location', done.resource.meta.location);
    }
    send(response, done.status, body);
  }

  async function read(
    request: IncomingMessage,
    response: ServerResponse,
    collection: Collection,
    id: string | undefined,
    query: URLSearchParams,
  ): Promise<void> {
    if (id === undefined) return send(response, 200, await collection.list(query));
    const resource = await collection.get(id, query);
    response.setHeader('etag', resource.meta.version);
    if (request.headers['if-none-match'] === resource.meta.version) return send(response, 304, undefined);
    send(response, 200, shown(resource, query));
  }

  return {
    owns: (path) => path === place || path.startsWith(`${place}/`),
    handle: (request, response) =>
      answer(request, response).catch((error: unknown) => {
        if (response.headersSent) return void response.destroy();
        if (!(error instanceof ScimProblem)) log.error({ err: error }, 'a request of the directory failed');
        const problem =
          error instanceof ScimProblem ? error : new ScimProblem(500, 'that did not work; it is in the log');
        if (problem.status === 401) response.setHeader('www-authenticate', 'Bearer'); // RFC 7644 §2
        if (problem.status === 429) response.setHeader('retry-after', '60');
        if (!request.complete) response.setHeader('connection', 'close');
        send(response, problem.status, problem);
      }),
  };
}

async function act(
  request: IncomingMessage,
  collection: Collection,
  method: string,
  id: string | undefined,
): Promise<Done> {
  const ifMatch = request.headers['if-match'];
  if (method === 'POST' && id === undefined) return collection.create(await readBody(request));
  if (id !== undefined && method === 'PUT') return collection.replace(id, await readBody(request), ifMatch);
  if (id !== undefined && method === 'PATCH') return collection.patch(id, await readBody(request), ifMatch);
  if (id !== undefined && method === 'DELETE') return collection.remove(id, ifMatch);
  throw new ScimProblem(405, 'that cannot be done here');
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  if (!/^application\/(?:scim\+)?json$/i.test(type.trim()))
    throw new ScimProblem(415, 'the body must be application/scim+json');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new ScimProblem(413, 'the body is too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw invalid('invalidSyntax', 'the body is no JSON');
  }
}

function send(response: ServerResponse, status: number, value: object | undefined): void {
  const body = value === undefined ? undefined : Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(body && { 'content-type': 'application/scim+json', 'content-length': body.length }),
  });
  response.end(body);
}

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
