// What people read when somebody or some client may not come in any more, and about disabling people.
import type { Text } from '../text.ts';

export const killSwitchTexts = {
  identity_principal_disabled: {
    message: {
      en: 'This account is disabled here.',
      ja: 'このアカウントはここでは無効になっています。',
      ko: '이 계정은 여기에서 사용 중지되었습니다.',
      'zh-Hant': '此帳戶在這裡已停用。',
    },
    hint: {
      en: 'Signing in again does not help. Ask your administrator.',
      ja: 'もう一度サインインしても使えません。管理者に問い合わせてください。',
      ko: '다시 로그인해도 사용할 수 없습니다. 관리자에게 문의하세요.',
      'zh-Hant': '重新登入也無法使用。請洽詢您的管理員。',
    },
  },
  identity_client_revoked: {
    message: {
      en: 'This client may not be used any more.',
      ja: 'このクライアントはもう使用できません。',
      ko: '이 클라이언트는 더 이상 사용할 수 없습니다.',
      'zh-Hant': '此用戶端已不得再使用。',
    },
    hint: {
      en: 'An administrator has revoked it. Use another client, or ask your administrator.',
      ja: '管理者が許可を取り消しました。別のクライアントを使うか、管理者に問い合わせてください。',
      ko: '관리자가 허용을 취소했습니다. 다른 클라이언트를 사용하거나 관리자에게 문의하세요.',
      'zh-Hant': '管理員已撤銷其許可。請使用其他用戶端，或洽詢您的管理員。',
    },
  },
  identity_sign_in_disabled: {
    message: {
      en: 'You cannot sign in here: your account is disabled.',
      ja: 'アカウントが無効になっているため、ここにはサインインできません。',
      ko: '계정이 사용 중지되어 여기에 로그인할 수 없습니다.',
      'zh-Hant': '您的帳戶已停用，無法在此登入。',
    },
    hint: {
      en: 'Your organization’s sign-in may well work elsewhere. Ask your administrator to enable the account here.',
      ja: '組織のサインイン自体は他では使える場合があります。ここでアカウントを有効にするよう、管理者に依頼してください。',
      ko: '조직 로그인은 다른 곳에서는 작동할 수 있습니다. 여기에서 계정을 사용하도록 설정해 달라고 관리자에게 요청하세요.',
      'zh-Hant': '貴組織的登入在其他地方可能仍然有效。請管理員在此啟用您的帳戶。',
    },
  },
  operation_principal_self: {
    message: {
      en: 'That is yourself.',
      ja: 'それはあなた自身です。',
      ko: '본인 계정입니다.',
      'zh-Hant': '那是您自己的帳戶。',
    },
    hint: {
      en: 'You would be out at once. With --force it is done all the same; then only somebody else, or the command line at the machine, can enable you.',
      ja: 'ただちに締め出されます。--force を付ければ実行しますが、その後に有効に戻せるのは、ほかの管理者か、マシン上のコマンドラインだけです。',
      ko: '즉시 차단됩니다. --force를 지정하면 그래도 실행되며, 그 후에는 다른 관리자나 컴퓨터의 명령줄에서만 다시 사용하도록 설정할 수 있습니다.',
      'zh-Hant': '您會立即被拒於門外。加上 --force 仍會執行；之後只有其他管理員或主機上的命令列能重新啟用您。',
    },
  },
  operation_principal_last: {
    message: {
      en: '{user} is the last person known here who may administer Genkan.',
      ja: '{user} は、ここで Genkan を管理できる最後の人です。',
      ko: '{user}은(는) 여기에서 Genkan을 관리할 수 있는 마지막 사람입니다.',
      'zh-Hant': '{user} 是這裡最後一位可以管理 Genkan 的人。',
    },
    hint: {
      en: 'Let another administrator sign in first, or use --force; the command line at the machine can still enable people.',
      ja: '先に別の管理者にサインインしてもらうか、--force を使ってください。マシン上のコマンドラインからは引き続き有効にできます。',
      ko: '먼저 다른 관리자가 로그인하게 하거나 --force를 사용하세요. 컴퓨터의 명령줄에서는 계속 사용하도록 설정할 수 있습니다.',
      'zh-Hant': '請先讓另一位管理員登入，或使用 --force；主機上的命令列仍可啟用人員。',
    },
  },
} as const satisfies Record<string, { readonly message: Text; readonly hint: Text }>;
