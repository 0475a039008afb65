// The page of one request that waits for an approval: who asks for what and why, and the two buttons for whoever may decide.
import { describe } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { isTooLong } from '../../base/read-details.ts';
import { t } from '../../base/text.ts';
import type { Language } from '../../base/text.ts';
import { visible, visibleLines } from '../../base/visible.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { Page } from '../page.ts';
import type { ShownApproval } from './acts.ts';
import { actionTexts } from './action-texts.ts';
import { detailRows, row } from './approval-details.ts';
import type { Say } from './approval-details.ts';
import { timeText } from './shown-values.ts';

interface ApprovalView {
  readonly approval: ShownApproval;
  /** Path of the page. */
  readonly path: string;
  readonly formToken: string;
  /** Principal id of who looks at it. */
  readonly viewer: string;
}

export function approvalPage({ approval, path, formToken, viewer }: ApprovalView, language: Language): Page {
  const say: Say = (key, params) => t(actionTexts[key], language, params);
  const { state, kind, subject, requester, whyNot, decidedBy, comment } = approval;
  const isPending = state === 'pending';
  const isTheirs = requester.id === viewer;
  const title = say(kindTexts[kind]);
  const isUnshown = isTooLong(approval);
  const body = html` <h1>${title}</h1>
    ${kind === 'policy-change' && html`<p>${visible(subject)}</p>`}
    <dl>
      ${kind !== 'policy-change' && detailRows(approval, say, language)} ${row(say('requester'), whoText(requester))}
      ${approval.justification !== '' && row(say('justification'), visibleLines(approval.justification))}
      ${kind === 'policy-change' && detailRows(approval, say, language)}
      ${row(say('approvers'), visible(approval.approvers.join(', ')))}
      ${row(say('state'), html`${say(stateTexts[state])}${isPending && html`<small>${say('until', { until: timeText(approval.expiresAt, language) })}</small>`}`)}
      ${decidedBy !== undefined && row(say('decidedBy'), html`${visible(decidedBy)}${comment && html`<small>${visibleLines(comment)}</small>`}`)}
    </dl>
    ${kind !== 'policy-change' && kind !== 'call' && html`<p class="soft">${say(approval.details['enforcedBy'] === 'entra-pim' ? 'azureElevation' : 'ownElevation')}</p>`}
    ${
      approval.mayDecide
        ? html`<form method="post" action="${path}">
            <input type="hidden" name="token" value="${formToken}" />
            <label>${say('comment')}<textarea name="comment" rows="2" maxlength="1000"></textarea></label>
            ${isUnshown && html`<p class="note">${reasonText('access_approval_unread', language, { id: approval.id })}</p>`}
            <div class="actions">
              <button name="decision" value="deny">${say('deny')}</button>
              ${!isUnshown && html`<button class="primary" name="decision" value="approve">${say('approve')}</button>`}
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

/** A name is what its bearer has chosen at the provider; the id is who they are. */
const whoText = ({ id, name }: ShownApproval['requester']): Html =>
  html`${visible(name)}${name !== id && html`<small>${visible(id)}</small>`}`;

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

function reasonText(code: string | undefined, language: Language, params: Record<string, string> = {}): string {
  const { message, hint } = describe({ code: (code ?? 'access_approval_not_approver') as ErrorCode, params }, language);
  // The hint says to open this page; its button says the rest.
  return code === 'access_approval_mfa' ? message : `${message} ${hint}`;
}
