// Where programs of ours fetch tokens in a person's name: the managed identity of App Service, version 2019-08-01, on loopback.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { CallerToken } from '../../base/caller-tokens.ts';
import { GenkanError } from '../../base/errors.ts';
import { unguessableId } from '../../base/ids.ts';

/** What one process gets with which to ask for tokens. */
export interface Pass {
  readonly environment: Readonly<Record<string, string>>;
  readonly secret: string;
  /** From now on nobody gets anything for it. */
  end(): void;
}

export interface TokenEndpoint {
  /** Resolves once passes can be given out. */
  open(): Promise<void>;
  /** @param tokenFor answers for a resource; refuses by throwing a GenkanError, whose code the process is told */
  admit(tokenFor: (resource: string) => Promise<CallerToken>): Pass;
  close(): Promise<void>;
}

type TokenFor = (resource: string) => Promise<CallerToken>;

const limits = {
  maxHeaderSize: 8192,
  headersTimeout: 2000,
  requestTimeout: 5000,
  keepAliveTimeout: 1000,
  connectionsCheckingInterval: 1000,
};
const version = '2019-08-01';
/** Anybody on this machine can make it happen, so of a flood not every one is written. */
const warningPauseMs = 60_000;
/** Connections without a request that is being answered. Of more the oldest goes, so that none of our programs starves the others. */
const maxIdle = 128;
/** Requests of one process that are answered at once. */
const maxUnderWay = 16;
/** There is one identity for each process, so that none is to be chosen. */
const choices = ['client_id', 'principal_id', 'object_id', 'mi_res_id', 'msi_res_id'];

/** @param warn hears, now and then, that somebody asks who has no business to */
export function createTokenEndpoint(warn: (reason: string) => void = () => {}): TokenEndpoint {
  const passes = new Map<string, { readonly digest: Buffer; readonly tokenFor: TokenFor; underWay: number }>();
  const nobody = { digest: randomBytes(32), tokenFor: undefined, underWay: 0 };
  const idle = new Set<Socket>();
  // Imported, it would bring along what the rest of Node knows of HTTP, for many who have no such server.
  const server = process
    .getBuiltinModule('node:http')
    .createServer(limits, (ask, answer) => {
      idle.delete(ask.socket);
      answer.once('close', () => rest(ask.socket));
      handle(ask, answer).catch(() => refuse(answer, 500, 'it cannot be answered'));
    })
    .on('connection', (socket) => {
      socket.once('close', () => idle.delete(socket));
      rest(socket);
    });

  function rest(socket: Socket): void {
    if (socket.destroyed) return;
    idle.add(socket);
    if (idle.size > maxIdle) idle.values().next().value!.destroy();
  }

  let opening: Promise<void> | undefined;
  const host = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

  let warnedMs = -Infinity;

  function turnAway(answer: ServerResponse, status: number, reason: string): void {
    if (performance.now() - warnedMs > warningPauseMs) {
      warnedMs = performance.now();
      warn(reason);
    }
    refuse(answer, status, reason);
  }

  async function handle(ask: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { headers, method, url = '' } = ask;
    // Neither browsers, whatever name they know us by, nor proxies that were talked into asking.
    if (headers.host !== host() || headers.origin !== undefined || headers['x-forwarded-for'] !== undefined)
      return turnAway(answer, 400, 'it is asked for from elsewhere');
    const { pathname, searchParams } = new URL(url, `http://${host()}`);
    const pass = passes.get(pathname.slice(1)) ?? nobody;
    const { digest, tokenFor } = pass;
    const shown = headers['x-identity-header'];
    const good = timingSafeEqual(digestOf(typeof shown === 'string' ? shown : ''), digest);
    if (!good || tokenFor === undefined) return turnAway(answer, 401, 'X-IDENTITY-HEADER is missing or wrong');
    if (method !== 'GET') return refuse(answer, 405, 'tokens are asked for by GET');
    if (searchParams.get('api-version') !== version) return refuse(answer, 400, `the api-version is ${version}`);
    if (choices.some((name) => searchParams.has(name)))
      return refuse(answer, 400, 'there is no identity but that of the person who calls');
    const [resource, ...others] = searchParams.getAll('resource');
    if (resource === undefined || others.length > 0) return refuse(answer, 400, 'name one resource');
    if (pass.underWay >= maxUnderWay) return refuse(answer, 429, 'too much is asked for at once');
    pass.underWay++;
    try {
      const { token, expiresAtMs } = await tokenFor(resource);
      const expires_on = String(Math.floor(expiresAtMs / 1000));
      reply(answer, 200, { access_token: token, expires_on, resource, token_type: 'Bearer' });
    } catch (error) {
      if (!(error instanceof GenkanError)) throw error;
      // SDKs ask again after statuses that say "later", and none of this gets better by that.
      refuse(answer, 400, saidOf(error), error.code);
    } finally {
      pass.underWay--;
    }
  }

  return {
    open() {
      opening ??= new Promise((resolve, reject) => {
        server.once('error', reject).listen(0, '127.0.0.1', () => resolve());
        server.unref();
      });
      return opening;
    },
    admit(tokenFor) {
      const [id, secret] = [unguessableId(), randomBytes(32).toString('base64url')];
      passes.set(id, { digest: digestOf(secret), tokenFor, underWay: 0 });
      return {
        environment: { IDENTITY_ENDPOINT: `http://${host()}/${id}`, IDENTITY_HEADER: secret },
        secret,
        end: () => void passes.delete(id),
      };
    },
    async close() {
      passes.clear();
      if (opening === undefined) return;
      await opening.catch(() => undefined);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const said: Readonly<Partial<Record<GenkanError['code'], string>>> = {
  identity_sign_in_again: 'the person has to sign in again; with the next call Genkan says where',
  identity_consent_missing: 'an administrator has to consent to this resource first',
  identity_on_behalf_impossible: 'the identity provider gives no token for this resource in the name of the person',
};

const saidOf = ({ code }: GenkanError): string => said[code] ?? 'there is no token for this resource';

/** In the shapes of both App Service and OAuth, since SDKs read either. */
function refuse(answer: ServerResponse, status: number, message: string, code = 'invalid_request'): void {
  if (answer.headersSent) return;
  reply(answer, status, { statusCode: status, message, error: code, error_description: message });
}

function reply(answer: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  answer.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
