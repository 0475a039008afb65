// A person signing in to the trial: chooses who to be, then says yes to the client, page after page.
import type { Browser } from './browser.ts';

export interface WalkedPage {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

export interface SignInWalk {
  /** Whom to choose at the stand-in identity provider, e.g. `dana`. */
  readonly person: string;
  /** Redirect URI of the client. The walk ends there; nobody needs to listen. */
  readonly redirectUri: string;
  /** Called with each page on the way. */
  readonly onPage?: (page: WalkedPage) => void;
}

const mostPages = 6;

/**
 * Walks from the authorization request of a client to its answer.
 * @returns the redirect URI with `code` or `error`
 */
export async function walkSignIn(browser: Browser, authorizationUrl: string | URL, walk: SignInWalk): Promise<URL> {
  const isBack = (url: URL): boolean => url.href.startsWith(`${walk.redirectUri}?`);
  let arrival = await browser.follow(authorizationUrl, isBack);
  for (let pages = 0; pages < mostPages; pages++) {
    const { url, response, page: html } = arrival;
    if (response === undefined || html === undefined) return url;
    walk.onPage?.({ url, status: response.status, headers: response.headers, html });
    const press = pressed(html, walk.person);
    if (press === undefined) throw new Error(`no way on from ${url.pathname} (${response.status}): ${textOf(html)}`);
    arrival = await browser.submit(url, html, press, isBack);
  }
  throw new Error(`after ${mostPages} pages the sign-in had not come to an end`);
}

/** The button to press on a page: the second factor or the person where these are asked for, otherwise approval. */
export function pressed(html: string, person: string): Record<string, string> | undefined {
  if (html.includes('name="factor" value="shown"')) return { factor: 'shown' };
  if (html.includes(`name="person" value="${person}"`)) return { person };
  return html.includes('name="decision" value="approve"') ? { decision: 'approve' } : undefined;
}

/** What a person reads on a page. */
export const textOf = (html: string): string =>
  html
    .replace(/<(style|title)[^]*?<\/\1>|<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_written, code: string) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, ' ')
    .trim();

/** The heading of a page. */
export const headingOf = (html: string): string => textOf(/<h1[^>]*>[^]*?<\/h1>/.exec(html)?.[0] ?? '');
