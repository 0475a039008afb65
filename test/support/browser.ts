// A browser reduced to what sign-in needs: cookies with paths, redirects followed one by one, forms submitted.

interface Cookie {
  readonly value: string;
  readonly path: string;
}

export interface Browser {
  /** One request, no redirect followed. */
  send(url: string | URL, init?: RequestInit): Promise<Response>;
  /** Follows redirects until something is not a redirect or leads to an address that `until` accepts. */
  follow(url: string | URL, until: (location: URL) => boolean): Promise<Arrival>;
  /** Submits the form of a page that was opened at `url`. */
  submit(
    url: string | URL,
    page: string,
    fields: Readonly<Record<string, string>>,
    until: (location: URL) => boolean,
  ): Promise<Arrival>;
  /** Cookie names and values that would be sent to this address. */
  cookies(url: string | URL): Record<string, string>;
}

export interface Arrival {
  readonly url: URL;
  /** The page there; absent when `until` accepted the address, which is then not asked. */
  readonly response?: Response;
  readonly page?: string;
}

const maxHops = 15;

export function createBrowser(headers: Readonly<Record<string, string>> = {}): Browser {
  // Cookies do not know ports (RFC 6265 §8.5), so one jar a host name.
  const jars = new Map<string, Map<string, Cookie>>();

  const jarOf = (url: URL): Map<string, Cookie> => {
    const jar = jars.get(url.hostname) ?? new Map<string, Cookie>();
    jars.set(url.hostname, jar);
    return jar;
  };

  function cookies(address: string | URL): Record<string, string> {
    const url = new URL(address);
    const sent = [...jarOf(url)].filter(([, { path }]) => matches(url.pathname, path));
    return Object.fromEntries(sent.map(([key, { value }]) => [key.split('|')[0]!, value]));
  }

  async function send(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address);
    const cookie = Object.entries(cookies(url))
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
    const all = {
      accept: 'text/html',
      ...headers,
      ...(cookie && { cookie }),
      ...(init.headers as Record<string, string>),
    };
    const response = await fetch(url, { ...init, headers: all, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) store(url, line);
    return response;
  }

  function store(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const attribute = (name: string) =>
      attributes.find((each) => each.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const path = attribute('path') ?? '/';
    const expires = attribute('expires');
    if (value === '' || (expires !== undefined && Date.parse(expires) < Date.now()))
      jarOf(url).delete(`${name}|${path}`);
    else jarOf(url).set(`${name}|${path}`, { value, path });
  }

  async function arrive(url: URL, response: Response, until: (location: URL) => boolean, hops = 0): Promise<Arrival> {
    const location = response.headers.get('location');
    if (location === null || response.status < 300 || response.status > 399)
      return { url, response, page: await response.text() };
    await response.body?.cancel();
    const next = new URL(location, url);
    if (until(next)) return { url: next };
    if (hops === maxHops) throw new Error('too many redirects');
    return arrive(next, await send(next), until, hops + 1);
  }

  return {
    send,
    cookies,
    follow: async (url, until) => arrive(new URL(url), await send(url), until),
    async submit(address, page, fields, until) {
      const target = new URL(/<form method="post" action="([^"]+)"/.exec(page)![1]!, address);
      const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
      const body = new URLSearchParams(fields);
      for (const [, name, value] of hidden) body.set(name!, value!);
      const response = await send(target, {
        method: 'POST',
        body,
        headers: { origin: target.origin, 'sec-fetch-site': 'same-origin' },
      });
      return arrive(target, response, until);
    },
  };
}

// RFC 6265 §5.1.4
const matches = (path: string, cookiePath: string): boolean =>
  path === cookiePath || (path.startsWith(cookiePath) && (cookiePath.endsWith('/') || path[cookiePath.length] === '/'));
