// The page on which a person requests a role for a while, and ends one that they hold.
import { formatDuration, parseDuration } from '../../base/duration.ts';
import { t } from '../../base/text.ts';
import type { Language } from '../../base/text.ts';
import { visible } from '../../base/visible.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { Page } from '../page.ts';
import type { ShownElevation, ShownEligibility } from './acts.ts';
import { actionTexts } from './action-texts.ts';
import { durationText, placeText, timeText } from './shown-values.ts';

interface ElevationView {
  readonly eligible: readonly ShownEligibility[];
  readonly active: readonly ShownElevation[];
  /** Requests on which nobody has decided. */
  readonly pending: readonly ShownElevation[];
  /** What a refused call said would help. */
  readonly wanted: { readonly role: string | null; readonly scope: string | null };
  readonly formToken: string;
  readonly path: string;
}

const offeredMs = ['PT30M', 'PT1H', 'PT2H', 'PT4H', 'PT8H'].map((text) => parseDuration(text)!);

export function elevationPage(view: ElevationView, language: Language): Page {
  const say = (key: keyof typeof actionTexts, params?: Record<string, string>): string =>
    t(actionTexts[key], language, params);
  const { eligible, active, pending, wanted, formToken, path } = view;
  const wantedFirst = eligible.find(({ role }) => role === wanted.role) ?? eligible[0];
  const title = say('requestTitle');
  const token = html`<input type="hidden" name="token" value="${formToken}" />`;
  const body = html` <h1>${title}</h1>
    <p class="soft">${say('ownElevation')}</p>
    ${active.map((elevation) => held(elevation, path, token, say, language))}
    ${pending.map((elevation) => waiting(elevation, say))}
    ${
      eligible.length === 0
        ? html`<p class="note">${say('nothingEligible')}</p>`
        : html`<form method="post" action="${path}">
            ${token}
            <fieldset>
              <legend>${say('role')}</legend>
              ${eligible.map((each) => choice(each, each === wantedFirst, say, language))}
            </fieldset>
            <label
              >${say('scope')}<input
                name="scope"
                maxlength="2048"
                autocomplete="off"
                value="${wanted.scope ?? ''}"
              /><small>${say('scopeHint')}</small></label
            >
            <label
              >${say('duration')}<select name="duration">
                ${durations(eligible).map((text) => html`<option value="${text}">${durationText(text, language)}</option>`)}
              </select></label
            >
            <label>${say('justification')}<textarea name="justification" rows="3" maxlength="1000"></textarea></label>
            <div class="actions">
              <button class="primary" name="decision" value="request">${say('request')}</button>
            </div>
          </form>`
    }
    <p class="soft">${say('recorded')}</p>`;
  return { status: 200, title, body };
}

type Say = (key: keyof typeof actionTexts, params?: Record<string, string>) => string;

const choice = (
  { id, role, scope, maximumDuration, approval }: ShownEligibility,
  checked: boolean,
  say: Say,
  language: Language,
): Html =>
  html`<label class="choice"
    ><input type="radio" name="eligibility" value="${id}" required ${checked && html`checked`} /><span
      >${visible(role)}<small>${placeText(scope)}</small
      ><small
        >${say(approval ? 'withApproval' : 'atOnce')} ·
        ${say('atMost', { duration: durationText(maximumDuration, language) })}</small
      ></span
    ></label
  >`;

const held = (
  { id, role, scope, state, azure = '', endsAt = '' }: ShownElevation,
  path: string,
  token: Html,
  say: Say,
  language: Language,
): Html =>
  html`<form method="post" action="${path}" class="note">
    ${token}<input type="hidden" name="id" value="${id}" />
    <p><strong>${visible(role)}</strong><br />${placeText(scope)}</p>
    <p>
      ${state === 'activating' ? say('waitsForAzure', { status: azure }) : say('heldUntil', { until: timeText(endsAt, language) })}
    </p>
    <div class="actions"><button name="decision" value="end">${say('endNow')}</button></div>
  </form>`;

const waiting = ({ role, scope, approval = '' }: ShownElevation, say: Say): Html =>
  html`<div class="note">
    <p><strong>${visible(role)}</strong><br />${placeText(scope)}</p>
    <p>${say('statePending')}</p>
    <div class="actions"><a class="button" href="/approvals/${approval}">${say('showRequest')}</a></div>
  </div>`;

function durations(eligible: readonly ShownEligibility[]): string[] {
  const most = Math.max(...eligible.map(({ maximumDuration }) => parseDuration(maximumDuration) ?? 0));
  return [...new Set([...offeredMs.filter((ms) => ms < most), most])].map(formatDuration);
}
