// Pages on which people act: decide on what waits for an approval, request a role for a while. Opening one changes nothing.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GenkanError, isRefusal, refuse } from '../../base/errors.ts';
import type { Refusal } from '../../base/errors.ts';
import { formTokens, readForm } from '../form.ts';
import { languageFor, redirect, sendPage } from '../page.ts';
import type { Page } from '../page.ts';
import { approvalShown, elevationShown, elevationsShown, eligibilityShown } from './acts.ts';
import type { Act } from './acts.ts';
import { approvalPage } from './approval-page.ts';
import { elevationPage } from './elevation-page.ts';
import { createVisitors } from './visitors.ts';
import type { Visitor, Visitors, VisitorsNeighbours } from './visitors.ts';

export interface ActionPages {
  /** Whether there is such a page. */
  owns(pathname: string): boolean;
  /** Answers `/approvals/{id}` and `/elevation`. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  readonly resume: Visitors['resume'];
}

interface ActionPagesNeighbours extends VisitorsNeighbours {
  readonly act: Act;
}

const approvals = /^\/approvals\/([\w-]{1,64})$/;
const elevation = '/elevation';

export function createActionPages(neighbours: ActionPagesNeighbours): ActionPages {
  const { issuer, secrets } = neighbours;
  const visitors = createVisitors(neighbours);

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
      const visitor = await visitors.of(request, response, url);
      if (visitor === undefined) return;
      if (isRefusal(visitor)) throw faultOf(visitor);
      if (isPost) {
        const form = await readForm(request, issuer, formTokens(secrets, path, visitor.principal.id));
        const next = id === undefined ? requestOrEnd(visitor, form) : decide(visitor, path, id, form);
        return redirect(response, await next);
      }
      const page = id === undefined ? showElevation(visitor, url, request) : showApproval(visitor, path, id, request);
      sendPage(request, response, await page, languageFor(request));
    },
    resume: visitors.resume,
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
