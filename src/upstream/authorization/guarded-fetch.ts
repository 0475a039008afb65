// Fetching what a server has named: addresses that a stranger chose. Where to, how much and how long is bounded.
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { addressClass } from '../../base/address-class.ts';
import type { AddressClass } from '../../base/address-class.ts';
import type { Lookup, Resolve } from '../../base/public-lookup.ts';

/** A request to an address that must not be asked. */
export class AddressRefused extends Error {}

export interface GuardedFetch {
  /** As `fetch`; redirects are answers, a large or slow answer is an error. */
  readonly fetch: (url: string | URL, options?: RequestInit) => Promise<Response>;
  /** @throws AddressRefused when nobody should be sent to this address, be it we or a browser */
  check(url: string | URL): URL;
  close(): Promise<void>;
}

export interface GuardOptions {
  /** Address of the MCP server itself, which an administrator has chosen. */
  readonly home: string;
  /** Permits http:// to other machines, where the server itself is reached so. */
  readonly insecureHttp: boolean;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  /** All addresses of a name, as the system finds them unless told otherwise. */
  readonly resolve?: Resolve;
}

/**
 * Nothing in an inner network is asked, unless the MCP server itself is in that part of the network: then its authorization
 * server may be as well. The address is checked when it is connected to, so that a name cannot turn to another in between.
 */
export function createGuardedFetch({
  home,
  insecureHttp,
  maxBytes = 262_144,
  timeoutMs = 10_000,
  resolve = systemLookup,
}: GuardOptions): GuardedFetch {
  const server = new URL(home);
  let homeClass: Promise<AddressClass> | undefined;

  const lookup: Lookup = (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '');
      void permittedOf(found).then((permitted) => {
        const [first] = permitted;
        if (first === undefined) return callback(new AddressRefused(`${host} is at an inner address`), '');
        if (options.all === true) callback(null, permitted);
        else callback(null, first.address, first.family);
      });
    });
  };
  /** undici takes long to load, and most servers name nothing that is to be fetched. */
  let client: ReturnType<typeof openClient> | undefined;
  async function openClient() {
    const { Agent, fetch: send } = await import('undici');
    const agent = new Agent({
      connect: { lookup, timeout: Math.min(timeoutMs, maxConnectMs) },
      connections: 4,
      keepAliveTimeout: 1000,
    });
    return { agent, send };
  }

  /** Asked anew until it succeeds; a server that cannot be found is taken to be public. */
  function classOfHome(): Promise<AddressClass> {
    homeClass ??= classOf(server.hostname, resolve).then((found) => {
      if (found === undefined) homeClass = undefined;
      return found ?? 'public';
    });
    return homeClass;
  }

  async function permittedOf(found: readonly LookupAddress[]): Promise<LookupAddress[]> {
    const near = await classOfHome();
    return found.filter(({ address }) => isPermitted(addressClass(address), near));
  }

  function check(address: string | URL): URL {
    const url = new URL(address);
    const local = isLocal(url.hostname);
    if (url.username !== '' || url.password !== '') throw new AddressRefused('an address with credentials in it');
    if (url.protocol === 'https:') return url;
    // Communication security: https, or this machine where the server is on it too; see also `insecureHttp`.
    if (url.protocol === 'http:' && local && isLocal(server.hostname)) return url;
    if (url.protocol === 'http:' && !local && insecureHttp && server.protocol === 'http:') return url;
    throw new AddressRefused(`${url.protocol}//${url.host} is not https`);
  }

  return {
    check,
    async fetch(address, options = {}) {
      const url = check(address);
      const literal = url.hostname.replace(/^\[|\]$/g, '');
      // No lookup takes place for these.
      if (isIP(literal) !== 0 && !isPermitted(addressClass(literal), await classOfHome()))
        throw new AddressRefused(`${literal} is an inner address`);
      const { method, headers, body } = options;
      const { agent: dispatcher, send } = await (client ??= openClient());
      const answer = await send(url, {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        body: body instanceof URLSearchParams ? body.toString() : (body as string | undefined),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        dispatcher,
      });
      const content = new Uint8Array(await readBounded(answer.body, maxBytes));
      const empty = [101, 204, 205, 304].includes(answer.status);
      return new Response(empty ? null : content, { status: answer.status, headers: [...answer.headers] });
    },
    close: async () => (await client)?.agent.destroy(),
  };
}

/** However long an answer may take. */
const maxConnectMs = 10_000;

const isPermitted = (asked: AddressClass, home: AddressClass): boolean => asked === 'public' || asked === home;

const isLocal = (hostname: string): boolean => {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return bare === 'localhost' || (isIP(bare) !== 0 && addressClass(bare) === 'loopback');
};

/** Of a name with several addresses, the most public one: whoever owns a name in the world can add an inner address to it. */
function classOf(hostname: string, resolve: Resolve): Promise<AddressClass | undefined> {
  return new Promise((done) => {
    resolve(hostname.replace(/^\[|\]$/g, ''), { all: true }, (error, found) => {
      const classes = error === null ? found.map(({ address }) => addressClass(address)) : [];
      done((['public', 'private', 'loopback'] as const).find((each) => classes.includes(each)));
    });
  });
}

async function readBounded(body: AsyncIterable<Uint8Array> | null, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer exceeds ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
