// Pages on which people act: decide on what waits for an approval, request a role for a while. Opening one changes nothing.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { GenkanError, isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import type { Principal } from '../../base/principal.ts';
import type { Accounts } from '../accounts.ts';
import { browserSecret } from '../cookies.ts';
import type { Federation } from '../federation.ts';
import { formTokens, readForm } from '../form.ts';
import type { Origin } from '../identity-record.ts';
import { languageFor, redirect, sendPage } from '../page.ts';
import type { Page } from '../page.ts';
import type { Verified } from '../verify.ts';
import { approvalShown, elevationShown, elevationsShown, eligibilityShown } from './acts.ts';
import type { Act } from './acts.ts';
import { approvalPage } from './approval-page.ts';
import { elevationPage } from './elevation-page.ts';
import { createPageSessions } from './page-session.ts';
import type { PageSession } from './page-session.ts';

export interface ActionPages {
  /** Whether there is such a page. */
  owns(pathname: string): boolean;
  /** Answers `/approvals/{id}` and `/elevation`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Goes on with a page that a person had to sign in for. @param page as it was given to the federation */
  resume(response: ServerResponse, page: string, session: PageSession): void;
}

interface ActionPagesNeighbours {
  readonly federation: Pick<Federation, 'begin'>;
  readonly accounts: Pick<Accounts, 'find'>;
  /** Conditional access, as for the REST API. */
  readonly admit: (verified: Verified, resource: string, origin: Origin) => Verified | Refusal;
  readonly act: Act;
  readonly issuer: string;
  readonly secrets: readonly string[];
  /** Authentication context that proves a second factor; undefined where none is known. */
  readonly mfa: string | undefined;
  readonly originOf: (request: IncomingMessage) => Origin;
  readonly clock: Clock;
}

interface Visitor {
  readonly principal: Principal;
  readonly origin: Origin;
}

const pagePrefix = 'page:';
const approvals = /^\/approvals\/([\w-]{1,64})$/;
const elevation = '/elevation';
const longestPlace = 2400;

export function createActionPages(neighbours: ActionPagesNeighbours): ActionPages {
  const { federation, accounts, admit, issuer, secrets, mfa, originOf, clock } = neighbours;
  const sessions = createPageSessions(issuer, secrets, clock);

  /** Who is signed in for pages; undefined when the browser was sent to sign in. */
  async function visitorOf(request: IncomingMessage, response: ServerResponse, url: URL): Promise<Visitor | undefined> {
    const again = url.searchParams.has('signin');
    const session = again ? undefined : sessions.read(request);
    const account = session && (await accounts.find(session.person));
    if (session === undefined || account === undefined) {
      // A form would be lost on the way; its page is shown again.
      // An address may ask for more of a sign-in than usual; where that is too little, the act is refused.
      const demanded = /^c[1-9]\d?$/.exec(url.searchParams.get('signin') ?? '')?.slice(0, 1);
      url.searchParams.delete('signin');
      const place = `${pagePrefix}${url.pathname}${url.search}`.slice(0, longestPlace);
      const contexts = demanded ?? (mfa === undefined ? undefined : [mfa]);
      const wish = { fresh: again, ...(contexts && { contexts }) };
      const target = await federation.begin(place, browserSecret(request, response, issuer), wish);
      redirect(response, target.href);
      return undefined;
    }
    const { id, name, groups, disputedGroups } = account;
    const principal: Principal = {
      id,
      kind: 'user',
      name,
      groups,
      ...(disputedGroups && { disputedGroups }),
      contexts: session.contexts,
    };
    const origin = originOf(request);
    const verified = { outcome: 'allow', principal, expiresAtMs: session.untilMs } as const;
    const admitted = admit(verified, `${issuer}/api`, origin);
    if (isRefusal(admitted)) throw faultOf(admitted);
    return { principal: admitted.principal, origin };
  }

  /** @throws GenkanError for a refusal, which becomes a page of its own */
  async function act(operation: string, input: object, { principal, origin }: Visitor): Promise<unknown> {
    const { sourceIP, userAgent } = origin;
    const outcome = await neighbours.act(operation, input, { principal, sourceIP, userAgent });
    if (isRefusal(outcome)) throw faultOf(outcome);
    return outcome.output;
  }

  async function showApproval(visitor: Visitor, path: string, id: string, request: IncomingMessage): Promise<Page> {
    const { approval } = approvalShown.parse(await act('approval.show', { id }, visitor));
    const [formToken = ''] = formTokens(secrets, path, visitor.principal.id);
    return approvalPage({ approval, path, formToken, viewer: visitor.principal.id }, languageFor(request));
  }

  async function decide(visitor: Visitor, path: string, id: string, form: URLSearchParams): Promise<string> {
    const operation = decisions.get(form.get('decision') ?? '');
    if (operation === undefined) throw new GenkanError('identity_request_invalid', { reason: 'unknown decision' });
    const comment = form.get('comment') ?? '';
    await act(operation, operation === 'approval.withdraw' ? { id } : { id, comment }, visitor);
    return path;
  }

  async function theirEligibilities(visitor: Visitor) {
    const { principal } = visitor;
    const { eligible } = eligibilityShown.parse(await act('eligibility.list', {}, visitor));
    // Administrators are shown everybody's.
    const isTheirs = (who: { readonly kind: string; readonly id: string }): boolean =>
      who.kind === 'user' ? who.id === principal.id : principal.groups.includes(who.id);
    return eligible.filter(({ kind, inactive, principal: who }) => kind === 'elevation' && !inactive && isTheirs(who));
  }

  async function showElevation(visitor: Visitor, url: URL, request: IncomingMessage): Promise<Page> {
    const eligible = await theirEligibilities(visitor);
    const mine = { user: visitor.principal.id };
    const { elevations } = elevationsShown.parse(await act('elevation.list', mine, visitor));
    const active = elevations.filter(({ state }) => state === 'active' || state === 'activating');
    const all = elevationsShown.parse(await act('elevation.list', { user: visitor.principal.id }, visitor));
    const pending = all.elevations.filter(({ state, approval }) => state === 'pending' && approval !== undefined);
    const [formToken = ''] = formTokens(secrets, elevation, visitor.principal.id);
    const wanted = { role: url.searchParams.get('role'), scope: url.searchParams.get('scope') };
    return elevationPage({ eligible, active, pending, wanted, formToken, path: elevation }, languageFor(request));
  }

  async function requestOrEnd(visitor: Visitor, form: URLSearchParams): Promise<string> {
    const decision = form.get('decision');
    if (decision === 'end') {
      await act('elevation.end', { id: form.get('id') ?? '' }, visitor);
      return elevation;
    }
    if (decision !== 'request') throw new GenkanError('identity_request_invalid', { reason: 'unknown decision' });
    const chosen = (await theirEligibilities(visitor)).find(({ id }) => id === form.get('eligibility'));
    if (chosen === undefined) throw new GenkanError('identity_request_invalid', { reason: 'no role was chosen' });
    const input = {
      role: chosen.role,
      scope: form.get('scope')?.trim() || chosen.scope,
      duration: form.get('duration') ?? undefined,
      justification: form.get('justification') ?? '',
    };
    const asked = elevationShown.parse(await act('elevation.request', input, visitor)).elevation;
    return asked.approval === undefined ? elevation : `/approvals/${asked.approval}`;
  }

  return {
    owns: (pathname) => pathname === elevation || approvals.test(pathname),
    async handle(request, response) {
      const url = new URL(request.url!, issuer);
      const path = url.pathname;
      const id = approvals.exec(path)?.[1];
      const isPost = request.method === 'POST';
      if (!isPost && request.method !== 'GET' && request.method !== 'HEAD')
        return void response.writeHead(405, { allow: 'GET, POST' }).end();
      const visitor = await visitorOf(request, response, url);
      if (visitor === undefined) return;
      if (isPost) {
        const form = await readForm(request, issuer, formTokens(secrets, path, visitor.principal.id));
        const next = id === undefined ? requestOrEnd(visitor, form) : decide(visitor, path, id, form);
        return redirect(response, await next);
      }
      const page = id === undefined ? showElevation(visitor, url, request) : showApproval(visitor, path, id, request);
      sendPage(request, response, await page, languageFor(request));
    },
    resume(response, page, session) {
      sessions.begin(response, session);
      redirect(response, page.slice(pagePrefix.length));
    },
  };
}

const decisions: ReadonlyMap<string, string> = new Map([
  ['approve', 'approval.approve'],
  ['deny', 'approval.deny'],
  ['withdraw', 'approval.withdraw'],
]);

const faultOf = ({ code, params, data }: Refusal): GenkanError => new GenkanError(code, params, { data });

/** Where nothing is to be done on pages. */
export const noActs: Act = () => Promise.resolve(refuse('gateway_path_unknown'));
