// What people read when something waits for a person's approval, or when they may not give it.
import type { Text } from '../text.ts';

export const approvalTexts = {
  access_approval_own: {
    message: {
      en: 'Nobody approves their own request.',
      ja: '自分の申請を自分で承認することはできません。',
      ko: '자신의 요청은 스스로 승인할 수 없습니다.',
      'zh-Hant': '任何人都不能核准自己的申請。',
    },
    hint: {
      en: 'Ask one of the other approvers.',
      ja: 'ほかの承認者に依頼してください。',
      ko: '다른 승인자에게 요청하세요.',
      'zh-Hant': '請洽其他核准者。',
    },
  },
  access_approval_not_approver: {
    message: {
      en: 'You are not among the approvers of this request.',
      ja: 'あなたはこの申請の承認者ではありません。',
      ko: '이 요청의 승인자가 아닙니다.',
      'zh-Hant': '您不是此申請的核准者。',
    },
    hint: {
      en: 'Approvers are people whom the policy names, in their own name: no agent decides, and no assistant for a person.',
      ja: '承認できるのは、ポリシーに指定された本人だけです。エージェントや、本人の代わりに動くアシスタントは承認できません。',
      ko: '승인은 정책에 지정된 본인만 할 수 있습니다. 에이전트나 본인을 대신하는 어시스턴트는 승인할 수 없습니다.',
      'zh-Hant': '核准者是原則所指定的本人:代理程式或代替本人行動的助理都不能核准。',
    },
  },
  access_approval_mfa: {
    message: {
      en: 'This decision needs a sign-in with a second factor.',
      ja: 'この判断には、多要素認証によるサインインが必要です。',
      ko: '이 결정에는 다단계 인증을 사용한 로그인이 필요합니다.',
      'zh-Hant': '此決定需要以多重要素驗證登入。',
    },
    hint: {
      en: 'Open the link of the request in a browser: it asks for the second factor.',
      ja: '申請のリンクをブラウザーで開くと、多要素認証を求められます。',
      ko: '요청의 링크를 브라우저에서 열면 다단계 인증을 요청합니다.',
      'zh-Hant': '請在瀏覽器中開啟申請的連結,即會要求多重要素驗證。',
    },
  },
  access_approval_over: {
    message: {
      en: 'There is nothing to decide any more: the request is {state}.',
      ja: 'この申請はすでに終わっています（{state}）。',
      ko: '이미 끝난 요청입니다({state}).',
      'zh-Hant': '此申請已結束({state}),無需再決定。',
    },
    hint: {
      en: 'If it is still needed, it has to be requested again.',
      ja: 'まだ必要であれば、改めて申請してください。',
      ko: '아직 필요하다면 다시 요청해야 합니다.',
      'zh-Hant': '如仍有需要,請重新申請。',
    },
  },
  access_approval_unknown: {
    message: {
      en: 'There is no such request.',
      ja: 'そのような申請はありません。',
      ko: '그런 요청이 없습니다.',
      'zh-Hant': '沒有這個申請。',
    },
    hint: {
      en: 'List what waits: genkan approval list.',
      ja: '承認待ちの一覧: genkan approval list',
      ko: '대기 중인 목록: genkan approval list',
      'zh-Hant': '列出等待中的申請:genkan approval list',
    },
  },
  access_approvals_too_many: {
    message: {
      en: 'You have {limit} requests that wait for an approval; one more is not taken.',
      ja: '承認待ちの申請が {limit} 件あるため、これ以上は受け付けられません。',
      ko: '승인을 기다리는 요청이 {limit}개 있어 더 받을 수 없습니다.',
      'zh-Hant': '您已有 {limit} 個申請等待核准,無法再受理。',
    },
    hint: {
      en: 'Wait until some are decided, or withdraw those that are not needed any more.',
      ja: '判断されるのを待つか、不要になった申請を取り下げてください。',
      ko: '일부가 결정될 때까지 기다리거나 더 이상 필요 없는 요청을 철회하세요.',
      'zh-Hant': '請等候部分申請決定,或撤回不再需要的申請。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
