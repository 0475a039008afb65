// The page that a person sees when something in signing in did not work: what, why, what to do.
import { describe, errorTable } from '../base/errors.ts';
import type { Refusal } from '../base/errors.ts';
import { t } from '../base/text.ts';
import type { Language } from '../base/text.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';
import { pageTexts } from './page-texts.ts';

/** @param retry path to try again at, where that can help */
export function errorPage(refusal: Pick<Refusal, 'code' | 'params'>, language: Language, retry?: string): Page {
  const { message, hint } = describe(refusal, language);
  const title = t(pageTexts.errorTitle, language);
  const body = html` <h1>${message}</h1>
    <p>${hint}</p>
    ${
      retry !== undefined &&
      html`<div class="actions"><a class="button primary" href="${retry}">${t(pageTexts.tryAgain, language)}</a></div>`
    }
    <p class="soft">${t(pageTexts.errorCode, language)}: <code>${refusal.code}</code></p>`;
  return { status: errorTable[refusal.code].http, title, body };
}
