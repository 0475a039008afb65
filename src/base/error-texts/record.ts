// What people read about the audit record: what it shows only to some, and what it must not forget.

export const recordTexts = {
  record_mfa: {
    message: {
      en: 'To read contents of calls, to erase a person from the record or to release a legal hold needs a sign-in with a second factor.',
      ja: '呼び出し内容の閲覧、記録からの個人の消去、訴訟ホールドの解除には、多要素認証によるサインインが必要です。',
      ko: '호출 내용을 읽거나, 기록에서 사람을 지우거나, 법적 보존을 해제하려면 다단계 인증을 사용한 로그인이 필요합니다.',
      'zh-Hant': '讀取呼叫內容、從記錄中清除人員或解除法律保留,需要以多重要素驗證登入。',
    },
    hint: {
      en: 'Sign in again with the second factor, as the answer asks for it.',
      ja: '応答の要求に従い、多要素認証でサインインし直してください。',
      ko: '응답에서 요구하는 대로 다단계 인증으로 다시 로그인하세요.',
      'zh-Hant': '請依回應的要求,以多重要素驗證重新登入。',
    },
  },
  record_held: {
    message: {
      en: 'Records of {user} are on legal hold {hold} ({reason}), so the person cannot be erased.',
      ja: '{user} の記録は訴訟ホールド {hold}({reason})の対象のため、この人物を消去できません。',
      ko: '{user}의 기록은 법적 보존 {hold}({reason})의 대상이므로 이 사람을 지울 수 없습니다.',
      'zh-Hant': '{user} 的記錄受法律保留 {hold}({reason})約束,因此無法清除此人員。',
    },
    hint: {
      en: 'Once nobody needs the records any more: genkan hold release {hold}',
      ja: '記録が不要になったら、次を実行してください: genkan hold release {hold}',
      ko: '기록이 더 이상 필요하지 않으면 다음을 실행하세요: genkan hold release {hold}',
      'zh-Hant': '不再需要這些記錄後,請執行:genkan hold release {hold}',
    },
  },
  record_erase_self: {
    message: {
      en: 'Nobody erases their own records.',
      ja: '自分自身の記録を消去することはできません。',
      ko: '자신의 기록은 직접 지울 수 없습니다.',
      'zh-Hant': '任何人都不能清除自己的記錄。',
    },
    hint: {
      en: 'Somebody else who has the right can do it.',
      ja: '権限を持つ別の担当者に依頼してください。',
      ko: '권한이 있는 다른 사람에게 요청하세요.',
      'zh-Hant': '請由其他具有權限的人員執行。',
    },
  },
} as const;
