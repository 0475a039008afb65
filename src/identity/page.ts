// The frame of every page that a person sees: layout, language switch, and headers that allow no script and no framing.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { languageOf, languages } from '../base/text.ts';
import type { Language } from '../base/text.ts';
import { cookieOf } from './cookies.ts';
import { Html, html } from './html.ts';
import { styleElement, styleSource } from './page-style.ts';

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly body: Html;
  /** Where forms of the page may lead, besides to ourselves: a CSP source for each redirect that follows a submission. */
  readonly formTargets?: readonly string[];
}

const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  ja: '日本語',
  ko: '한국어',
  'zh-Hant': '繁體中文',
};
const languageCookie = 'genkan_language';

/**
 * The language of a person: their choice on a page, the client's `ui_locales`, or what their browser prefers.
 */
export function languageFor(request: IncomingMessage, uiLocales?: string): Language {
  const chosen =
    chosenLanguage(request) ?? languages.find((language) => language === cookieOf(request, languageCookie));
  return chosen ?? languageOf(uiLocales?.replaceAll(' ', ',') ?? request.headers['accept-language']);
}

function chosenLanguage(request: IncomingMessage): Language | undefined {
  const wanted = new URLSearchParams(request.url?.split('?')[1]).get('lang');
  return languages.find((language) => language === wanted);
}

/** Sends a page. */
export function sendPage(request: IncomingMessage, response: ServerResponse, page: Page, language: Language): void {
  const markup = Buffer.from(layout(request, page, language).markup);
  const forms = ["'self'", ...(page.formTargets ?? [])].join(' ');
  // A language chosen once holds for the pages that follow.
  if (chosenLanguage(request) !== undefined)
    response.appendHeader(
      'set-cookie',
      `${languageCookie}=${language}; Path=/; SameSite=Lax; HttpOnly; Max-Age=31536000`,
    );
  response.writeHead(page.status, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': markup.length,
    'content-language': language,
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src ${styleSource}; form-action ${forms}; frame-ancestors 'none'; base-uri 'none'`,
    'x-frame-options': 'DENY',
  });
  response.end(request.method === 'HEAD' ? undefined : markup);
}

const door = new Html(
  '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M2 5c3 1 6 1.4 10 1.4S19 6 22 5"/><path d="M4 10h16"/><path d="M6 6.2V21"/><path d="M18 6.2V21"/><path d="M12 6.4V10"/></svg>',
);

function layout(request: IncomingMessage, page: Page, language: Language): Html {
  const address = (each: Language): string => {
    const [path = '/', query] = (request.url ?? '/').split('?');
    const parameters = new URLSearchParams(query);
    parameters.set('lang', each);
    return `${path}?${parameters.toString()}`;
  };
  const links = languages.map(
    (each) =>
      html`<a
        href="${address(each)}"
        lang="${each}"
        hreflang="${each}"
        ${each === language && new Html('aria-current="true"')}
        >${languageNames[each]}</a
      >`,
  );
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${page.title} · Genkan</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <div class="brand">${door}<span>Genkan 玄関</span></div>
          ${page.body}
        </main>
        <footer>${request.method === 'GET' && links}</footer>
      </body>
    </html>`;
}

/** Sends a browser on, by GET, and leaves nothing of it in a cache. */
export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store', 'content-length': 0 }).end();
}
