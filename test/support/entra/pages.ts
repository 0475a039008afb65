// The pages of the Entra stand-in: plain forms for a real browser, no script needed.
import type { User } from './directory.ts';

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>body{font:16px system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}button{font:inherit;display:block;width:100%;margin:.5rem 0;padding:.7rem;text-align:start}</style>
<h1>${escaped(title)}</h1>
${body}
</html>`;

const form = (action: string, flow: string, content: string): string =>
  `<form method="post" action="${escaped(action)}"><input type="hidden" name="flow" value="${escaped(flow)}">${content}</form>`;

export const accountPage = (action: string, flow: string, people: readonly User[]): string =>
  page(
    'Pick an account',
    form(
      action,
      flow,
      people
        .map(
          ({ oid, name, upn }) => `<button name="account" value="${oid}">${escaped(name)}<br>${escaped(upn)}</button>`,
        )
        .join('') + '<button name="account" value="">Cancel</button>',
    ),
  );

export const mfaPage = (action: string, flow: string, { upn }: User, demanded: readonly string[]): string =>
  page(
    'Approve sign in request',
    `<p>${escaped(upn)}</p><p>Demanded: ${escaped(demanded.join(', '))}</p>` +
      form(
        action,
        flow,
        '<button name="mfa" value="approve">Approve</button><button name="mfa" value="deny">Deny</button>',
      ),
  );

export const consentPage = (action: string, flow: string, client: string, scopes: readonly string[]): string =>
  page(
    'Permissions requested',
    `<p>${escaped(client)}</p><ul>${scopes.map((scope) => `<li>${escaped(scope)}</li>`).join('')}</ul>` +
      form(
        action,
        flow,
        '<button name="consent" value="accept">Accept</button><button name="consent" value="cancel">Cancel</button>',
      ),
  );

export const userCodePage = (action: string): string =>
  page('Enter code', form(action, '', '<input name="user_code" autocomplete="off"><button>Next</button>'));

export const donePage = (text: string): string => page(text, '<p>You may close this window.</p>');

export const errorPage = (message: string): string =>
  page('Sign in', `<p>Sorry, but we’re having trouble signing you in.</p><p>${escaped(message)}</p>`);

/** `response_mode=form_post`: the browser carries the answer in a form (OAuth 2.0 Form Post Response Mode). */
export const formPostPage = (action: string, fields: Readonly<Record<string, string>>): string =>
  `<html><head><title>Working...</title></head><body><form method="POST" name="hiddenform" action="${escaped(action)}">` +
  Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}" />`)
    .join('') +
  '<noscript><p>Script is disabled. Click Submit to continue.</p><input type="submit" value="Submit" /></noscript></form>' +
  '<script language="javascript">document.forms[0].submit();</script></body></html>';
