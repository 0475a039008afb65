// What people read about conditional access: what a policy asks for, and what to do.

export const conditionalAccessTexts = {
  identity_step_up_required: {
    message: {
      en: 'The policy "{policy}" asks for a stronger sign-in.',
      ja: 'ポリシー「{policy}」により、より強力なサインインが必要です。',
      ko: '정책 "{policy}"에 따라 더 강력한 로그인이 필요합니다.',
      'zh-Hant': '原則「{policy}」要求更高強度的登入。',
    },
    hint: {
      en: 'Sign in again when your client asks for it; prove {contexts} (a second factor or a managed device, as your organisation has set it up).',
      ja: 'クライアントから求められたら、もう一度サインインしてください。{contexts} の証明 (組織の設定により、追加の認証や管理対象デバイス) が必要です。',
      ko: '클라이언트에서 요청하면 다시 로그인하여 {contexts}을(를) 증명하세요. 조직의 설정에 따라 추가 인증이나 관리되는 디바이스가 필요합니다.',
      'zh-Hant': '請在用戶端提示時重新登入，並證明 {contexts}（依貴組織的設定，可能是第二道驗證或受管理的裝置）。',
    },
  },
  identity_sign_in_stale: {
    message: {
      en: 'Your sign-in is older than the policy "{policy}" allows.',
      ja: 'サインインしてからの時間が、ポリシー「{policy}」の上限を超えています。',
      ko: '로그인한 지 정책 "{policy}"에서 허용하는 시간이 지났습니다.',
      'zh-Hant': '您的登入時間已超過原則「{policy}」允許的期限。',
    },
    hint: {
      en: 'Sign in again.',
      ja: 'もう一度サインインしてください。',
      ko: '다시 로그인하세요.',
      'zh-Hant': '請重新登入。',
    },
  },
  identity_access_blocked: {
    message: {
      en: 'The policy "{policy}" does not allow this access.',
      ja: 'ポリシー「{policy}」により、このアクセスは許可されていません。',
      ko: '정책 "{policy}"에서 이 액세스를 허용하지 않습니다.',
      'zh-Hant': '原則「{policy}」不允許此存取。',
    },
    hint: {
      en: 'Signing in again does not help. Try from an allowed place, or ask your administrator about the policy.',
      ja: 'サインインし直しても解決しません。許可された場所から試すか、ポリシーについて管理者に問い合わせてください。',
      ko: '다시 로그인해도 해결되지 않습니다. 허용된 위치에서 시도하거나 관리자에게 정책을 문의하세요.',
      'zh-Hant': '重新登入也無法解決。請改由允許的位置存取，或向管理員詢問此原則。',
    },
  },
  conditional_access_invalid: {
    message: {
      en: 'The conditional access policy "{policy}" cannot be used: {reason}.',
      ja: '条件付きアクセス ポリシー「{policy}」は使用できません: {reason}。',
      ko: '조건부 액세스 정책 "{policy}"을(를) 사용할 수 없습니다: {reason}.',
      'zh-Hant': '無法使用條件式存取原則「{policy}」：{reason}。',
    },
    hint: {
      en: 'Correct the policy or identity.conditionalAccess in the configuration.',
      ja: 'ポリシー、または構成の identity.conditionalAccess を修正してください。',
      ko: '정책 또는 구성의 identity.conditionalAccess를 수정하세요.',
      'zh-Hant': '請修正該原則或設定中的 identity.conditionalAccess。',
    },
  },
  conditional_access_off: {
    message: {
      en: 'No conditional access policies are configured.',
      ja: '条件付きアクセス ポリシーが構成されていません。',
      ko: '구성된 조건부 액세스 정책이 없습니다.',
      'zh-Hant': '尚未設定條件式存取原則。',
    },
    hint: {
      en: 'List them below identity.conditionalAccess.policies.',
      ja: 'identity.conditionalAccess.policies に列挙してください。',
      ko: 'identity.conditionalAccess.policies에 나열하세요.',
      'zh-Hant': '請列在 identity.conditionalAccess.policies 之下。',
    },
  },
};
