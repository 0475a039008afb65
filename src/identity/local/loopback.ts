// Where the browser comes back to: a listener on this machine alone, for one sign-in, that hears nothing but its answer (RFC 8252 §7.3).
import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { languageOf, t } from '../../base/text.ts';
import { html } from '../html.ts';
import { sendPage } from '../page.ts';
import { loopbackTexts } from './loopback-texts.ts';

export interface Loopback {
  readonly redirectUri: string;
  /** Resolves with what the provider sent, once the right sign-in has come back. What others send changes nothing. */
  readonly callback: Promise<URL>;
  close(): void;
}

const maxFormBytes = 65_536;
const attempts = 5;

/**
 * @param host as the provider knows the redirect. Where it is a name, both addresses behind it are taken, lest somebody
 *   else listens at the other
 * @param state of the one sign-in that is waited for
 */
export async function listenOnLoopback(host: '127.0.0.1' | 'localhost', state: string): Promise<Loopback> {
  const { promise: callback, resolve } = Promise.withResolvers<URL>();
  let port = 0;
  const servers: Server[] = [];
  const origin = (): string => `http://${host}:${port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('connection', 'close');
    response.setHeader('referrer-policy', 'no-referrer'); // the address of this page may hold the code
    const url = URL.parse(request.url ?? '', origin());
    // DNS rebinding: a page of a foreign name that resolves to us still sends its own.
    const known = request.headers.host === `${host}:${port}` && url?.pathname === '/';
    const given = !known
      ? undefined
      : request.method === 'GET'
        ? url.searchParams
        : request.method === 'POST'
          ? await formOf(request)
          : undefined;
    if (given === undefined || !isSame(given.getAll('state'), state)) return page(request, response, 404, 'unknown');
    const back = new URL(origin());
    for (const [name, value] of given) back.searchParams.append(name, value);
    page(request, response, 200, given.has('error') ? 'failed' : 'done');
    resolve(back);
  }

  const listen = (address: string, wanted: number): Promise<Server> =>
    new Promise((settle, reject) => {
      const server = createServer({ maxHeaderSize: 32_768, requestTimeout: 10_000 }, (request, response) => {
        answer(request, response).catch(() => response.destroy());
      });
      server.once('error', reject);
      server.listen(wanted, address, () => settle(server));
    });

  for (let attempt = 1; servers.length === 0; attempt++) {
    const first = await listen('127.0.0.1', 0);
    ({ port } = first.address() as AddressInfo);
    servers.push(first);
    if (host !== 'localhost') break;
    try {
      servers.push(await listen('::1', port));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') break; // there is no IPv6 here, for anybody
      first.close();
      servers.length = 0;
      if (attempt === attempts) throw error;
    }
  }

  return {
    redirectUri: host === 'localhost' ? origin() : `${origin()}/`,
    callback,
    close() {
      for (const server of servers) server.close();
    },
  };
}

function isSame(given: readonly string[], state: string): boolean {
  const [only, ...more] = given.map((text) => Buffer.from(text));
  const expected = Buffer.from(state);
  return only !== undefined && more.length === 0 && only.length === expected.length && timingSafeEqual(only, expected);
}

/** `response_mode=form_post` (OAuth 2.0 Form Post Response Mode): the code does not stand in an address. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (!/^application\/x-www-form-urlencoded(;|$)/i.test(request.headers['content-type'] ?? '')) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxFormBytes) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function page(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  which: keyof typeof loopbackTexts,
): void {
  const language = languageOf(request.headers['accept-language']);
  const { title, text } = loopbackTexts[which];
  const body = html`<h1>${t(title, language)}</h1>
    <p>${t(text, language)}</p>`;
  // Without the address that was asked for: a link to another language would carry the code on.
  const shown = { method: 'POST', url: '/', headers: {} } as IncomingMessage;
  sendPage(shown, response, { status, title: t(title, language), body }, language);
}
