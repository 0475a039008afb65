// The page of one request that waits for an approval: who asks for what and why, and the two buttons for whoever may decide.
import { describe } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { t } from '../../base/text.ts';
import type { Language } from '../../base/text.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { Page } from '../page.ts';
import type { ShownApproval } from './acts.ts';
import { actionTexts } from './action-texts.ts';
import { durationText, placeText, timeText } from './shown-values.ts';

interface ApprovalView {
  readonly approval: ShownApproval;
  /** Path of the page. */
  readonly path: string;
  readonly formToken: string;
  /** Principal id of who looks at it. */
  readonly viewer: string;
}

const longestValue = 12_000;

export function approvalPage({ approval, path, formToken, viewer }: ApprovalView, language: Language): Page {
  const say = (key: keyof typeof actionTexts, params?: Record<string, string>): string =>
    t(actionTexts[key], language, params);
  const { state, kind, subject, requester, whyNot, decidedBy, comment } = approval;
  const isPending = state === 'pending';
  const isTheirs = requester.id === viewer;
  const title = say(kindTexts[kind]);
  const isOfRole = kind === 'elevation' || kind === 'extension';
  const body = html` <h1>${title}</h1>
    ${kind === 'policy-change' && html`<p>${subject}</p>`}
    <dl>
      ${isOfRole && roleRows(approval.details, say, language)} ${kind === 'call' && callRows(approval.details, say)}
      ${row(say('requester'), requester.name)}
      ${approval.justification !== '' && row(say('justification'), approval.justification)}
      ${kind === 'policy-change' && Object.entries(approval.details).flatMap(([name, value]) => detail(name, value))}
      ${row(say('approvers'), approval.approvers.join(', '))}
      ${row(say('state'), html`${say(stateTexts[state])}${isPending && html`<small>${say('until', { until: timeText(approval.expiresAt, language) })}</small>`}`)}
      ${decidedBy !== undefined && row(say('decidedBy'), html`${decidedBy}${comment && html`<small>${comment}</small>`}`)}
    </dl>
    ${kind !== 'policy-change' && kind !== 'call' && html`<p class="soft">${say(approval.details['enforcedBy'] === 'entra-pim' ? 'azureElevation' : 'ownElevation')}</p>`}
    ${
      approval.mayDecide
        ? html`<form method="post" action="${path}">
            <input type="hidden" name="token" value="${formToken}" />
            <label>${say('comment')}<textarea name="comment" rows="2" maxlength="1000"></textarea></label>
            <div class="actions">
              <button name="decision" value="deny">${say('deny')}</button>
              <button class="primary" name="decision" value="approve">${say('approve')}</button>
            </div>
          </form>`
        : isPending && html`<p class="note">${reasonText(whyNot, language)}</p>`
    }
    ${whyNot === 'access_approval_mfa' && html`<div class="actions"><a class="button primary" href="${path}?signin=again">${say('signInAgain')}</a></div>`}
    ${
      isPending &&
      isTheirs &&
      html`<form method="post" action="${path}">
        <input type="hidden" name="token" value="${formToken}" />
        <div class="actions"><button name="decision" value="withdraw">${say('withdraw')}</button></div>
      </form>`
    }
    <p class="soft">${say('recorded')}</p>`;
  return { status: 200, title, body };
}

const effectTexts = { read: 'effectRead', write: 'effectWrite', destroy: 'effectDestroy' } as const;

const callParts = ['arguments', 'server', 'rule', 'client', 'sourceIP'] as const;

/** What is called and with what, first of all; then the rest under the names that the record has for it. */
function callRows(details: ShownApproval['details'], say: Say): Html {
  const { primitive, name, effect, ...parts } = details;
  const known = effectTexts[effect as keyof typeof effectTexts];
  const others = Object.entries(parts).filter(([part]) => !(callParts as readonly string[]).includes(part));
  return html`${detail(primitive === 'tools' ? say('tool') : String(primitive), name)}
  ${callParts.flatMap((part) => detail(say(part), parts[part]))}
  ${detail(say('effect'), known === undefined ? effect : say(known))}
  ${others.flatMap(([part, value]) => detail(part, value))}`;
}

const kindTexts = {
  elevation: 'askElevation',
  extension: 'askExtension',
  call: 'askCall',
  'policy-change': 'askPolicyChange',
} as const;

const stateTexts = {
  pending: 'statePending',
  approved: 'stateApproved',
  denied: 'stateDenied',
  withdrawn: 'stateWithdrawn',
  expired: 'stateExpired',
} as const;

function reasonText(code: string | undefined, language: Language): string {
  const { message, hint } = describe(
    { code: (code ?? 'access_approval_not_approver') as ErrorCode, params: {} },
    language,
  );
  // The hint says to open this page; its button says the rest.
  return code === 'access_approval_mfa' ? message : `${message} ${hint}`;
}

type Say = (key: keyof typeof actionTexts) => string;

/** What is asked for, in the reader's words. Who enforces it is said where that is not Genkan. */
function roleRows(details: ShownApproval['details'], say: Say, language: Language): Html {
  const text = (name: string): string => String(details[name] ?? '');
  return html`${row(say('role'), text('role'))} ${row(say('scope'), placeText(text('scope')))}
  ${row(say('duration'), durationText(text('duration'), language))}
  ${text('enforcedBy') !== 'genkan' && html`${detail('enforcedBy', details['enforcedBy'])}`}`;
}

const row = (label: string, value: Html | string): Html =>
  html`<div>
    <dt>${label}</dt>
    <dd>${value}</dd>
  </div>`;

function detail(name: string, value: unknown): Html[] {
  if (value === undefined || value === '' || value === null) return [];
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2);
  const shown = text.slice(0, longestValue);
  return [row(name, shown.includes('\n') || shown.length > 80 ? html`<pre>${shown}</pre>` : shown)];
}
