// What people read when a role is not held for a while, or no longer, and when an emergency is looked at afterwards.
import type { Text } from '../text.ts';

export const elevationTexts = {
  access_elevation_settings: {
    message: {
      en: 'The rules of elevation in {file} cannot be used: {reason}.',
      ja: '{file} の昇格ルールを使用できません: {reason}。',
      ko: '{file}의 권한 상승 규칙을 사용할 수 없습니다: {reason}.',
      'zh-Hant': '無法使用 {file} 中的權限提升規則:{reason}。',
    },
    hint: {
      en: 'Write it in the shape of Azure PIM: approvalSettings and activationSettings.',
      ja: 'Azure PIM と同じ形式（approvalSettings と activationSettings）で記述してください。',
      ko: 'Azure PIM과 같은 형식(approvalSettings, activationSettings)으로 작성하세요.',
      'zh-Hant': '請以 Azure PIM 的格式撰寫:approvalSettings 與 activationSettings。',
    },
  },
  access_elevation_person: {
    message: {
      en: 'Only people hold a role for a while, and they ask for it in their own name.',
      ja: '昇格を申請できるのは、本人として操作している人だけです。',
      ko: '권한 상승은 본인이 직접 요청해야 합니다.',
      'zh-Hant': '只有本人能以自己的名義申請提升權限。',
    },
    hint: {
      en: 'No agent, and no assistant that acts for a person, can ask for it. Open the page in a browser.',
      ja: 'エージェントや、本人の代わりに動くアシスタントは申請できません。ブラウザーでページを開いてください。',
      ko: '에이전트나 본인을 대신하는 어시스턴트는 요청할 수 없습니다. 브라우저에서 페이지를 여세요.',
      'zh-Hant': '代理程式或代替本人行動的助理不能申請。請在瀏覽器中開啟頁面。',
    },
  },
  access_elevation_not_eligible: {
    message: {
      en: 'You are not eligible for the role "{role}" at {scope}.',
      ja: '{scope} でのロール「{role}」の資格がありません。',
      ko: '{scope}에서 "{role}" 역할에 대한 자격이 없습니다.',
      'zh-Hant': '您不具備 {scope} 的「{role}」角色資格。',
    },
    hint: {
      en: 'List what you may request: genkan eligibility list. An administrator can make you eligible.',
      ja: '申請できるロールの一覧: genkan eligibility list。資格は管理者が付与します。',
      ko: '요청할 수 있는 역할 목록: genkan eligibility list. 자격은 관리자가 부여합니다.',
      'zh-Hant': '列出可申請的角色:genkan eligibility list。資格由管理員授予。',
    },
  },
  access_elevation_duration: {
    message: {
      en: 'It can be held for at most {limit}.',
      ja: '期間は最長 {limit} です。',
      ko: '기간은 최대 {limit}입니다.',
      'zh-Hant': '期間最長為 {limit}。',
    },
    hint: {
      en: 'Ask for a shorter time, or request it again once it is over.',
      ja: 'より短い期間で申請するか、終了後に改めて申請してください。',
      ko: '더 짧은 기간으로 요청하거나, 끝난 뒤 다시 요청하세요.',
      'zh-Hant': '請申請較短的期間,或於結束後重新申請。',
    },
  },
  access_elevation_justification: {
    message: {
      en: 'Say why, in at least {limit} characters.',
      ja: '理由を {limit} 文字以上で入力してください。',
      ko: '사유를 {limit}자 이상 입력하세요.',
      'zh-Hant': '請以至少 {limit} 個字元說明理由。',
    },
    hint: {
      en: 'Approvers and auditors read it.',
      ja: '承認者と監査担当者が読みます。',
      ko: '승인자와 감사자가 읽습니다.',
      'zh-Hant': '核准者與稽核人員會閱讀。',
    },
  },
  access_elevation_mfa: {
    message: {
      en: 'This role can be had only after a sign-in with a second factor.',
      ja: 'このロールには、多要素認証によるサインインが必要です。',
      ko: '이 역할을 얻으려면 다단계 인증을 사용한 로그인이 필요합니다.',
      'zh-Hant': '此角色須以多重要素驗證登入後才能取得。',
    },
    hint: {
      en: 'Request it at {page}, which asks for the second factor.',
      ja: '多要素認証を求めるこのページから申請してください: {page}',
      ko: '다단계 인증을 요청하는 이 페이지에서 신청하세요: {page}',
      'zh-Hant': '請在此頁面申請,頁面會要求多重要素驗證:{page}',
    },
  },
  access_elevation_approvers: {
    message: {
      en: 'Nobody can approve this: of the approvers ({names}) none is known here but perhaps you.',
      ja: '承認できる人がいません。承認者（{names}）のうち、申請者本人以外に確認できる人がいません。',
      ko: '승인할 수 있는 사람이 없습니다. 승인자({names}) 중 요청자 외에 확인된 사람이 없습니다.',
      'zh-Hant': '無人可以核准:核准者({names})中,除申請者本人外沒有已知的人員。',
    },
    hint: {
      en: 'An administrator has to name approvers by principal id or group, or they have to sign in once.',
      ja: '管理者が承認者をプリンシパル ID またはグループで指定するか、承認者が一度サインインする必要があります。',
      ko: '관리자가 승인자를 주체 ID나 그룹으로 지정하거나, 승인자가 한 번 로그인해야 합니다.',
      'zh-Hant': '管理員須以主體 ID 或群組指定核准者,或由核准者先登入一次。',
    },
  },
  access_elevation_active: {
    message: {
      en: 'You hold this role already, until {until}.',
      ja: 'このロールはすでに付与されています（{until} まで）。',
      ko: '이 역할을 이미 가지고 있습니다({until}까지).',
      'zh-Hant': '您已擁有此角色,至 {until} 為止。',
    },
    hint: {
      en: 'If that is not long enough, extend it.',
      ja: '期間が足りない場合は延長してください。',
      ko: '기간이 부족하면 연장하세요.',
      'zh-Hant': '若時間不足,請延長。',
    },
  },
  access_elevation_too_many: {
    message: {
      en: 'So much cannot be held, or taken within a day, by one person: {limit} is the limit.',
      ja: '1 人が保持できる数、または 1 日に取得できる数の上限（{limit}）に達しています。',
      ko: '한 사람이 가질 수 있는 수 또는 하루에 취득할 수 있는 수의 한도({limit})에 도달했습니다.',
      'zh-Hant': '已達一人可持有數量或一日可取得數量的上限({limit})。',
    },
    hint: {
      en: 'End what is no longer needed: genkan elevation end. In an emergency, take the role at the place above all that you need.',
      ja: '不要になったものを終了してください: genkan elevation end。緊急時は、必要な範囲をすべて含む上位のスコープで取得してください。',
      ko: '더 이상 필요 없는 것을 끝내세요: genkan elevation end. 긴급한 경우에는 필요한 범위를 모두 포함하는 상위 범위에서 취득하세요.',
      'zh-Hant': '請結束不再需要的項目:genkan elevation end。緊急時,請在涵蓋所需全部範圍的上層取得角色。',
    },
  },
  access_elevation_unknown: {
    message: {
      en: 'There is no such elevation.',
      ja: 'そのような昇格はありません。',
      ko: '그런 권한 상승이 없습니다.',
      'zh-Hant': '沒有這個權限提升。',
    },
    hint: {
      en: 'List them: genkan elevation list.',
      ja: '一覧: genkan elevation list',
      ko: '목록: genkan elevation list',
      'zh-Hant': '列出:genkan elevation list',
    },
  },
  access_elevation_azure_scope: {
    message: {
      en: 'Azure activates a role at one place; {scope} is a pattern.',
      ja: 'Azure のロール有効化には単一のスコープが必要です。{scope} はパターンです。',
      ko: 'Azure는 역할을 한 범위에서만 활성화합니다. {scope}은(는) 패턴입니다.',
      'zh-Hant': 'Azure 只能在單一範圍啟用角色;{scope} 是樣式。',
    },
    hint: {
      en: 'Request it for one subscription, resource group or resource.',
      ja: '特定のサブスクリプション、リソース グループ、またはリソースを指定して申請してください。',
      ko: '하나의 구독, 리소스 그룹 또는 리소스에 대해 요청하세요.',
      'zh-Hant': '請針對單一訂用帳戶、資源群組或資源提出申請。',
    },
  },
  access_elevation_azure_not_eligible: {
    message: {
      en: 'At Azure you are not eligible for {role} at {scope}.',
      ja: 'Azure では、{scope} の {role} に対する資格がありません。',
      ko: 'Azure에서 {scope}의 {role} 역할에 대한 자격이 없습니다.',
      'zh-Hant': '您在 Azure 不具 {scope} 的 {role} 角色資格。',
    },
    hint: {
      en: 'This role is activated by Azure’s Privileged Identity Management; an administrator has to make you eligible there.',
      ja: 'このロールは Azure の Privileged Identity Management で有効化されます。管理者にそちらでの資格の割り当てを依頼してください。',
      ko: '이 역할은 Azure Privileged Identity Management에서 활성화됩니다. 관리자가 그곳에서 자격을 부여해야 합니다.',
      'zh-Hant': '此角色由 Azure 的 Privileged Identity Management 啟用,須由管理員在該處給予資格。',
    },
  },
  access_elevation_azure_sign_in: {
    message: {
      en: 'Azure wants more for this role than your last sign-in has shown.',
      ja: 'このロールには、前回のサインインより強い認証が Azure で求められています。',
      ko: 'Azure가 이 역할에 대해 지난 로그인보다 강한 인증을 요구합니다.',
      'zh-Hant': 'Azure 對此角色的要求高於您上次登入所證明的。',
    },
    hint: {
      en: 'Sign in once more, then request it: {page}',
      ja: 'もう一度サインインしてから申請してください: {page}',
      ko: '다시 로그인한 다음 요청하세요: {page}',
      'zh-Hant': '請重新登入後再提出申請:{page}',
    },
  },
  access_elevation_azure_refused: {
    message: {
      en: 'Azure does not activate this role: {reason}',
      ja: 'Azure はこのロールを有効化しません: {reason}',
      ko: 'Azure가 이 역할을 활성화하지 않습니다: {reason}',
      'zh-Hant': 'Azure 不啟用此角色:{reason}',
    },
    hint: {
      en: 'What holds for a role at Azure stands there, in the settings of Privileged Identity Management.',
      ja: 'ロールの条件は Azure の Privileged Identity Management の設定で確認してください。',
      ko: '역할의 조건은 Azure Privileged Identity Management 설정에서 확인하세요.',
      'zh-Hant': '角色的條件請見 Azure 的 Privileged Identity Management 設定。',
    },
  },
  access_elevation_azure_away: {
    message: {
      en: 'Azure cannot be asked to activate the role right now.',
      ja: '現在、Azure にロールの有効化を依頼できません。',
      ko: '지금은 Azure에 역할 활성화를 요청할 수 없습니다.',
      'zh-Hant': '目前無法請求 Azure 啟用此角色。',
    },
    hint: {
      en: 'Try again in a minute.',
      ja: 'しばらくしてからもう一度お試しください。',
      ko: '잠시 후 다시 시도하세요.',
      'zh-Hant': '請稍後再試。',
    },
  },
  access_elevation_over: {
    message: {
      en: 'The elevation is over.',
      ja: 'この昇格はすでに終了しています。',
      ko: '이미 끝난 권한 상승입니다.',
      'zh-Hant': '此權限提升已結束。',
    },
    hint: {
      en: 'If it is still needed, request it again.',
      ja: 'まだ必要であれば、改めて申請してください。',
      ko: '아직 필요하다면 다시 요청하세요.',
      'zh-Hant': '如仍有需要,請重新申請。',
    },
  },
  access_break_glass_reviewer: {
    message: {
      en: 'You are not among those who may review this emergency.',
      ja: 'この緊急アクセスをレビューする権限がありません。',
      ko: '이 긴급 액세스를 검토할 수 없습니다.',
      'zh-Hant': '您無權審查此緊急存取。',
    },
    hint: {
      en: 'Reviewers are people whom the policy names, in their own name, and never the one who used it.',
      ja: 'レビューできるのは、ポリシーに指定された本人で、使用した人以外に限られます。',
      ko: '검토자는 정책에 지정된 본인이어야 하며, 사용한 사람은 검토할 수 없습니다.',
      'zh-Hant': '審查者須為原則所指定的本人,且不得為使用者自己。',
    },
  },
  access_break_glass_open: {
    message: {
      en: 'The emergency is not over yet.',
      ja: 'この緊急アクセスはまだ終了していません。',
      ko: '긴급 액세스가 아직 끝나지 않았습니다.',
      'zh-Hant': '此緊急存取尚未結束。',
    },
    hint: {
      en: 'Review it afterwards, or end it first: genkan elevation end.',
      ja: '終了後にレビューするか、先に終了してください: genkan elevation end',
      ko: '끝난 뒤 검토하거나 먼저 종료하세요: genkan elevation end',
      'zh-Hant': '請於結束後審查,或先將其結束:genkan elevation end',
    },
  },
  access_break_glass_reviewed: {
    message: {
      en: 'The emergency has been reviewed already.',
      ja: 'この緊急アクセスはすでにレビュー済みです。',
      ko: '이미 검토된 긴급 액세스입니다.',
      'zh-Hant': '此緊急存取已完成審查。',
    },
    hint: {
      en: 'A finding is written once and never changed.',
      ja: 'レビュー結果は一度だけ記録され、変更できません。',
      ko: '검토 결과는 한 번만 기록되며 변경할 수 없습니다.',
      'zh-Hant': '審查結果僅記錄一次,不得變更。',
    },
  },
} satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
