// A person at Genkan's own pages: signs in with a second factor where that is asked for, and fills in forms.
import { createBrowser } from '../../test/support/browser.ts';
import type { Arrival } from '../../test/support/browser.ts';
import { pressed } from '../../test/support/sign-in-walk.ts';

export interface PersonBrowser {
  /** Opens a page, and signs in on the way to it. */
  open(url: string): Promise<Page>;
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page>;
}

export interface Page {
  readonly url: URL;
  readonly html: string;
  /** How many pages of a sign-in came before it. */
  readonly signIn: number;
}

const mostPages = 4;
const anywhere = (): boolean => false;

/** @param person whom to choose at the stand-in identity provider */
export function personBrowser(publicUrl: string, person: string): PersonBrowser {
  const browser = createBrowser();
  const home = new URL(publicUrl).origin;

  async function arrive(arrival: Arrival, signIn = 0): Promise<Page> {
    const { url, response, page: html = '' } = arrival;
    const press = url.origin === home ? undefined : pressed(html, person);
    if (press !== undefined && signIn < mostPages)
      return arrive(await browser.submit(url, html, press, anywhere), signIn + 1);
    if (response?.status !== 200) throw new Error(`${url.pathname} is answered with ${response?.status}`);
    return { url, html, signIn };
  }

  return {
    open: async (url) => arrive(await browser.follow(url, anywhere)),
    submit: async ({ url, html }, fields) => arrive(await browser.submit(url, html, fields, anywhere)),
  };
}
