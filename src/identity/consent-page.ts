// The page on which a person allows or refuses a client: who asks, for what, as whom, and where the access goes.
import type { Language } from '../base/text.ts';
import { t } from '../base/text.ts';
import { identityAssured } from './consents.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import type { Page } from './page.ts';
import type { Publisher } from './publishers.ts';
import { pageTexts } from './page-texts.ts';
import { permissionsIn } from './scopes.ts';

export interface ConsentView {
  /** Path that the form posts to. */
  readonly action: string;
  readonly formToken: string;
  /** Address that begins the same request anew, with another sign-in. A link: browsers would not let a form go on to the provider. */
  readonly otherAccount: string;
  readonly clientId: string;
  readonly clientName: string | undefined;
  /** Whose document describes the client; `undefined` when it describes itself. */
  readonly publisher: Publisher | undefined;
  readonly redirectUri: string;
  readonly resource: string;
  /** What the client is to get. */
  readonly scopes: readonly string[];
  readonly person: { readonly name: string; readonly displayName: string };
  /** Days that the client may stay connected without asking again; `undefined` when it cannot refresh. */
  readonly connectedDays: number | undefined;
}

export function consentPage(view: ConsentView, language: Language): Page {
  const say = (key: keyof typeof pageTexts, params?: Record<string, string | number>) =>
    t(pageTexts[key], language, params);
  const client = view.clientName ?? say('unnamedClient');
  const { publisher } = view;
  const local = !identityAssured(view.redirectUri);
  const body = html` <h1>${say('consentHeading', { client })}</h1>
    <p class="soft">
      ${publisher === undefined ? say('nameNotVerified') : say(publisher.trusted ? 'vouchedByTrusted' : 'vouchedBy', { host: publisher.host })}
    </p>
    ${publisher?.trusted === false && html`<p class="note">${say('publisherUnknown', { host: publisher.host })}</p>`}
    <form method="post" action="${view.action}">
      <input type="hidden" name="token" value="${view.formToken}" />
      <dl>
        ${row(
          say('signedInAs'),
          html`${view.person.displayName}${nameBeside(view.person)}
            <a class="plain" href="${view.otherAccount}">${say('switchAccount')}</a>`,
        )}
        ${row(say('resource'), html`${resourceName(view.resource, say)}<small>${view.resource}</small>`)}
        ${row(
          say('permissions'),
          html`<ul>
            ${permissionsIn(view.scopes).map((scope) => html`<li>${say(words[scope] ?? 'scopeMcp')}</li>`)}
            ${view.connectedDays !== undefined && html`<li>${say('stayConnected', { days: view.connectedDays })}</li>`}
          </ul>`,
        )}
        ${row(say('returnsTo'), html`${destination(view.redirectUri)}`)}
      </dl>
      ${local && html`<p class="note">${say('localProgram')} ${publisher && say('localImpostor', { host: publisher.host })}</p>`}
      <div class="actions">
        <button name="decision" value="deny">${say('deny')}</button>
        <button class="primary" name="decision" value="approve">${say('allow')}</button>
      </div>
    </form>
    <p class="soft">${say('recorded')}</p>`;
  return { status: 200, title: say('consentTitle'), body, formTargets: [formTarget(view.redirectUri)] };
}

/** What scopes allow, in words. One without words of its own counts as the widest. */
const words: Readonly<Record<string, keyof typeof pageTexts>> = {
  'mcp:read': 'scopeRead',
  'mcp:write': 'scopeWrite',
  'mcp:destroy': 'scopeDestroy',
  admin: 'scopeAdmin',
};

const row = (label: string, value: Html): Html =>
  html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`;

const nameBeside = ({ name, displayName }: ConsentView['person']): Html | false =>
  name !== displayName && html`<small>${name}</small>`;

function resourceName(
  resource: string,
  say: (key: keyof typeof pageTexts, params?: Record<string, string>) => string,
): string {
  const path = new URL(resource).pathname;
  if (path === '/api') return say('administration');
  return path === '/mcp' ? say('allServers') : say('oneServer', { server: path.split('/').at(-1)! });
}

// What a person can check: the host, or for a private-use scheme the scheme itself.
function destination(redirectUri: string): string {
  const url = new URL(redirectUri);
  return url.protocol.startsWith('http') ? url.host : `${url.protocol}//${url.host}`;
}

/** CSP source of the redirect after the form: browsers check `form-action` against every hop (CSP 3 §6.6.2). */
function formTarget(redirectUri: string): string {
  const url = new URL(redirectUri);
  const plainHost = /^[a-z0-9._-]+(:\d+)?$/i.test(url.host);
  return url.protocol.startsWith('http') && plainHost ? url.origin : url.protocol;
}
