// Where people connect their own account at a server that asks for sign-in: to its authorization server and back.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { GenkanError } from '../base/errors.ts';
import { t } from '../base/text.ts';
import { browserCookieOf, browserSecret } from './cookies.ts';
import { errorPage } from './error-page.ts';
import { pagePrefix } from './federation.ts';
import type { Federation } from './federation.ts';
import { html } from './html.ts';
import type { IdentityRecord, Origin } from './identity-record.ts';
import { leaveOtherAccount } from './other-account.ts';
import { languageFor, redirect, sendPage } from './page.ts';
import { pageTexts } from './page-texts.ts';

/** Who knows the servers and keeps what they give. */
export interface ConnectDesk {
  /** Whether a ticket can be anybody's, before it is known who brings it. */
  isCurrent(ticket: string): boolean;
  /** @returns where to send the browser; claims for a sign-in at Genkan itself, where that is all that the server takes */
  begin(sought: {
    readonly person: string;
    readonly server: string;
    readonly ticket: string;
    readonly browser: string;
  }): Promise<URL | { readonly claims: string | undefined }>;
  /** A person has signed in anew for a server that takes no more than that. */
  settle?(person: string, server: string): Promise<void>;
  /**
   * @param arrival a browser that came back to the server's address, with what, and who is signed in there
   * @param admit hears of the new connection before it can be used; when it fails there is none
   */
  end(
    arrival: {
      readonly server: string;
      readonly answer: URLSearchParams;
      readonly browser: string | undefined;
      readonly person: string | undefined;
    },
    admit: (connected: { readonly person: string }) => Promise<void>,
  ): Promise<void>;
  clientDocument(server: string): Record<string, unknown>;
}

export interface ConnectPages {
  /** Answers `/connect/{server}`: whoever this address was made for goes on to the server's authorization server. */
  begin(request: IncomingMessage, response: ServerResponse, server: string): Promise<void>;
  /** Goes on with a page that a person had to sign in for. @param page as it was given to the federation */
  resume(request: IncomingMessage, response: ServerResponse, page: string, person: string): Promise<void>;
  /** Answers `/connect/callback/{server}`, where its authorization server sends the browser back to. */
  callback(request: IncomingMessage, response: ServerResponse, server: string): Promise<void>;
}

interface ConnectNeighbours {
  readonly desk: ConnectDesk;
  readonly provider: Provider;
  readonly federation: Federation;
  /** Whether there is no token in a person's name before they have signed in anew. */
  readonly needsSignIn: (person: string) => Promise<boolean>;
  readonly issuer: string;
  readonly record: IdentityRecord;
  readonly originOf: (request: IncomingMessage) => Origin;
}

const action = 'connection.add';

export function createConnectPages(neighbours: ConnectNeighbours): ConnectPages {
  const { desk, provider, federation, needsSignIn, issuer, record, originOf } = neighbours;

  /** @param page with `returned` when the browser comes back from a sign-in that was for this server alone */
  async function proceed(request: IncomingMessage, response: ServerResponse, page: URL, person: string): Promise<void> {
    const server = page.pathname.split('/')[2]!;
    const ticket = page.searchParams.get('ticket') ?? '';
    try {
      const target = await desk.begin({ person, server, ticket, browser: browserSecret(request, response, issuer) });
      if (target instanceof URL) return redirect(response, target.href);
      const lacks = await needsSignIn(person);
      const returned = page.searchParams.has('returned');
      if (!lacks && (returned || target.claims === undefined)) return await settled(request, response, server, person);
      // Once, and what it did not bring a second sign-in would not bring either.
      if (returned) throw new GenkanError('upstream_demands_again', { server });
      const back = `${pagePrefix}${page.pathname}?${new URLSearchParams({ ticket, returned: '1' }).toString()}`;
      const wish = target.claims === undefined ? {} : { claims: target.claims };
      redirect(response, (await federation.begin(back, browserSecret(request, response, issuer), wish)).href);
    } catch (error) {
      note(error, request, server, person);
      if (!(error instanceof GenkanError) || error.code !== 'upstream_sign_in_other_person') throw error;
      // Perhaps it is their own address, and only the account in this browser is another.
      const retry = `${page.pathname}?${new URLSearchParams({ ticket, fresh: '1' }).toString()}`;
      const language = languageFor(request);
      sendPage(request, response, errorPage(error, language, retry), language);
    }
  }

  async function settled(
    request: IncomingMessage,
    response: ServerResponse,
    server: string,
    person: string,
  ): Promise<void> {
    const details = { actsAs: 'caller' };
    await record.write(
      { action, user: person, resource: `/servers/${server}`, result: 'allowed', details },
      originOf(request),
    );
    await desk.settle?.(person, server);
    redirect(response, `/connect/callback/${server}?connected`);
  }

  /** Anybody can make these happen, so of a flood not every one is written. */
  function note(error: unknown, request: IncomingMessage, server: string, person: string | undefined): void {
    const { code, message: reason } = error instanceof GenkanError ? error : new GenkanError('gateway_fault');
    record.refused(
      { action, user: person ?? '', resource: `/servers/${server}`, result: 'failed', details: { code, reason } },
      originOf(request),
    );
  }

  async function signedIn(request: IncomingMessage, response: ServerResponse): Promise<string | undefined> {
    const session = await provider.Session.get(provider.createContext(request, response));
    return session.accountId;
  }

  return {
    async begin(request, response) {
      const page = new URL(request.url!, issuer);
      page.searchParams.delete('returned');
      const fresh = page.searchParams.has('fresh');
      const person = fresh ? undefined : await signedIn(request, response);
      if (person !== undefined) return proceed(request, response, page, person);
      page.searchParams.delete('fresh');
      // Nobody is sent to sign in for what is over, and nobody makes us begin sign-ins by just any address.
      if (!desk.isCurrent(page.searchParams.get('ticket') ?? '')) throw new GenkanError('upstream_sign_in_expired');
      const place = `${pagePrefix}${page.pathname}${page.search}`.slice(0, 512);
      const target = await federation.begin(place, browserSecret(request, response, issuer), { fresh });
      redirect(response, target.href);
    },

    async resume(request, response, page, person) {
      // Otherwise the browser would come back as somebody else than it left.
      await leaveOtherAccount(provider, request, response, person);
      return proceed(request, response, new URL(page.slice(pagePrefix.length), issuer), person);
    },

    async callback(request, response, server) {
      const { pathname, searchParams: answer } = new URL(request.url!, issuer);
      if (answer.has('connected')) return showConnected(request, response, server);
      const person = await signedIn(request, response);
      try {
        await desk.end({ server, answer, browser: browserCookieOf(request, issuer), person }, (connected) =>
          record.write(
            { action, user: connected.person, resource: `/servers/${server}`, result: 'allowed' },
            originOf(request),
          ),
        );
        // An address without the code: nothing to be left in histories, or to be sent again.
        redirect(response, `${pathname}?connected`);
      } catch (error) {
        // Anybody can write any server into the address, so of a server is spoken where a sign-in was begun there.
        const begunAt = error instanceof GenkanError ? String(error.params['server'] ?? '*') : '*';
        note(error, request, begunAt, person);
        throw error;
      }
    },
  };
}

/** How all pages of this kind begin. */
export const connectPages = `${pagePrefix}/connect/`;

function showConnected(request: IncomingMessage, response: ServerResponse, server: string): void {
  const language = languageFor(request);
  const title = t(pageTexts.connectedTitle, language, { server });
  const body = html`<h1>${title}</h1>
    <p>${t(pageTexts.connectedBody, language)}</p>
    <p class="soft">${t(pageTexts.recorded, language)}</p>`;
  sendPage(request, response, { status: 200, title, body }, language);
}
