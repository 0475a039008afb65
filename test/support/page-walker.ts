// A person at a browser, as far as sign-in needs one: follows redirects, keeps cookies by path, reads forms and presses buttons.

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
}

export interface Form {
  readonly action: string;
  readonly method: string;
  /** Names and values of the hidden inputs, and of the boxes that are ticked. */
  readonly fields: readonly [name: string, value: string][];
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
}

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
  readonly forms: readonly Form[];
}

export interface PageWalker {
  /** Opens an address. A redirect to an address that begins with `stopAt` is not followed: the answer's `url` is that address. */
  open(url: string | URL): Promise<Page>;
  /** Submits a form, pressing one of its buttons. */
  press(form: Form, button: { readonly name: string; readonly value: string }): Promise<Page>;
}

const mostRedirects = 12;

/**
 * @param stopAt the redirect URI of the client on whose behalf the person signs in; nobody needs to listen there
 * @param language value of `Accept-Language`
 */
export function createPageWalker({ stopAt, language = 'en' }: { stopAt: string; language?: string }): PageWalker {
  const jar = new Map<string, Cookie>();

  const cookiesFor = (url: URL): string =>
    [...jar.values()]
      .filter(({ host, path }) => host === url.hostname && pathMatches(url.pathname, path)) // cookies ignore ports
      .sort((a, b) => b.path.length - a.path.length) // RFC 6265 §5.4: longer paths first
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');

  async function go(start: URL, init: RequestInit): Promise<Page> {
    let [url, next] = [start, init];
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      if (url.href.startsWith(stopAt)) return { url, status: 0, html: '', headers: new Headers(), forms: [] };
      const headers = { 'accept-language': language, accept: 'text/html', cookie: cookiesFor(url) };
      const response = await fetch(url, { ...next, headers, redirect: 'manual', signal: AbortSignal.timeout(20_000) });
      for (const line of response.headers.getSetCookie()) keep(jar, url, line);
      const location = response.headers.get('location');
      if (location === null) {
        const html = await response.text();
        return { url, status: response.status, html, headers: response.headers, forms: formsOf(html, url) };
      }
      await response.body?.cancel();
      [url, next] = [new URL(location, url), {}];
    }
    throw new Error(`more than ${mostRedirects} redirects from ${start.origin}${start.pathname}`);
  }

  return {
    open: (url) => go(new URL(url), {}),
    press(form, button) {
      const body = new URLSearchParams([...form.fields, [button.name, button.value]]);
      if (form.method === 'post') return go(new URL(form.action), { method: 'POST', body });
      return go(new URL(`?${body}`, form.action), {});
    },
  };
}

/**
 * Signs a person in at the stand-in provider and approves the client on the consent page.
 * @param authorizationUrl where the client sends the person's browser
 * @returns the address at which the client receives the answer, with `code` or `error`
 */
export async function signIn(
  walker: PageWalker,
  authorizationUrl: string | URL,
  { person, redirectUri, onPage }: { person: string; redirectUri: string; onPage?: (page: Page) => void },
): Promise<URL> {
  let page = await walker.open(authorizationUrl);
  for (let pages = 0; pages < 6; pages++) {
    if (page.url.href.startsWith(redirectUri)) return page.url;
    onPage?.(page);
    const choices = page.forms.flatMap((form) => form.buttons.map((button) => ({ form, button })));
    const choice =
      choices.find(({ button }) => button.name === 'person' && button.value === person) ??
      choices.find(({ button }) => /^(approve|allow|accept|yes)$/.test(button.value));
    if (choice === undefined)
      throw new Error(`no way on from ${page.url.pathname} (${page.status}): ${textOf(page.html)}`);
    page = await walker.press(choice.form, choice.button);
  }
  throw new Error('sign-in did not come to an end');
}

/** What a person would read on a page. */
export const textOf = (html: string): string =>
  decode(html.replace(/<(style|script)[^]*?<\/\1>/g, ' ').replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();

function keep(jar: Map<string, Cookie>, url: URL, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const [name = '', value = ''] = splitAtFirst(pair, '=');
  const attribute = (wanted: string): string | undefined =>
    attributes.map((text) => splitAtFirst(text, '=')).find(([key = '']) => key.toLowerCase() === wanted)?.[1];
  const path = attribute('path') ?? '/';
  const key = `${url.hostname} ${path} ${name}`;
  const expires = attribute('expires');
  const over =
    value === '' || attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now());
  if (over) jar.delete(key);
  else jar.set(key, { name, value, host: url.hostname, path });
}

// RFC 6265 §5.1.4
const pathMatches = (pathname: string, path: string): boolean =>
  pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);

function formsOf(html: string, base: URL): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)].map(([, head = '', body = '']) => ({
    action: new URL(attributesOf(head)['action'] ?? '', base).href,
    method: (attributesOf(head)['method'] ?? 'get').toLowerCase(),
    fields: [...body.matchAll(/<input\b([^>]*)>/g)]
      .map(([, text = '']) => attributesOf(text))
      .filter(({ name, type, ...rest }) => name !== undefined && (type !== 'checkbox' || 'checked' in rest))
      .map(({ name = '', value = '' }) => [name, value]),
    buttons: [...body.matchAll(/<button\b([^>]*)>([^]*?)<\/button>/g)].map(([, text = '', inner = '']) => ({
      name: attributesOf(text)['name'] ?? '',
      value: attributesOf(text)['value'] ?? '',
      text: textOf(inner),
    })),
  }));
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [name, decode(value)]),
  );
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (written, decimal, hex, name) =>
    decimal || hex ? String.fromCodePoint(decimal ? Number(decimal) : parseInt(hex, 16)) : (entities[name] ?? written),
  );

function splitAtFirst(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
