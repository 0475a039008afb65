// The pages of the stand-in identity provider: choosing who to be, the second factor, and what went wrong. No script, no outside resource.
import { hash } from 'node:crypto';
import { t } from '../base/text.ts';
import type { Language, Text } from '../base/text.ts';
import { Html, html } from '../identity/html.ts';
import type { TrialPerson } from './people.ts';

const texts = {
  label: {
    en: 'Stand-in identity provider of the trial: anybody on this machine can be anybody.',
    ja: '試用モードの代理 ID プロバイダーです。このマシンを使える人は、だれにでもなれます。',
    ko: '체험 모드의 대역 ID 공급자입니다. 이 컴퓨터를 쓰는 사람은 누구든 될 수 있습니다.',
    'zh-Hant': '這是試用模式的替身身分識別提供者：使用這台電腦的任何人都可以成為任何人。',
  },
  title: {
    en: 'Who is at the door?',
    ja: 'どなたですか？',
    ko: '누구신가요?',
    'zh-Hant': '請問您是哪位？',
  },
  lead: {
    en: 'Genkan wants to know who is asking. There are no passwords here; in your company this page is the one of Microsoft Entra ID.',
    ja: 'Genkan が、だれからの要求かを確かめています。ここではパスワードは不要です。実際の環境では、このページは Microsoft Entra ID のサインイン画面になります。',
    ko: 'Genkan이 누구의 요청인지 확인하려고 합니다. 여기에는 비밀번호가 없습니다. 실제 환경에서는 이 페이지가 Microsoft Entra ID 로그인 페이지가 됩니다.',
    'zh-Hant':
      'Genkan 想確認是誰提出要求。這裡不需要密碼；在貴公司的環境中，此頁面會是 Microsoft Entra ID 的登入頁面。',
  },
  factorTitle: {
    en: 'Is it really you?',
    ja: '本人確認',
    ko: '본인 확인',
    'zh-Hant': '確認是您本人',
  },
  factorLead: {
    en: 'For this, Genkan asks for a second factor. In your company your phone would ring now; here a click stands in for it.',
    ja: 'この操作には多要素認証が必要です。実際の環境ではスマートフォンに確認の通知が届きますが、ここではボタンを押すだけです。',
    ko: '이 작업에는 다단계 인증이 필요합니다. 실제 환경에서는 휴대폰으로 확인 알림이 오지만, 여기서는 버튼을 누르면 됩니다.',
    'zh-Hant': '這項操作需要多重要素驗證。在貴公司的環境中，您的手機此時會收到確認通知；在這裡按一下按鈕即可。',
  },
  factorShown: {
    en: 'Confirm with the second factor',
    ja: '多要素認証で確認する',
    ko: '다단계 인증으로 확인',
    'zh-Hant': '以多重要素驗證確認',
  },
  factorNone: {
    en: 'Sign in without it',
    ja: '確認せずにサインインする',
    ko: '확인하지 않고 로그인',
    'zh-Hant': '不驗證，直接登入',
  },
  failedTitle: {
    en: 'This sign-in cannot go on',
    ja: 'サインインを続けられません',
    ko: '로그인을 계속할 수 없습니다',
    'zh-Hant': '無法繼續登入',
  },
  failedLead: {
    en: 'It was already used, or it has expired. Start again from your MCP client.',
    ja: 'すでに使われたか、有効期限が切れています。MCP クライアントからもう一度始めてください。',
    ko: '이미 사용되었거나 만료되었습니다. MCP 클라이언트에서 다시 시작하세요.',
    'zh-Hant': '此登入已使用過或已過期。請從 MCP 用戶端重新開始。',
  },
} satisfies Record<string, Text>;

const style = `
:root { color-scheme: light dark; --paper: #f6f3ec; --card: #fffdf8; --ink: #23201b; --soft: #6d665b; --line: #ded6c7; --accent: #9c3d22; --warn: #fff1cf; --warn-ink: #5c4300; }
@media (prefers-color-scheme: dark) { :root { --paper: #191714; --card: #23201c; --ink: #f0ebe2; --soft: #a89f91; --line: #3a352e; --accent: #ef8f6c; --warn: #3a2e10; --warn-ink: #ffdf9b; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, "Noto Sans CJK JP", "Hiragino Sans", "Malgun Gothic", sans-serif; }
.label { margin: 0; padding: .7rem 1.25rem; background: var(--warn); color: var(--warn-ink); font-size: .9rem; text-align: center; }
main { width: min(34rem, 100% - 2.5rem); margin: clamp(1.75rem, 7vh, 5rem) auto 3rem; }
.mark { margin: 0 0 1.25rem; color: var(--accent); font-size: .95rem; letter-spacing: .12em; }
h1 { margin: 0 0 .5rem; font-size: clamp(1.6rem, 5vw, 2.1rem); font-weight: 650; line-height: 1.25; letter-spacing: -.01em; }
.lead { margin: 0 0 2rem; color: var(--soft); }
.asked { display: flex; align-items: center; gap: 1rem; margin: 0 0 1.25rem; }
ul { margin: 0; padding: 0; list-style: none; display: grid; gap: .75rem; }
button { display: grid; grid-template-columns: auto 1fr auto; align-items: center; gap: 1rem; width: 100%; padding: 1rem 1.1rem; border: 1px solid var(--line); border-radius: .9rem; background: var(--card); color: inherit; font: inherit; text-align: start; cursor: pointer; transition: border-color .15s, translate .15s; }
button:hover, button:focus-visible { border-color: var(--accent); translate: 0 -1px; }
button:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 40%, transparent); outline-offset: 2px; }
.face { display: grid; place-items: center; width: 2.75rem; height: 2.75rem; border-radius: 50%; background: color-mix(in srgb, var(--accent) 14%, transparent); color: var(--accent); font-weight: 650; font-size: 1.15rem; }
.who strong { display: block; font-weight: 620; line-height: 1.35; }
.who span { display: block; color: var(--soft); font-size: .875rem; line-height: 1.45; }
.group { padding: .1rem .6rem; border: 1px solid var(--line); border-radius: 1rem; color: var(--soft); font-size: .8rem; white-space: nowrap; }
button.plain { grid-template-columns: 1fr; text-align: center; } button.primary { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 620; }
@media (max-width: 30rem) { button:not(.plain) { grid-template-columns: auto 1fr; } .group { grid-column: 2; justify-self: start; } }
@media (prefers-reduced-motion: reduce) { button { transition: none; } }
`;

// Kept out of the template below, where a formatter could add white space that its hash does not cover.
const sheet = new Html(`<style>${style}</style>`);

/**
 * Headers of every page. There is no `form-action`: browsers apply it to the whole chain of redirects behind the form, and that
 * chain ends at the redirect URI of whichever MCP client asked. Nothing that a visitor sends is ever written into a page.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The page that asks who to be; the answer is posted to `action` as `person=ID`. */
export function choicePage(people: readonly TrialPerson[], action: string, language: Language): string {
  const choices = people.map(
    ({ id, name, email, groups, note }) =>
      html`<li>
        <button name="person" value="${id}">
          <span class="face" aria-hidden="true">${name.slice(0, 1)}</span>
          <span class="who"><strong>${name}</strong><span>${email}</span><span>${t(note, language)}</span></span>
          <span class="group">${groups.join(', ')}</span>
        </button>
      </li>`,
  );
  const form = html`<form method="post" action="${action}">
    <ul>
      ${choices}
    </ul>
  </form>`;
  return page(language, texts.title, texts.lead, form);
}

/** The page that asks for the second factor; the answer is posted to `action` as `person=ID` and `factor=shown` or `factor=none`. */
export function secondFactorPage({ id, name, email }: TrialPerson, action: string, language: Language): string {
  const say = (key: keyof typeof texts): string => t(texts[key], language);
  const form = html`<form method="post" action="${action}">
    <input type="hidden" name="person" value="${id}" />
    <p class="asked">
      <span class="face" aria-hidden="true">${name.slice(0, 1)}</span>
      <span class="who"><strong>${name}</strong><span>${email}</span></span>
    </p>
    <ul>
      <li><button class="plain primary" name="factor" value="shown">${say('factorShown')}</button></li>
      <li><button class="plain" name="factor" value="none">${say('factorNone')}</button></li>
    </ul>
  </form>`;
  return page(language, texts.factorTitle, texts.factorLead, form);
}

/** The page for a sign-in that cannot go on. It says nothing about the cause, which stands in the log. */
export const failurePage = (language: Language): string => page(language, texts.failedTitle, texts.failedLead);

function page(language: Language, title: Text, lead: Text, body?: Html): string {
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${t(title, language)} · Genkan</title>
        ${sheet}
      </head>
      <body>
        <p class="label" role="note">${t(texts.label, language)}</p>
        <main>
          <p class="mark" lang="ja" aria-hidden="true">玄関 GENKAN</p>
          <h1>${t(title, language)}</h1>
          <p class="lead">${t(lead, language)}</p>
          ${body}
        </main>
      </body>
    </html>`.markup;
}
