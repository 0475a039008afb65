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
  access_approval_unread: {
    message: {
      en: 'This request is too long to be shown on a page in full, and nobody approves what they were not shown.',
      ja: 'この申請は長すぎてページに全体を表示できません。表示されていない内容を承認することはできません。',
      ko: '이 요청은 너무 길어 페이지에 전부 표시할 수 없습니다. 표시되지 않은 내용은 승인할 수 없습니다.',
      'zh-Hant': '此申請過長,無法在頁面上完整顯示;未顯示的內容不能核准。',
    },
    hint: {
      en: 'Read all of it with: genkan approval show {id}. Then approve it with: genkan approval approve {id} --whole',
      ja: 'genkan approval show {id} で全体を確認し、genkan approval approve {id} --whole で承認してください。',
      ko: 'genkan approval show {id} 명령으로 전체 내용을 확인한 다음 genkan approval approve {id} --whole 명령으로 승인하세요.',
      'zh-Hant': '請以 genkan approval show {id} 查看完整內容,再以 genkan approval approve {id} --whole 核准。',
    },
  },
  access_approval_pending: {
    message: {
      en: '{tool} on {server} waits for an approval (rule "{rule}"; approvers: {approvers}).',
      ja: '{server} の {tool} は承認待ちです（ルール「{rule}」、承認者: {approvers}）。',
      ko: '{server}의 {tool}이(가) 승인을 기다리고 있습니다(규칙 "{rule}", 승인자: {approvers}).',
      'zh-Hant': '{server} 的 {tool} 正在等待核准(規則「{rule}」,核准者:{approvers})。',
    },
    hint: {
      en: 'It is decided at {url}. Make the very same call again: it passes once it is approved.',
      ja: '承認者はこのページで判断します: {url} 。承認後に、まったく同じ呼び出しをもう一度行うと通ります。',
      ko: '승인자는 이 페이지에서 결정합니다: {url} . 승인된 뒤 똑같은 호출을 다시 하면 통과합니다.',
      'zh-Hant': '核准者在此頁面決定:{url} 。核准之後,再次進行完全相同的呼叫即可通過。',
    },
  },
  access_approval_too_long: {
    message: {
      en: 'This needs an approval (rule "{rule}"), and its arguments are longer than anybody is asked to look through ({limit} characters).',
      ja: 'これには承認（ルール「{rule}」）が必要ですが、引数が確認できる長さ（{limit} 文字）を超えています。',
      ko: '여기에는 승인(규칙 "{rule}")이 필요하지만 인수가 검토할 수 있는 길이({limit}자)를 넘습니다.',
      'zh-Hant': '這需要核准(規則「{rule}」),但其引數超過可供檢視的長度({limit} 個字元)。',
    },
    hint: {
      en: 'Divide it into calls with shorter arguments.',
      ja: '引数の短い複数の呼び出しに分けてください。',
      ko: '인수가 더 짧은 여러 호출로 나누세요.',
      'zh-Hant': '請拆分為引數較短的多個呼叫。',
    },
  },
  access_approval_expired: {
    message: {
      en: 'Nobody has approved this call in time (rule "{rule}").',
      ja: 'この呼び出しは期限までに承認されませんでした（ルール「{rule}」）。',
      ko: '이 호출은 기한 안에 승인되지 않았습니다(규칙 "{rule}").',
      'zh-Hant': '此呼叫未在期限內獲得核准(規則「{rule}」)。',
    },
    hint: {
      en: 'Make the call again to ask once more.',
      ja: 'もう一度依頼するには、呼び出しをやり直してください。',
      ko: '다시 요청하려면 호출을 다시 하세요.',
      'zh-Hant': '若要再次申請,請重新呼叫。',
    },
  },
  access_approval_withdrawn: {
    message: {
      en: 'The request to approve this call was taken back (rule "{rule}").',
      ja: 'この呼び出しの承認依頼は取り下げられました（ルール「{rule}」）。',
      ko: '이 호출의 승인 요청이 철회되었습니다(규칙 "{rule}").',
      'zh-Hant': '此呼叫的核准申請已撤回(規則「{rule}」)。',
    },
    hint: {
      en: 'Make the call again to ask once more.',
      ja: 'もう一度依頼するには、呼び出しをやり直してください。',
      ko: '다시 요청하려면 호출을 다시 하세요.',
      'zh-Hant': '若要再次申請,請重新呼叫。',
    },
  },
  access_call_denied: {
    message: {
      en: '{name} has not approved this call (rule "{rule}"). {comment}',
      ja: '{name} がこの呼び出しを承認しませんでした（ルール「{rule}」）。{comment}',
      ko: '{name}이(가) 이 호출을 승인하지 않았습니다(규칙 "{rule}"). {comment}',
      'zh-Hant': '{name} 未核准此呼叫(規則「{rule}」)。{comment}',
    },
    hint: {
      en: 'Do not repeat it; talk to the approver.',
      ja: '繰り返さずに、承認者に相談してください。',
      ko: '반복하지 말고 승인자와 상의하세요.',
      'zh-Hant': '請勿重複呼叫,請與核准者討論。',
    },
  },
  access_approval_impossible: {
    message: {
      en: 'This needs an approval (rule "{rule}") for which nobody can be asked here.',
      ja: 'これには承認（ルール「{rule}」）が必要ですが、ここでは依頼できません。',
      ko: '여기에는 승인(규칙 "{rule}")이 필요하지만 여기서는 요청할 수 없습니다.',
      'zh-Hant': '這需要核准(規則「{rule}」),但此處無法提出申請。',
    },
    hint: {
      en: 'Make the call through a Genkan that runs as a server.',
      ja: 'サーバーとして動作している Genkan を通して呼び出してください。',
      ko: '서버로 실행 중인 Genkan을 통해 호출하세요.',
      'zh-Hant': '請透過以伺服器方式執行的 Genkan 呼叫。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
